//! Recovery points of every kind, wherever the document says that they lie.

use aws_sdk_backup::Client as Backup;
use aws_sdk_backup::types::{
    RecoveryPointByBackupVault, RecoveryPointStatus, RestoreJobStatus, RestoreValidationStatus,
};
use aws_sdk_rds::Client as Rds;
use mmdr_core::calls;
use mmdr_core::deployment::BackupsSetup;
use mmdr_core::ports::{BackupReads, Called, RecoveryKind, RecoveryPoint, RestoreTest};
use mmdr_core::{Fault, Region, Time};

use crate::inside::Inside;
use crate::metrics::time;
use crate::{Aws, database, faults, names};

/// Restore jobs of so many days are looked at.
const TESTS_KEPT_S: i64 = 120 * 86_400;

impl Aws {
    fn backup(&self, region: &Region) -> Backup {
        self.clients.get(region, self.manner(&calls::RECOVERY_POINTS, region), |config| Backup::new(config))
    }

    /// The database's own snapshots, and the newest second to which it can be restored.
    async fn database_points(&self, region: &Region) -> Result<Vec<RecoveryPoint>, Fault> {
        let rds: Rds =
            self.clients.get(region, self.manner(&calls::RECOVERY_POINTS, region), |config| Rds::new(config));
        let cluster = names::resource(&self.setup(region)?.cluster_arn);
        let snapshots = database::snapshots(&rds, cluster).await?;
        let point = |id: String, completed_at| RecoveryPoint {
            kind: RecoveryKind::Database,
            id,
            completed_at,
            off_site: false,
        };
        let whole = snapshots.into_iter().filter(|snapshot| snapshot.status == "available");
        let mut found: Vec<_> = whole.map(|snapshot| point(snapshot.id, snapshot.created_at)).collect();
        let answer = rds.describe_db_clusters().db_cluster_identifier(cluster).send().await;
        let answer = answer.map_err(|error| faults::of(&error))?;
        let restorable = answer.db_clusters().first().and_then(|cluster| cluster.latest_restorable_time());
        found.extend(restorable.map(|at| point(format!("{cluster} (continuous)"), time(at))));
        Ok(found)
    }

    /// Whether a backup was made of one of this Deployment's clusters or files buckets, in either Region.
    fn is_ours(&self, arn: &str) -> bool {
        self.deployment.regions.iter().any(|it| {
            let bucket = format!("arn:{}:s3:::{}", names::partition(&it.name), it.files_bucket);
            arn == it.cluster_arn || arn == bucket
        })
    }

    /// What lies in one vault, of this Deployment.
    async fn vault(&self, region: &Region, vault: &str, off_site: bool) -> Result<Vec<RecoveryPoint>, Fault> {
        let request = self.backup(region).list_recovery_points_by_backup_vault().backup_vault_name(vault);
        let mut items = request.into_paginator().items().send();
        let mut found = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| faults::of(&error))?;
            // A vault may be shared: another application's backups prove nothing.
            if item.resource_arn().is_some_and(|arn| self.is_ours(arn)) {
                found.extend(point_in_vault(&item, off_site));
            }
        }
        Ok(found)
    }

    /// Copies of Mattermost's configuration: objects under a prefix.
    async fn configuration(&self, region: &Region, place: &str) -> Result<Vec<RecoveryPoint>, Fault> {
        let (bucket, prefix) = place.trim_start_matches("s3://").split_once('/').unwrap_or((place, ""));
        let client = self.s3(region, self.manner(&calls::RECOVERY_POINTS, region));
        let mut pages = client.list_objects_v2().bucket(bucket).prefix(prefix).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| faults::of(&error))?;
            for object in page.contents().iter().filter(|object| object.size().unwrap_or(0) > 0) {
                found.push(RecoveryPoint {
                    kind: RecoveryKind::Configuration,
                    id: object.key().unwrap_or_default().into(),
                    completed_at: object.last_modified().map(time).unwrap_or_default(),
                    off_site: false,
                });
            }
        }
        Ok(found)
    }

    async fn all_points(&self, region: &Region, backups: &BackupsSetup) -> Result<Vec<RecoveryPoint>, Fault> {
        let mut found = self.database_points(region).await?;
        if let Some(vault) = &backups.vault {
            found.extend(self.vault(region, vault, false).await?);
        }
        if let Some(place) = &backups.configuration_copies {
            found.extend(self.configuration(region, place).await?);
        }
        Ok(found)
    }
}

/// Only what is whole; of resources that no kind of ours is made of, nothing.
fn point_in_vault(item: &RecoveryPointByBackupVault, off_site: bool) -> Option<RecoveryPoint> {
    let kind = kind_of(item.resource_type()?)?;
    // Both say that it is whole: which of them, depends on the kind of resource (AWS Backup API, DescribeRecoveryPoint).
    if !matches!(item.status(), Some(RecoveryPointStatus::Completed | RecoveryPointStatus::Available)) {
        return None;
    }
    Some(RecoveryPoint {
        kind,
        id: item.recovery_point_arn().unwrap_or_default().into(),
        completed_at: item.completion_date().map(time)?,
        off_site,
    })
}

