//! The Aurora global database, through the RDS API (2014-10-31).

use aws_sdk_rds::Client;
use aws_sdk_rds::operation::describe_db_clusters::DescribeDBClustersError;
use aws_sdk_rds::operation::describe_global_clusters::DescribeGlobalClustersError;
use aws_sdk_rds::types::{DbCluster, GlobalCluster, GlobalClusterMember};
use mmdr_core::calls::{self, Call};
use mmdr_core::ports::{
    Called, ClusterSeen, DatabaseEvent, DatabaseReads, DatabaseWrites, FailoverState, GlobalClusterSeen, Member,
    SnapshotSeen,
};
use mmdr_core::{Fault, Region, Sample, Time};

use crate::metrics::{MetricOf, at, time};
use crate::{Aws, events, faults, names};

/// DescribeEvents reaches back 14 days.
const EVENTS_KEPT_S: i64 = 14 * 86_400 - 60;
/// Seconds within which a lag counts as known.
const LAG_WINDOW_S: i64 = 15 * 60;

impl Aws {
    fn rds(&self, call: &Call, region: &Region) -> Client {
        self.clients.get(region, self.manner(call, region), |config| Client::new(config))
    }

    /// Name of the document's cluster in `region`.
    fn cluster_name(&self, region: &Region) -> Result<&str, Fault> {
        Ok(names::resource(&self.setup(region)?.cluster_arn))
    }
}

impl DatabaseReads for Aws {
    async fn global_cluster(&self, asked: &Region) -> Called<Option<GlobalClusterSeen>> {
        let client = self.rds(&calls::GLOBAL_CLUSTER, asked);
        let id = &self.deployment.database.global_cluster;
        self.call(&calls::GLOBAL_CLUSTER, asked, async {
            match client.describe_global_clusters().global_cluster_identifier(id).send().await {
                Ok(answer) => answer.global_clusters().first().map(global_cluster).transpose(),
                Err(error) if error.as_service_error().is_some_and(is_no_global_cluster) => Ok(None),
                Err(error) => Err(faults::of(&error)),
            }
        })
        .await
    }

    async fn cluster(&self, region: &Region) -> Called<Option<ClusterSeen>> {
        let client = self.rds(&calls::CLUSTER, region);
        self.call(&calls::CLUSTER, region, async {
            let name = self.cluster_name(region)?;
            let cluster = match client.describe_db_clusters().db_cluster_identifier(name).send().await {
                Ok(answer) => answer.db_clusters().first().cloned(),
                Err(error) if error.as_service_error().is_some_and(is_no_cluster) => None,
                Err(error) => return Err(faults::of(&error)),
            };
            let Some(cluster) = cluster else { return Ok(None) };
            let rpo_s = global_db_rpo(&client, cluster.db_cluster_parameter_group()).await?;
            Ok(Some(cluster_seen(&cluster, rpo_s)))
        })
        .await
    }

    async fn replication_lag_ms(&self, secondary: &Region) -> Called<Option<Sample>> {
        let name = self.cluster_name(secondary).unwrap_or_default();
        let metric = MetricOf {
            namespace: "AWS/RDS",
            name: "AuroraGlobalDBRPOLag",
            dimensions: vec![("DBClusterIdentifier", name)],
            statistic: "Maximum",
        };
        self.newest(&calls::REPLICATION_LAG, secondary, metric, LAG_WINDOW_S).await
    }

