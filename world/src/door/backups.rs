//! Recovery points.

use mmdr_core::Region;
use mmdr_core::calls;
use mmdr_core::ports::{BackupReads, Called, RecoveryKind, RecoveryPoint, RestoreTest};

use super::Door;

fn of_search(point: &RecoveryPoint) -> bool {
    point.kind == RecoveryKind::Search && !point.off_site
}

fn in_a_region(point: &RecoveryPoint) -> bool {
    point.kind != RecoveryKind::Search && !point.off_site
}

impl BackupReads for Door {
    async fn recovery_points(&self, region: &Region) -> Called<Vec<RecoveryPoint>> {
        self.call(&calls::RECOVERY_POINTS, region, |model, ctx, _| {
            Ok(model.backups.recovery_points(ctx.now).into_iter().filter(in_a_region).collect())
        })
        .await
    }

    async fn off_site_points(&self, region: &Region) -> Called<Vec<RecoveryPoint>> {
        self.call(&calls::OFF_SITE_POINTS, region, |model, ctx, _| {
            Ok(model.backups.recovery_points(ctx.now).into_iter().filter(|point| point.off_site).collect())
        })
        .await
    }

    async fn search_snapshots(&self, region: &Region) -> Called<Vec<RecoveryPoint>> {
        self.call(&calls::SEARCH_SNAPSHOTS, region, |model, ctx, _| {
            Ok(model.backups.recovery_points(ctx.now).into_iter().filter(of_search).collect())
        })
        .await
    }

    async fn restore_tests(&self, region: &Region) -> Called<Vec<RestoreTest>> {
        self.call(&calls::RESTORE_TESTS, region, |model, ctx, _| Ok(model.backups.restore_tests(ctx.now))).await
    }
}
