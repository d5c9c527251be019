//! Route 53 and resolvers: what the public name answers, and to whom.

use mmdr_core::Deployment;

use super::setup::Setup;
use super::{Ctx, Model};
use crate::network::Ix;

/// How many resolvers there are: two in each of three vantages (Region 0, Region 1, outside).
pub const RESOLVERS: usize = 6;

/// Records, flags, health check and caches. The content is being written; the signatures below stand.
#[derive(Debug, Default)]
pub struct Dns {
    writer: Ix,
}

impl Dns {
    /// Armed: PRIMARY is the writer, and its health check watches the other Region's flag.
    pub fn at_peace(writer: Ix, _setup: &Setup, _deployment: &Deployment, _now: i64) -> Self {
        Self { writer }
    }

    /// The Region that a client of this resolver (0 to 5, taken modulo) connects to, from the resolver's cache.
    pub fn resolve(&mut self, _resolver: usize, _now: i64) -> Ix {
        self.writer
    }
}

/// What Route 53 does by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {}

/// Schedules what happens by itself.
pub fn begin(_model: &mut Model, _ctx: &mut Ctx<'_>) {}

/// Does what the agenda says.
pub fn handle(_model: &mut Model, timer: &Timer, _ctx: &mut Ctx<'_>) {
    match *timer {}
}