    /// DescribeEvents gives no event identifier, only the message (RDS API model, `Event`); `events` tells them apart.
    async fn database_events(&self, region: &Region, since: Time) -> Called<Vec<DatabaseEvent>> {
        let client = self.rds(&calls::DATABASE_EVENTS, region);
        self.call(&calls::DATABASE_EVENTS, region, async {
            let now = (self.clock)();
            let since = since.max(now.plus_s(-EVENTS_KEPT_S));
            // An account may have other global databases, and in an outage they are failed over in the same minutes.
            let clusters = self.deployment.regions.iter().map(|setup| names::resource(&setup.cluster_arn));
            let ours: Vec<&str> = clusters.chain([self.deployment.database.global_cluster.as_str()]).collect();
            let mut pages =
                client.describe_events().start_time(at(since)).end_time(at(now)).into_paginator().items().send();
            let mut found = Vec::new();
            while let Some(event) = pages.next().await {
                let event = event.map_err(|error| faults::of(&error))?;
                let message = event.message().unwrap_or_default();
                let told = [event.source_identifier(), event.source_arn(), Some(message)];
                if !told.iter().flatten().any(|text| ours.iter().any(|name| events::names(text, name))) {
                    continue;
                }
                // The fencing events are listed under either kind of source: the message decides, not where it stands.
                if let (Some(id), Some(at)) = (events::event_id(message), event.date()) {
                    found.push(DatabaseEvent { id: id.into(), message: message.into(), at: time(at) });
                }
            }
            Ok(found)
        })
        .await
    }

    async fn snapshots(&self, region: &Region) -> Called<Vec<SnapshotSeen>> {
        let client = self.rds(&calls::SNAPSHOTS, region);
        self.call(&calls::SNAPSHOTS, region, async { snapshots(&client, self.cluster_name(region)?).await }).await
    }
}

/// Every snapshot of a cluster, automated and manual.
pub(crate) async fn snapshots(client: &Client, cluster: &str) -> Result<Vec<SnapshotSeen>, Fault> {
    let request = client.describe_db_cluster_snapshots().db_cluster_identifier(cluster);
    let mut items = request.into_paginator().items().send();
    let mut found = Vec::new();
    while let Some(snapshot) = items.next().await {
        let snapshot = snapshot.map_err(|error| faults::of(&error))?;
        found.push(SnapshotSeen {
            id: snapshot.db_cluster_snapshot_identifier().unwrap_or_default().into(),
            manual: snapshot.snapshot_type() == Some("manual"),
            status: snapshot.status().unwrap_or_default().into(),
            created_at: snapshot.snapshot_create_time().map(time).unwrap_or_default(),
        });
    }
    Ok(found)
}

impl DatabaseWrites for Aws {
    async fn switch_over(&self, asked: &Region, target_arn: &str) -> Called<()> {
        let client = self.rds(&calls::SWITCH_OVER, asked);
        let request = client
            .switchover_global_cluster()
            .global_cluster_identifier(&self.deployment.database.global_cluster)
            .target_db_cluster_identifier(target_arn);
        let sent = async { request.send().await.map(|_| ()).map_err(|error| faults::of(&error)) };
        self.call(&calls::SWITCH_OVER, asked, sent).await
    }

    async fn fail_over(&self, asked: &Region, target_arn: &str) -> Called<()> {
        let client = self.rds(&calls::FAIL_OVER, asked);
        let request = client
            .failover_global_cluster()
            .global_cluster_identifier(&self.deployment.database.global_cluster)
            .target_db_cluster_identifier(target_arn)
            // Without it the call is a switchover, which a lost primary refuses.
            .allow_data_loss(true);
        let sent = async { request.send().await.map(|_| ()).map_err(|error| faults::of(&error)) };
        self.call(&calls::FAIL_OVER, asked, sent).await
    }

    async fn detach(&self, asked: &Region, cluster_arn: &str) -> Called<()> {
        let client = self.rds(&calls::DETACH, asked);
        let request = client
            .remove_from_global_cluster()
            .global_cluster_identifier(&self.deployment.database.global_cluster)
            .db_cluster_identifier(cluster_arn);
        let sent = async { request.send().await.map(|_| ()).map_err(|error| faults::of(&error)) };
        self.call(&calls::DETACH, asked, sent).await
    }

