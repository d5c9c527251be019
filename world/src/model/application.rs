//! To be written.

use super::{Ctx, Model};

/// To be written.
#[derive(Debug, Default)]
pub struct Application;

/// To be written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {}

/// To be written.
pub fn handle(_model: &mut Model, timer: &Timer, _ctx: &mut Ctx<'_>) {
    match *timer {}
}
