//! S3 as Mattermost uses it: two buckets, each replicated into the other.

use mmdr_core::Deployment;

use super::setup::Setup;
use super::{Ctx, Model};
use crate::network::Ix;

/// Both buckets. The content is being written; the signatures below stand.
#[derive(Debug, Default)]
pub struct Files;

impl Files {
    /// Both buckets replicated both ways.
    pub fn at_peace(_writer: Ix, _setup: &Setup, _deployment: &Deployment, _now: i64) -> Self {
        Self
    }

    /// Whether the object `id` lies in this Region's bucket now.
    pub fn has(&self, _region: Ix, _id: u32, _now: i64) -> bool {
        false
    }
}

/// What S3 does by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {}

/// Schedules what happens by itself.
pub fn begin(_model: &mut Model, _ctx: &mut Ctx<'_>) {}

/// PutObject of the file `id` into this Region's bucket. Gives whether S3 took it.
pub fn upload(_model: &mut Model, _region: Ix, _id: u32, _ctx: &mut Ctx<'_>) -> bool {
    true
}

/// The network has changed. Call it right after every change.
pub fn network_changed(_model: &mut Model, _ctx: &mut Ctx<'_>) {}

/// Does what the agenda says.
pub fn handle(_model: &mut Model, timer: &Timer, _ctx: &mut Ctx<'_>) {
    match *timer {}
}
