//! Moves the public name to the writer Region.
