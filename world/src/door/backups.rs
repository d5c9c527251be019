//! Recovery points.

use mmdr_core::Region;
use mmdr_core::calls;
use mmdr_core::ports::{BackupReads, Called, RecoveryPoint, RestoreTest};

use super::Door;

impl BackupReads for Door {
    async fn recovery_points(&self, region: &Region) -> Called<Vec<RecoveryPoint>> {
        self.call(&calls::RECOVERY_POINTS, region, |model, ctx, _| Ok(model.backups.recovery_points(ctx.now))).await
    }

    async fn restore_tests(&self, region: &Region) -> Called<Vec<RestoreTest>> {
        self.call(&calls::RESTORE_TESTS, region, |model, ctx, _| Ok(model.backups.restore_tests(ctx.now))).await
    }
}
