//! What this step looks at. Every read is best effort: what does not answer stops nothing.

use mmdr_core::ports::{DatabaseReads, JobFlagsSeen, LedgerReads, NodeReads, NodeSeen, RecordReads, SchedulerReads};
use mmdr_core::{Run, Seen, Time, records};
use mmdr_fence::FenceView;
use serde::{Deserialize, Serialize};

/// Key of the [`FirstLook`] record.
pub const NOTE: &str = "standing/keep-fenced.json";

/// What one invocation leaves for the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstLook {
    /// When RDS named another writer first, while something ran here.
    #[serde(default)]
    pub elsewhere_since: Option<Time>,
}

/// Everything that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// What the check looks at.
    pub view: FenceView,
    /// The own Region's nodes.
    pub nodes: Seen<Vec<NodeSeen>>,
    /// The own Region's job flags.
    pub flags: Seen<JobFlagsSeen>,
}

/// Looks.
pub(crate) async fn observe<R>(reads: &R, run: &Run, now: Time) -> Observed
where
    R: DatabaseReads + LedgerReads + NodeReads + SchedulerReads + RecordReads,
{
    let (own, other) = (run.own(), run.other());
    // An unreadable note is no note: two more looks are needed.
    let note: FirstLook = records::read_tolerant(reads, own, NOTE).await.ok().flatten().unwrap_or_default();
    let view = FenceView {
        now,
        own: own.clone(),
        own_ledger: Seen::from_call(reads.ledger(own).await.map(|seen| seen.map(|seen| seen.ledger)), now),
        other_ledger: Seen::from_call(reads.ledger(other).await.map(|seen| seen.map(|seen| seen.ledger)), now),
        global: Seen::from_call(reads.global_cluster(own).await, now),
        own_cluster: Seen::from_call(reads.cluster(own).await, now),
        elsewhere_since: note.elsewhere_since,
    };
    Observed {
        view,
        nodes: Seen::from_call(reads.nodes(own).await, now),
        flags: Seen::from_call(reads.job_flags(own).await, now),
    }
}
