//! The requests that the adapters make, seen where the SDK hands them to HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod answers;
mod database;
mod outside;
mod permissions;
mod storage;
