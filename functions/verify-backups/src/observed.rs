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
    /// What of the own Region's points was not seen, while the others were.
    #[serde(default, skip_serializing_if = "Silent::is_none")]
    pub own_silent: Silent,
    /// The same of the other Region's.
    #[serde(default, skip_serializing_if = "Silent::is_none")]
    pub other_silent: Silent,
    /// Restore tests of the own Region.
    pub own_tests: Seen<Vec<RestoreTest>>,
    /// Restore tests of the other Region.
    pub other_tests: Seen<Vec<RestoreTest>>,
    /// What this run has written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Backups>,
}

/// Why a place outside RDS and AWS Backup of a Region did not say what it has; none where it did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silent {
    /// The search domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// The vault outside both Regions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_site: Option<String>,
}

impl Silent {
    fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// Looks in both Regions.
pub(crate) async fn observe<R, H>(reads: &R, run: &Run, look: &Look<H>) -> Result<Observed, StepError>
where
    R: BackupReads + RecordReads,
{
    let (own, other, now) = (run.own(), run.other(), look.now);
    let record = records::read(reads, own, &records::key(run, records::BACKUPS)).await?;
    let (own_points, own_silent) = points(reads, own, now).await;
    let (other_points, other_silent) = points(reads, other, now).await;
    Ok(Observed {
        now,
        own_points,
        other_points,
        own_silent,
        other_silent,
        own_tests: Seen::from_call(reads.restore_tests(own).await, now),
        other_tests: Seen::from_call(reads.restore_tests(other).await, now),
        record,
    })
}

/// Every kind's points of a Region. Search's are told by its domain and off-site copies by a third Region: the silence of either must
/// hide no other kind, and is not "no recovery point" either.
async fn points(reads: &impl BackupReads, region: &Region, now: Time) -> (Seen<Vec<RecoveryPoint>>, Silent) {
    let mut found = Seen::from_call(reads.recovery_points(region).await, now);
    let mut silent = Silent::default();
    if let Seen::Seen { value, .. } = &mut found {
        match reads.search_snapshots(region).await {
            Ok(snapshots) => value.extend(snapshots),
            Err(error) => silent.search = Some(error.to_string()),
        }
        match reads.off_site_points(region).await {
            Ok(copies) => value.extend(copies),
            Err(error) => silent.off_site = Some(error.to_string()),
        }
    }
    (found, silent)
}
