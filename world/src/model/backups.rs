//! Recovery points of every kind.

use mmdr_core::Deployment;

use super::setup::Setup;
use super::{Ctx, Model};
use crate::network::Ix;

/// Recovery points. The content is being written; the signatures below stand.
#[derive(Debug, Default)]
pub struct Backups;

impl Backups {
    /// Daily recovery points of every kind in both Regions, and copies off site.
    pub fn at_peace(_writer: Ix, _setup: &Setup, _deployment: &Deployment, _now: i64) -> Self {
        Self
    }
}

/// Schedules what happens by itself.
pub fn begin(_model: &mut Model, _ctx: &mut Ctx<'_>) {}
