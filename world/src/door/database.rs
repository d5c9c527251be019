//! The RDS API.

use mmdr_core::ports::{
    Called, ClusterSeen, DatabaseEvent, DatabaseReads, DatabaseWrites, GlobalClusterSeen, SnapshotSeen,
};
use mmdr_core::{Region, Sample, Time, calls};

use super::Door;

impl DatabaseReads for Door {
    async fn global_cluster(&self, asked: &Region) -> Called<Option<GlobalClusterSeen>> {
        self.call(&calls::GLOBAL_CLUSTER, asked, |model, ctx, ix| {
            model.database.describe_global(ix, &model.regions, ctx.now)
        })
        .await
    }

    async fn cluster(&self, region: &Region) -> Called<Option<ClusterSeen>> {
        self.call(&calls::CLUSTER, region, |model, ctx, ix| Ok(model.database.describe_cluster(ix, ctx.now))).await
    }

    async fn replication_lag_ms(&self, secondary: &Region) -> Called<Option<Sample>> {
        self.call(&calls::REPLICATION_LAG, secondary, |model, ctx, ix| Ok(model.database.lag_sample(ix, ctx.now))).await
    }

    async fn database_events(&self, region: &Region, since: Time) -> Called<Vec<DatabaseEvent>> {
        self.call(&calls::DATABASE_EVENTS, region, |model, _, ix| Ok(model.database.events_since(ix, since))).await
    }

    async fn snapshots(&self, region: &Region) -> Called<Vec<SnapshotSeen>> {
        self.call(&calls::SNAPSHOTS, region, |model, ctx, ix| Ok(model.database.snapshots_seen(ix, ctx.now))).await
    }
}

impl DatabaseWrites for Door {
    async fn switch_over(&self, asked: &Region, target_arn: &str) -> Called<()> {
        self.call(&calls::SWITCH_OVER, asked, |model, ctx, ix| model.database.switch_over(ix, target_arn, ctx)).await
    }

    async fn fail_over(&self, asked: &Region, target_arn: &str) -> Called<()> {
        self.call(&calls::FAIL_OVER, asked, |model, ctx, ix| model.database.fail_over(ix, target_arn, ctx)).await
    }

    async fn detach(&self, asked: &Region, _cluster_arn: &str) -> Called<()> {
        self.call(&calls::DETACH, asked, |model, ctx, ix| model.database.detach(ix, ctx)).await
    }

    async fn copy_snapshot(&self, region: &Region, source: &str, copy: &str) -> Called<()> {
        self.call(&calls::COPY_SNAPSHOT, region, |model, ctx, ix| model.database.copy_snapshot(ix, source, copy, ctx))
            .await
    }
}
