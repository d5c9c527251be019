//! The state machines: what every definition keeps to, where every way leads, and what becomes of a run in which
//! something goes wrong.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that cannot go on ends the test that called it")]

mod codes;
mod definitions;
mod files;
mod host;
mod picture;
mod runs;
mod stories;
mod ways;
