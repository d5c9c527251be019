//! The commands that ask AWS, as a person, a script and a node use them: the built binary against a small AWS on loopback
//! that remembers what it was asked.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "a scene hands on PATH, and stamps executions with the machine's time")]

mod answers;
mod bad_input;
mod documents;
mod looks;
mod nodes;
mod scene;
mod starts;
