//! Tidy is a test: what a reader relies on without being told, held by machine.
//!
//! Each rule is one test, and a test that fails lists everything that it found. A finding is mended where it lies; a
//! rule is only widened with a reason beside the exception, and an exception that nobody needs any more is a finding.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails by panicking")]

mod calls;
mod cases;
mod dependencies;
mod names;
mod permissions;
mod runbook;
mod source;
mod speech;
mod tree;
