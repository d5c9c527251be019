//! The wire door.
fn main() {}
