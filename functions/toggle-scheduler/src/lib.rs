//! Exactly one Region runs jobs.
