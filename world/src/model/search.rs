//! OpenSearch in both Regions, with cross-cluster replication between them.

use mmdr_core::Deployment;

use super::setup::Setup;
use super::{Ctx, Model};
use crate::network::Ix;

/// Both domains. The content is being written; the signatures below stand.
#[derive(Debug, Default)]
pub struct Search;

impl Search {
    /// A healthy protected pair whose leader is the writer Region.
    pub fn at_peace(_writer: Ix, _setup: &Setup, _deployment: &Deployment, _now: i64) -> Self {
        Self
    }

    /// Whether a search at this Region's domain finds the message `row` now.
    pub fn finds(&self, _region: Ix, _row: u32, _now: i64) -> bool {
        false
    }
}

/// What search does by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {}

/// Schedules what happens by itself.
pub fn begin(_model: &mut Model, _ctx: &mut Ctx<'_>) {}

/// Mattermost at `region` indexes the message `row`, once, and never tries again.
pub fn index_post(_model: &mut Model, _region: Ix, _row: u32, _ctx: &mut Ctx<'_>) {}

/// A re-index job at `region` writes the messages of its window again (those that the database there holds).
pub fn reindex(_model: &mut Model, _region: Ix, _rows: &[(i64, u32)], _ctx: &mut Ctx<'_>) {}

/// The network has changed: links of followers stop or start to carry. Call it right after every change.
pub fn network_changed(_model: &mut Model, _ctx: &mut Ctx<'_>) {}

/// Does what the agenda says.
pub fn handle(_model: &mut Model, timer: &Timer, _ctx: &mut Ctx<'_>) {
    match *timer {}
}
