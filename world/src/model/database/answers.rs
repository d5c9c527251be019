//! What RDS and CloudWatch answer about the database.

use mmdr_core::ports::{ClusterSeen, DatabaseEvent, FailoverState, GlobalClusterSeen, Member, SnapshotSeen};
use mmdr_core::{Fault, Region, Sample, Time};

use super::Database;
use crate::network::Ix;

/// CloudWatch publishes the lag once a minute.
const METRIC_PERIOD_MS: i64 = 60_000;
/// A metric without a data point in this time counts as silent.
const SILENT_MS: i64 = 900_000;

impl Database {
    /// DescribeGlobalClusters. A Region out of the other's sight is shown its own past, and for a while after it: it cannot
    /// know of a move that was made without it. The Region that is promoted knows.
    pub fn describe_global(
        &self,
        asked: Ix,
        regions: &[Region; 2],
        now: i64,
    ) -> Result<Option<GlobalClusterSeen>, Fault> {
        match self.past.get(asked) {
            Some(Some((seen, until_ms))) if now < *until_ms && !self.is_promoted(asked) => Ok(Some(seen.clone())),
            _ => self.global_now(asked, regions),
        }
    }

    fn is_promoted(&self, region: Ix) -> bool {
        let running = self.operation.as_ref().map(|running| running.to);
        running.or(self.promotions.last().map(|last| last.to)) == Some(region)
    }

    /// Answered only in Regions that host a member (field report).
    pub(super) fn global_now(&self, asked: Ix, regions: &[Region; 2]) -> Result<Option<GlobalClusterSeen>, Fault> {
        if !self.clusters.get(asked).is_some_and(|cluster| cluster.in_global) {
            return Ok(None);
        }
        let arn = |ix: Ix| self.clusters.get(ix).map(|cluster| cluster.arn.clone()).unwrap_or_default();
        let members = self.clusters.iter().zip(regions).filter(|(cluster, _)| cluster.in_global);
        Ok(Some(GlobalClusterSeen {
            id: self.global_id.clone(),
            status: self.global_status.into(),
            members: members
                .map(|(cluster, region)| Member {
                    cluster_arn: cluster.arn.clone(),
                    region: region.clone(),
                    is_writer: cluster.writer_flag,
                    synchronization: (!cluster.writer_flag).then(|| cluster.synchronization.into()),
                    write_forwarding: (!cluster.writer_flag).then(|| "enabled".into()),
                })
                .collect(),
            failover_state: self.operation.as_ref().map(|running| FailoverState {
                status: self.global_status.into(),
                from_arn: arn(running.from),
                to_arn: arn(running.to),
                data_loss_allowed: running.failover,
            }),
            endpoint: Some(format!("{}.global-abc.global.rds.amazonaws.com", self.global_id)),
        }))
    }

    /// DescribeDBClusters of the Region's cluster.
    pub fn describe_cluster(&self, region: Ix, now: i64) -> Option<ClusterSeen> {
        let cluster = self.clusters.get(region)?;
        Some(ClusterSeen {
            arn: cluster.arn.clone(),
            status: if cluster.down { "inaccessible-encryption-credentials".into() } else { cluster.status.into() },
            engine_version: cluster.engine_version.clone(),
            instances: cluster.instances,
            has_writer: cluster.instances > 0 && self.writable(region),
            global_cluster: cluster.in_global.then(|| self.global_id.clone()),
            managed_password: cluster.managed_password,
            global_db_rpo_s: cluster.global_db_rpo_s,
            backup_retention_days: 14,
            latest_restorable: Some(Time(now - 300_000)),
        })
    }

    /// `AuroraGlobalDBRPOLag`: only a secondary has it, and it stops with the link.
    pub fn lag_sample(&self, secondary: Ix, now: i64) -> Option<Sample> {
        let cluster = self.clusters.get(secondary)?;
        if cluster.writer_flag || !cluster.in_global || cluster.synchronization != "connected" {
            return None;
        }
        // A writer that takes no connections commits nothing: its secondary has nothing to measure.
        let heard = self.link_lost_ms.unwrap_or(now).min(self.down_ms.unwrap_or(now)).min(now);
        let at = heard - heard.rem_euclid(METRIC_PERIOD_MS);
        (now - at <= SILENT_MS).then_some(Sample { value: self.lag_ms as f64, at: Time(at) })
    }

    /// DescribeEvents of one Region.
    pub fn events_since(&self, region: Ix, since: Time) -> Vec<DatabaseEvent> {
        self.events
            .iter()
            .filter(|(at, event)| *at == region && event.at >= since)
            .map(|(_, event)| event.clone())
            .collect()
    }

    /// DescribeDBClusterSnapshots of one Region.
    pub fn snapshots_seen(&self, region: Ix, now: i64) -> Vec<SnapshotSeen> {
        let Some(snapshots) = self.snapshots.get(region) else { return Vec::new() };
        let seen = |snapshot: &super::Snapshot| SnapshotSeen {
            id: snapshot.id.clone(),
            manual: snapshot.manual,
            status: if snapshot.available_ms <= now { "available".into() } else { "creating".into() },
            created_at: Time(snapshot.created_ms),
        };
        snapshots.iter().filter(|snapshot| snapshot.listed_ms <= now).map(seen).collect()
    }
}
