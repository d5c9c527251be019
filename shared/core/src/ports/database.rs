//! The Aurora global database, through the RDS API (2014-10-31).

use serde::{Deserialize, Serialize};

use super::Called;
use crate::{Region, Sample, Time};

/// `GlobalCluster` of DescribeGlobalClusters. Status strings are undocumented: only `available` is safe to name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GlobalClusterSeen {
    /// `GlobalClusterIdentifier`.
    pub id: String,
    /// `Status`, as AWS spells it.
    pub status: String,
    /// `GlobalClusterMembers`.
    pub members: Vec<Member>,
    /// Present only while an operation is scheduled or running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failover_state: Option<FailoverState>,
    /// The global writer endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
}

impl GlobalClusterSeen {
    /// The member in `region`, by the Region in its ARN.
    pub fn member(&self, region: &Region) -> Option<&Member> {
        self.members.iter().find(|member| member.region == *region)
    }

    /// The only member flagged as writer; none when there is none or more than one. The flag lags behind.
    pub fn only_writer(&self) -> Option<&Member> {
        let mut writers = self.members.iter().filter(|member| member.is_writer);
        match (writers.next(), writers.next()) {
            (Some(writer), None) => Some(writer),
            _ => None,
        }
    }

    /// Whether nothing is scheduled or running and the global cluster says `available`.
    pub fn at_rest(&self) -> bool {
        self.failover_state.is_none() && self.status == "available"
    }
}

/// One member of a global cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// `DBClusterArn`.
    pub cluster_arn: String,
    /// The Region in that ARN.
    pub region: Region,
    /// `IsWriter`; it lags while a move runs.
    pub is_writer: bool,
    /// `SynchronizationStatus`: `connected` or `pending-resync`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synchronization: Option<String>,
    /// `GlobalWriteForwardingStatus`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write_forwarding: Option<String>,
}

/// `FailoverState`. Its status can be `switching-over`, which no SDK enum has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FailoverState {
    /// `Status`, as AWS spells it.
    pub status: String,
    /// `FromDbClusterArn`.
    pub from_arn: String,
    /// `ToDbClusterArn`.
    pub to_arn: String,
    /// `IsDataLossAllowed`.
    pub data_loss_allowed: bool,
}

/// `DBCluster` of DescribeDBClusters, asked in the cluster's own Region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClusterSeen {
    /// `DBClusterArn`.
    pub arn: String,
    /// `Status`, as AWS spells it.
    pub status: String,
    /// `EngineVersion`.
    pub engine_version: String,
    /// Instances in `DBClusterMembers`; a headless cluster has none.
    pub instances: u32,
    /// Whether one of them is flagged `IsClusterWriter`.
    pub has_writer: bool,
    /// `GlobalClusterIdentifier`; none for a stand-alone cluster (after a detach).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub global_cluster: Option<String>,
    /// Whether the RDS-managed master password is on, which a global database does not allow.
    pub managed_password: bool,
    /// `rds.global_db_rpo` in seconds; −1 is off.
    pub global_db_rpo_s: i64,
    /// `BackupRetentionPeriod`.
    pub backup_retention_days: u32,
    /// `LatestRestorableTime`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_restorable: Option<Time>,
}

impl ClusterSeen {
    /// Whether it is available and has a writer instance.
    pub fn writable(&self) -> bool {
        self.status == "available" && self.has_writer
    }
}

/// One event of DescribeEvents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatabaseEvent {
    /// `RDS-EVENT-0390` and the like.
    pub id: String,
    /// The message.
    pub message: String,
    /// When.
    pub at: Time,
}

/// One cluster snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SnapshotSeen {
    /// Its identifier; a system snapshot starts with `rds:`.
    pub id: String,
    /// Whether it is a manual one, which no retention period removes.
    pub manual: bool,
    /// `Status`.
    pub status: String,
    /// When it was created.
    pub created_at: Time,
}

/// What can be seen of the database.
pub trait DatabaseReads {
    /// `rds:DescribeGlobalClusters`, answered only in Regions that host a member. None: it does not exist.
    async fn global_cluster(&self, asked: &Region) -> Called<Option<GlobalClusterSeen>>;
    /// `rds:DescribeDBClusters` for the document's cluster in `region`. None: it does not exist.
    async fn cluster(&self, region: &Region) -> Called<Option<ClusterSeen>>;
    /// `cloudwatch:GetMetricData` of `AuroraGlobalDBRPOLag`, in milliseconds; it exists only in a secondary's
    /// Region. None: no data point in the last 15 minutes.
    async fn replication_lag_ms(&self, secondary: &Region) -> Called<Option<Sample>>;
    /// `rds:DescribeEvents` of the cluster in `region` since `since`.
    async fn database_events(&self, region: &Region, since: Time) -> Called<Vec<DatabaseEvent>>;
    /// `rds:DescribeDBClusterSnapshots` of the cluster in `region`.
    async fn snapshots(&self, region: &Region) -> Called<Vec<SnapshotSeen>>;
}

/// What can be changed of the database. None of these calls has an idempotency token: read first, never retry.
pub trait DatabaseWrites {
    /// `rds:SwitchoverGlobalCluster`, asked in the *current writer's* Region.
    async fn switch_over(&self, asked: &Region, target_arn: &str) -> Called<()>;
    /// `rds:FailoverGlobalCluster` with `AllowDataLoss`, asked in the Region *being promoted*.
    async fn fail_over(&self, asked: &Region, target_arn: &str) -> Called<()>;
    /// `rds:RemoveFromGlobalCluster`, asked in the detached cluster's Region.
    async fn detach(&self, asked: &Region, cluster_arn: &str) -> Called<()>;
    /// `rds:CopyDBClusterSnapshot` within `region`; refused as already existing when the copy is there.
    async fn copy_snapshot(&self, region: &Region, source: &str, copy: &str) -> Called<()>;
}
