//! To be written.

use super::{Ctx, Model};

/// To be written.
#[derive(Debug, Default)]
pub struct Nodes;

/// To be written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {}

/// To be written.
pub fn handle(_model: &mut Model, timer: &Timer, _ctx: &mut Ctx<'_>) {
    match *timer {}
}

/// To be written.
pub fn database_became_writable(_model: &mut Model, _region: crate::network::Ix, _ctx: &mut Ctx<'_>) {}
