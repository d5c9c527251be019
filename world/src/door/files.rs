//! The two buckets of files.

use mmdr_core::calls;
use mmdr_core::ports::{BucketSeen, Called, FileReads, FileWrites};
use mmdr_core::{Region, Sample, Time};

use super::Door;
use crate::model::files;

impl FileReads for Door {
    async fn bucket(&self, region: &Region) -> Called<BucketSeen> {
        self.call(&calls::BUCKET, region, |model, ctx, ix| {
            files::network_changed(model, ctx);
            model.files.bucket(ix, ctx.now)
        })
        .await
    }

    async fn pending_operations(&self, source: &Region, destination: &Region) -> Called<Option<Sample>> {
        // Published in the destination's Region (S3 guide, replication metrics): it is asked there.
        self.call(&calls::PENDING_OPERATIONS, destination, |model, ctx, _| {
            files::network_changed(model, ctx);
            let source = model.regions.iter().position(|known| known == source);
            Ok(source.and_then(|source| model.files.pending(source, ctx.now)))
        })
        .await
    }

    async fn failed_operations(&self, source: &Region) -> Called<Option<Sample>> {
        self.call(&calls::FAILED_OPERATIONS, source, |model, ctx, ix| {
            files::network_changed(model, ctx);
            Ok(model.files.failed(ix, ctx.now))
        })
        .await
    }

    async fn probe_object(&self, source: &Region) -> Called<Option<Time>> {
        self.call(&calls::PROBE_OBJECT, source, |model, _, ix| Ok(model.files.probe(ix))).await
    }
}

impl FileWrites for Door {
    async fn put_replication(&self, source: &Region, destination: &Region) -> Called<()> {
        self.call(&calls::PUT_REPLICATION, source, |model, ctx, ix| {
            let destination = model.regions.iter().position(|known| known == destination).unwrap_or(ix);
            files::put_replication(model, ix, destination, ctx)
        })
        .await
    }

    async fn put_probe_object(&self, source: &Region) -> Called<()> {
        self.call(&calls::PUT_PROBE_OBJECT, source, |model, ctx, ix| files::put_probe(model, ix, ctx)).await
    }

    async fn replicate_existing(&self, source: &Region) -> Called<()> {
        self.call(&calls::REPLICATE_EXISTING, source, |model, ctx, ix| files::replicate_existing(model, ix, ctx)).await
    }
}
