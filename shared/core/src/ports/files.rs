//! The two buckets of Mattermost's files and the replication between them.

use serde::{Deserialize, Serialize};

use super::Called;
use crate::{Region, Sample, Time};

/// One bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BucketSeen {
    /// Its name.
    pub bucket: String,
    /// Whether versioning is `Enabled`.
    pub versioning: bool,
    /// The replication rule towards the other bucket; none where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleSeen>,
    /// Rules of other identifiers in the same configuration; whoever writes it anew takes them away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_rules: Vec<String>,
    /// Objects older than the rule that were never replicated.
    pub existing_not_replicated: u64,
}

/// A replication rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleSeen {
    /// Its identifier, the dimension of its metrics.
    pub id: String,
    /// Whether it is enabled.
    pub enabled: bool,
    /// Whether it covers every key.
    pub covers_all: bool,
    /// The destination bucket.
    pub destination: String,
    /// `ReplicaModifications`.
    pub replica_modifications: bool,
    /// `DeleteMarkerReplication`; off by default where a filter is present.
    pub delete_markers: bool,
    /// Whether replication metrics are on.
    pub metrics: bool,
    /// Whether it takes along objects under KMS keys (`SseKmsEncryptedObjects`); a rule without leaves them behind.
    #[serde(default)]
    pub kms: bool,
}

/// How far behind one direction is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplicationLag {
    /// `OperationsPendingReplication`; published in the destination's Region.
    pub pending: Option<Sample>,
    /// `OperationsFailedReplication` of the last day; published in the source's Region.
    pub failed: Option<Sample>,
}

/// What can be seen of the files.
pub trait FileReads {
    /// `s3:GetBucketVersioning`, `s3:GetReplicationConfiguration`, and the inventory of unreplicated objects.
    async fn bucket(&self, region: &Region) -> Called<BucketSeen>;
    /// `cloudwatch:GetMetricData` asked in the destination's Region.
    async fn pending_operations(&self, source: &Region, destination: &Region) -> Called<Option<Sample>>;
    /// `cloudwatch:GetMetricData` asked in the source's Region.
    async fn failed_operations(&self, source: &Region) -> Called<Option<Sample>>;
    /// `s3:HeadObject` of the probe object in `source`: when it was written last. None: never.
    async fn probe_object(&self, source: &Region) -> Called<Option<Time>>;
}

/// What can be changed of the files: peace time only, S3's configuration depends on us-east-1.
pub trait FileWrites {
    /// `s3:PutBucketVersioning` and `s3:PutReplicationConfiguration`.
    async fn put_replication(&self, source: &Region, destination: &Region) -> Called<()>;
    /// `s3:CreateJob` (Batch Replication) of failed and existing objects.
    async fn replicate_existing(&self, source: &Region) -> Called<()>;
    /// `s3:PutObject` of the probe object `mmdr/replication-probe`, a few bytes: an operation for the rule, so that its metrics
    /// speak. Data plane.
    async fn put_probe_object(&self, source: &Region) -> Called<()>;
}
