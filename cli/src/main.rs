//! `mmdr`.
fn main() {}
