//! Proves both directions of file replication.
