//! What the parser and the interpreter promise, one sentence each.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that cannot go on ends the test that called it")]

mod choices;
mod definitions;
mod enumeration;
mod limits;
mod parallel;
mod recovery;
mod repetition;
mod shaping;
mod states;
mod support;
mod tasks;
mod timing;
mod tokens;
