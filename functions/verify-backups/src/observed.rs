//! What one look at the backups can see.

use mmdr_core::ports::{BackupReads, RecordReads, RecoveryPoint, RestoreTest};
use mmdr_core::records::Backups;
use mmdr_core::{Look, Run, Seen, StepError, Time, records};
use serde::{Deserialize, Serialize};

/// One look. Nothing of it is essential: what was not seen becomes a finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Now.
    pub now: Time,
    /// Recovery points listed in the own Region.
    pub own_points: Seen<Vec<RecoveryPoint>>,
    /// Recovery points listed in the other Region.
    pub other_points: Seen<Vec<RecoveryPoint>>,
    /// Restore tests of the own Region.
    pub own_tests: Seen<Vec<RestoreTest>>,
    /// Restore tests of the other Region.
    pub other_tests: Seen<Vec<RestoreTest>>,
    /// What this run has written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Backups>,
}

/// Looks in both Regions.
pub(crate) async fn observe<R, H>(reads: &R, run: &Run, look: &Look<H>) -> Result<Observed, StepError>
where
    R: BackupReads + RecordReads,
{
    let (own, other, now) = (run.own(), run.other(), look.now);
    let record = records::read(reads, own, &records::key(run, records::BACKUPS)).await?;
    Ok(Observed {
        now,
        own_points: Seen::from_call(reads.recovery_points(own).await, now),
        other_points: Seen::from_call(reads.recovery_points(other).await, now),
        own_tests: Seen::from_call(reads.restore_tests(own).await, now),
        other_tests: Seen::from_call(reads.restore_tests(other).await, now),
        record,
    })
}
