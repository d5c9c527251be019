//! What toggle-scheduler looks at.

use mmdr_core::ports::{ConfigSeen, JobFlagsSeen, LedgerReads, SchedulerReads};
use mmdr_core::{Look, Phase, Region, Run, Seen, Time};
use serde::{Deserialize, Serialize};

use crate::words::Part;

/// What the last act left: only whether a best-effort call failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// Why a best-effort change was not accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// Everything that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Now.
    pub now: Time,
    /// Flags or job server of the own Region.
    pub here: Seen<JobFlagsSeen>,
    /// Flags or job server of the other Region.
    pub there: Seen<JobFlagsSeen>,
    /// What a running Mattermost of the Region that is to run jobs says of its configuration; for findings only.
    pub config: Seen<Option<ConfigSeen>>,
    /// How far this run has come, as the own ledger says; none where the ledger does not know the run.
    pub phase: Seen<Option<Phase>>,
    /// What the act before left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Receipt>,
}

/// Looks at both sides; only the own Region's answers can hold up an activation.
pub(crate) async fn observe<R>(reads: &R, run: &Run, part: Part, look: &Look<Receipt>) -> Observed
where
    R: SchedulerReads + LedgerReads,
{
    let subject: &Region = if part == Part::Activate { run.own() } else { run.other() };
    let phase = reads.ledger(run.own()).await.map(|seen| {
        let line = seen.and_then(|seen| seen.ledger.run);
        line.filter(|line| line.id == run.id).map(|line| line.phase)
    });
    Observed {
        now: look.now,
        here: Seen::from_call(reads.job_flags(run.own()).await, look.now),
        there: Seen::from_call(reads.job_flags(run.other()).await, look.now),
        config: Seen::from_call(reads.config(subject).await, look.now),
        phase: Seen::from_call(phase, look.now),
        asked: look.hint.clone(),
    }
}