    async fn copy_snapshot(&self, region: &Region, source: &str, copy: &str) -> Called<()> {
        let client = self.rds(&calls::COPY_SNAPSHOT, region);
        let request = client
            .copy_db_cluster_snapshot()
            .source_db_cluster_snapshot_identifier(source)
            .target_db_cluster_snapshot_identifier(copy);
        let sent = async { request.send().await.map(|_| ()).map_err(|error| faults::of(&error)) };
        self.call(&calls::COPY_SNAPSHOT, region, sent).await
    }
}

fn is_no_global_cluster(error: &DescribeGlobalClustersError) -> bool {
    error.is_global_cluster_not_found_fault()
}

fn is_no_cluster(error: &DescribeDBClustersError) -> bool {
    error.is_db_cluster_not_found_fault()
}

fn global_cluster(found: &GlobalCluster) -> Result<GlobalClusterSeen, Fault> {
    // A switchover can be `switching-over`, which the SDK's enum does not have: its text is kept.
    let failover_state = found.failover_state().map(|state| FailoverState {
        status: state.status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        from_arn: state.from_db_cluster_arn().unwrap_or_default().into(),
        to_arn: state.to_db_cluster_arn().unwrap_or_default().into(),
        data_loss_allowed: state.is_data_loss_allowed().unwrap_or_default(),
    });
    Ok(GlobalClusterSeen {
        id: found.global_cluster_identifier().unwrap_or_default().into(),
        status: found.status().unwrap_or_default().into(),
        members: found.global_cluster_members().iter().map(member).collect::<Result<_, _>>()?,
        failover_state,
        endpoint: found.endpoint().map(str::to_owned),
    })
}

fn member(found: &GlobalClusterMember) -> Result<Member, Fault> {
    let arn = found.db_cluster_arn().unwrap_or_default();
    let region = arn.split(':').nth(3).filter(|region| !region.is_empty());
    let region = region.ok_or_else(|| Fault::Unreadable(format!("a member without a Region in its ARN: {arn:?}")))?;
    Ok(Member {
        cluster_arn: arn.into(),
        region: Region::new(region),
        is_writer: found.is_writer().unwrap_or_default(),
        synchronization: found.synchronization_status().map(|status| status.as_str().to_owned()),
        write_forwarding: found.global_write_forwarding_status().map(|status| status.as_str().to_owned()),
    })
}

/// `rds.global_db_rpo` where somebody has set it; −1, off, is the engine's default (Aurora user guide, RPO of a global database).
async fn global_db_rpo(client: &Client, group: Option<&str>) -> Result<i64, Fault> {
    let Some(group) = group else { return Ok(-1) };
    let request = client.describe_db_cluster_parameters().db_cluster_parameter_group_name(group).source("user");
    let mut items = request.into_paginator().items().send();
    while let Some(parameter) = items.next().await {
        let parameter = parameter.map_err(|error| faults::of(&error))?;
        if parameter.parameter_name() == Some("rds.global_db_rpo") {
            let value = parameter.parameter_value().unwrap_or("-1");
            return value.parse().map_err(|_| Fault::Unreadable(format!("rds.global_db_rpo is {value:?}")));
        }
    }
    Ok(-1)
}

fn cluster_seen(found: &DbCluster, global_db_rpo_s: i64) -> ClusterSeen {
    let members = found.db_cluster_members();
    ClusterSeen {
        arn: found.db_cluster_arn().unwrap_or_default().into(),
        status: found.status().unwrap_or_default().into(),
        engine_version: found.engine_version().unwrap_or_default().into(),
        instances: u32::try_from(members.len()).unwrap_or(u32::MAX),
        has_writer: members.iter().any(|member| member.is_cluster_writer().unwrap_or_default()),
        global_cluster: found.global_cluster_identifier().map(str::to_owned),
        managed_password: found.master_user_secret().is_some(),
        global_db_rpo_s,
        backup_retention_days: found.backup_retention_period().and_then(|days| u32::try_from(days).ok()).unwrap_or(0),
        latest_restorable: found.latest_restorable_time().map(time),
    }
}
