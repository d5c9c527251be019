//! Probes and heartbeats.

use mmdr_core::Deployment;

use super::setup::Setup;
use super::{Ctx, Model};
use crate::network::Ix;

/// Samples of probes and heartbeats. The content is being written; the signatures below stand.
#[derive(Debug, Default)]
pub struct Witnesses;

impl Witnesses {
    /// No samples yet.
    pub fn at_peace(_writer: Ix, _setup: &Setup, _deployment: &Deployment, _now: i64) -> Self {
        Self
    }
}

/// What happens by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {}

/// Schedules what happens by itself.
pub fn begin(_model: &mut Model, _ctx: &mut Ctx<'_>) {}

/// Whether Mattermost in `region` answers a probe from `from` and can write.
pub fn application_works(_model: &Model, region: Ix, from: Ix, ctx: &Ctx<'_>) -> bool {
    ctx.network.reaches(from, region)
}

/// Does what the agenda says.
pub fn handle(_model: &mut Model, timer: &Timer, _ctx: &mut Ctx<'_>) {
    match *timer {}
}