/// Whether a restore passed its test. None where nobody has said so: the verdict comes after the restore, by another call, and a
/// restore that a person made for another reason never gets one (AWS Backup guide, restore testing validation).
fn passed(restored: Option<&RestoreJobStatus>, validated: Option<&RestoreValidationStatus>) -> Option<bool> {
    match (restored, validated) {
        (Some(RestoreJobStatus::Failed), _) => Some(false),
        (Some(RestoreJobStatus::Completed), Some(RestoreValidationStatus::Successful)) => Some(true),
        (_, Some(RestoreValidationStatus::Failed | RestoreValidationStatus::TimedOut)) => Some(false),
        _ => None,
    }
}

/// AWS Backup's names of resource types.
fn kind_of(resource_type: &str) -> Option<RecoveryKind> {
    match resource_type {
        "Aurora" | "RDS" => Some(RecoveryKind::Database),
        "S3" => Some(RecoveryKind::Files),
        _ => None,
    }
}

impl BackupReads for Aws {
    async fn recovery_points(&self, region: &Region) -> Called<Vec<RecoveryPoint>> {
        self.call(&calls::RECOVERY_POINTS, region, async {
            let backups = &self.setup(region)?.backups;
            self.all_points(region, backups).await
        })
        .await
    }

    async fn off_site_points(&self, region: &Region) -> Called<Vec<RecoveryPoint>> {
        self.call(&calls::OFF_SITE_POINTS, region, async {
            let Some(arn) = &self.setup(region)?.backups.off_site_vault else { return Ok(Vec::new()) };
            let home = Region::new(arn.split(':').nth(3).unwrap_or_default());
            self.vault(&home, names::resource(arn), true).await
        })
        .await
    }

    async fn search_snapshots(&self, region: &Region) -> Called<Vec<RecoveryPoint>> {
        self.inside(&calls::SEARCH_SNAPSHOTS, region, Inside::SearchSnapshots).await
    }

    async fn restore_tests(&self, region: &Region) -> Called<Vec<RestoreTest>> {
        let client: Backup =
            self.clients.get(region, self.manner(&calls::RESTORE_TESTS, region), |config| Backup::new(config));
        self.call(&calls::RESTORE_TESTS, region, async {
            let since = crate::metrics::at((self.clock)().plus_s(-TESTS_KEPT_S));
            let mut items = client.list_restore_jobs().by_created_after(since).into_paginator().items().send();
            let mut found = Vec::new();
            while let Some(job) = items.next().await {
                let job = job.map_err(|error| faults::of(&error))?;
                if !job.source_resource_arn().is_some_and(|arn| self.is_ours(arn)) {
                    continue;
                }
                let Some(kind) = job.resource_type().and_then(kind_of) else { continue };
                let Some(at) = job.completion_date().map(time) else { continue };
                let Some(passed) = passed(job.status(), job.validation_status()) else { continue };
                found.push(RestoreTest { kind, passed, at });
            }
            Ok(found)
        })
        .await
    }
}

/// The time of a snapshot that the domain names in seconds.
pub(crate) fn at_second(second: i64) -> Time {
    Time(second.saturating_mul(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restore_without_a_verdict_is_no_test_that_failed() {
        use {RestoreJobStatus as Job, RestoreValidationStatus as Verdict};
        assert_eq!(passed(Some(&Job::Completed), Some(&Verdict::Successful)), Some(true));
        assert_eq!(passed(Some(&Job::Completed), Some(&Verdict::TimedOut)), Some(false));
        assert_eq!(passed(Some(&Job::Failed), None), Some(false));
        for verdict in [None, Some(&Verdict::Validating)] {
            assert_eq!(passed(Some(&Job::Completed), verdict), None);
        }
    }

    #[test]
    fn what_is_called_available_is_whole_and_what_expires_is_not() {
        let point = |status| {
            let item = RecoveryPointByBackupVault::builder().resource_type("S3").status(status);
            point_in_vault(&item.completion_date(crate::metrics::at(Time(1_000))).build(), false)
        };
        for status in [RecoveryPointStatus::Completed, RecoveryPointStatus::Available] {
            assert!(point(status).is_some_and(|it| it.kind == RecoveryKind::Files));
        }
        assert!(point(RecoveryPointStatus::Expired).is_none() && point(RecoveryPointStatus::Partial).is_none());
    }

    #[test]
    fn only_what_a_deployment_is_made_of_counts() {
        assert_eq!(kind_of("Aurora"), Some(RecoveryKind::Database));
        assert_eq!(kind_of("S3"), Some(RecoveryKind::Files));
        assert_eq!(kind_of("DynamoDB"), None);
    }
}
