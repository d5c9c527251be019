//! What a promotion of search leaves behind, and what its replacement rests on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ports::ShardSeen;
use crate::{Epoch, Region, Time};

/// The follower's sequence numbers immediately before its promotion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoints {
    /// When they were read.
    pub at: Time,
    /// The epoch of the move that saved them.
    pub epoch: Epoch,
    /// Each index's primaries; only indices that were followers at that moment.
    pub indices: BTreeMap<String, Vec<ShardSeen>>,
}

/// What the old leader holds above the saved checkpoints, exported before anything of it may be deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchDivergence {
    /// When the last entry was made.
    pub at: Time,
    /// Each index of the old leader that was looked at.
    pub indices: BTreeMap<String, IndexDivergence>,
}

/// One index of the old leader against the checkpoints saved before its follower was promoted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndexDivergence {
    /// Shard and saved local checkpoint; every operation above it is divergent. −1 where nothing was saved.
    pub above: Vec<(u32, i64)>,
    /// Shard and the old leader's highest sequence number up to which was exported.
    pub exported_to: Vec<(u32, i64)>,
    /// Operations above the checkpoints, deletions included.
    pub operations: u64,
    /// Documents exported; fewer than operations where documents were deleted or written twice.
    pub documents: u64,
    /// Whether no checkpoint was saved, so that the whole index counts as divergent.
    pub whole: bool,
    /// Where the export lies; none where there was nothing to export.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export: Option<String>,
}

/// Why one index of the old leader may be deleted: written before the deletion, and looked at again before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeletionProof {
    /// The index, by its exact name.
    pub index: String,
    /// The Region of the old leader, where it may be deleted.
    pub region: Region,
    /// The epoch of the run that may delete it.
    pub epoch: Epoch,
    /// When the conditions were seen to hold.
    pub at: Time,
    /// Primaries of the old leader at that moment.
    pub old: Vec<ShardSeen>,
    /// Checkpoints saved before the promotion; empty where none were.
    pub saved: Vec<ShardSeen>,
    /// Where divergent operations were exported to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export: Option<String>,
    /// Every condition that held, by name.
    pub conditions: Vec<String>,
}
