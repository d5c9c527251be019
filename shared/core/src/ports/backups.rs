//! Recovery points of every kind.

use serde::{Deserialize, Serialize};

use super::Called;
use crate::{Region, Time};

/// What a recovery point restores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecoveryKind {
    /// The database.
    Database,
    /// Mattermost's configuration, unmasked, with its certificates.
    Configuration,
    /// The search domain.
    Search,
    /// The files.
    Files,
}

/// One recovery point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecoveryPoint {
    /// What it restores.
    pub kind: RecoveryKind,
    /// Its name.
    pub id: String,
    /// When it was completed.
    pub completed_at: Time,
    /// Whether it lies outside both Regions.
    pub off_site: bool,
}

/// One restore test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreTest {
    /// What was restored.
    pub kind: RecoveryKind,
    /// Whether the restored data was validated.
    pub passed: bool,
    /// When it ended.
    pub at: Time,
}

/// What can be seen of backups.
pub trait BackupReads {
    /// `rds:DescribeDBClusterSnapshots`, `rds:DescribeDBClusters`, `backup:ListRecoveryPointsByBackupVault`,
    /// `s3:ListObjectsV2` of the configuration copies, in `region`.
    async fn recovery_points(&self, region: &Region) -> Called<Vec<RecoveryPoint>>;
    /// `backup:ListRecoveryPointsByBackupVault` of the vault outside both Regions that the document names under `region`; empty
    /// where it names none.
    async fn off_site_points(&self, region: &Region) -> Called<Vec<RecoveryPoint>>;
    /// The automated snapshots of search, which the domain in `region` tells itself.
    async fn search_snapshots(&self, region: &Region) -> Called<Vec<RecoveryPoint>>;
    /// `backup:ListRestoreJobs` of which the outcome is known: validated, or failed.
    async fn restore_tests(&self, region: &Region) -> Called<Vec<RestoreTest>>;
}
