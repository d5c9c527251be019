//! What became of the old writer, and of what only it had.

use serde::{Deserialize, Serialize};

use crate::{Region, Time, named};

named!(
    /// How Aurora's own write fencing ended.
    FencingOutcome, "a fencing outcome" {
        /// RDS-EVENT-0390: the old writer was blocked.
        Blocked => "blocked",
        /// RDS-EVENT-0391: it could not be blocked in time.
        TimedOut => "timed-out",
        /// RDS-EVENT-0185: a switchover, in which the old writer stopped before the new one began.
        HandedOver => "handed-over",
        /// Nothing was reported.
        Unknown => "unknown",
    }
);

/// What is known of the fencing of the old writer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fencing {
    /// The outcome.
    pub outcome: FencingOutcome,
    /// When Aurora reported it.
    pub at: Option<Time>,
    /// The Region whose database could not be fenced.
    pub region: Region,
    /// Whether the new writer's cluster stood alone when it was settled: a detach moved it, which fences nothing and leaves
    /// the old cluster as it was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut_loose: bool,
}

/// The lost-message account: at least this was written at the old writer and is not at the new one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LostMessages {
    /// Newest commit known to be replicated; none where nobody knows.
    pub from: Option<Time>,
    /// When the fence was proven; none while two writers are possible.
    pub until: Option<Time>,
    /// At least so many seconds of writes.
    pub at_least_s: Option<i64>,
    /// Where the rows lie: a copied snapshot, or the detached cluster; none where they are lost or not yet known.
    pub kept_in: Option<String>,
    /// Whether what only the old writer had is given up for lost: nothing is known to hold it any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
    /// One sentence for people.
    pub sentence: String,
}
