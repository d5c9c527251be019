//! Opens a run: epoch and lease in both ledgers.
