//! What one look at the backups can see.

use mmdr_core::ports::{BackupReads, RecordReads, RecoveryPoint, RestoreTest};
use mmdr_core::records::Backups;
use mmdr_core::{Look, Region, Run, Seen, StepError, Time, records};
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
    /// Why the own Region's search does not say which snapshots it has; none where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_search_unseen: Option<String>,
    /// The same of the other Region's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_search_unseen: Option<String>,
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
    let (own_points, own_search_unseen) = points(reads, own, now).await;
    let (other_points, other_search_unseen) = points(reads, other, now).await;
    Ok(Observed {
        now,
        own_points,
        other_points,
        own_search_unseen,
        other_search_unseen,
        own_tests: Seen::from_call(reads.restore_tests(own).await, now),
        other_tests: Seen::from_call(reads.restore_tests(other).await, now),
        record,
    })
}

/// Every kind's points in a Region. Only the domain itself knows search's: its silence must hide no other kind, and is not "no
/// recovery point" either.
async fn points(reads: &impl BackupReads, region: &Region, now: Time) -> (Seen<Vec<RecoveryPoint>>, Option<String>) {
    let mut found = Seen::from_call(reads.recovery_points(region).await, now);
    let Seen::Seen { value, .. } = &mut found else { return (found, None) };
    let unseen = match reads.search_snapshots(region).await {
        Ok(snapshots) => {
            value.extend(snapshots);
            None
        }
        Err(error) => Some(error.to_string()),
    };
    (found, unseen)
}
