//! Nodes.

use mmdr_core::ports::{Called, NodeReads, NodeSeen, NodeWrites};
use mmdr_core::{Epoch, Region, calls};

use super::Door;
use crate::model::nodes;

impl NodeReads for Door {
    async fn nodes(&self, region: &Region) -> Called<Vec<NodeSeen>> {
        self.call(&calls::NODES, region, |model, ctx, ix| nodes::seen(model, ix, ctx)).await
    }
}

impl NodeWrites for Door {
    async fn deregister(&self, region: &Region, ids: &[String]) -> Called<()> {
        self.call(&calls::DEREGISTER, region, |model, ctx, ix| nodes::deregister(model, ix, ids, ctx)).await
    }

    async fn register(&self, region: &Region, ids: &[String]) -> Called<()> {
        self.call(&calls::REGISTER, region, |model, ctx, ix| nodes::register(model, ix, ids, ctx)).await
    }

    async fn stop(&self, region: &Region, ids: &[String], _epoch: Epoch, fence_check: bool) -> Called<()> {
        self.call(&calls::STOP_NODES, region, |model, ctx, ix| nodes::stop(model, ix, ids, fence_check, ctx)).await
    }

    async fn start(&self, region: &Region, ids: &[String], _epoch: Epoch) -> Called<()> {
        self.call(&calls::START_NODES, region, |model, ctx, ix| nodes::start(model, ix, ids, ctx)).await
    }
}
