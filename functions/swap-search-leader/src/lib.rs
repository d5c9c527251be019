//! Turns the direction of search replication.
