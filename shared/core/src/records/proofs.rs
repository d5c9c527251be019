//! What a planned move proves before its point of no return.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ports::ShardSeen;
use crate::{Epoch, Time};

/// Both sides of search hold the same operations, per shard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchProof {
    /// When it was seen, with writes fenced.
    pub at: Time,
    /// Each index's primaries, equal on both sides.
    pub indices: BTreeMap<String, Vec<ShardSeen>>,
}

/// Nothing is pending or failed between the buckets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FilesProof {
    /// When it was seen, with the old side's nodes stopped.
    pub at: Time,
    /// Operations pending; 0.
    pub pending: u64,
    /// Operations failed; 0, or what the person accepted.
    pub failed: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The four stores are equal, but for files accepted by name: written before a planned move's point of no return.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HandOverProof {
    /// The run's epoch.
    pub epoch: Epoch,
    /// When the last of the four was seen.
    pub at: Time,
    /// When the old side's last node was seen stopped (application and configuration).
    pub nodes_stopped_at: Time,
    /// Database lag in milliseconds, seen after the nodes were stopped.
    pub database_lag_ms: f64,
    /// When search was proven equal.
    pub search_at: Time,
    /// When the files were proven equal.
    pub files_at: Time,
    /// Files that had failed to replicate, and that a person accepted by name; only the old bucket has them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub files_failed: u64,
}
