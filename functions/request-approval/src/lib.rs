//! Asks a person, and reads the answer.
