//! Judges: they watch every moment and fail the run by name.

/// To be written.
#[derive(Debug, Default)]
pub struct Judges;
