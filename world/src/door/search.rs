//! The OpenSearch domains.

use mmdr_core::calls;
use mmdr_core::ports::{
    Called, ConnectionSeen, DomainSeen, IndexSeen, ProbeAnswer, RuleName, SearchReads, SearchWrites,
};
use mmdr_core::{CallError, Region};

use super::Door;
use crate::model::search;
use crate::network::OUTSIDE;

/// So long a caller waits for `_stop` before it calls it stalled: with a leader that answers or refuses it takes less
/// than a second (run on two nodes), with one that swallows packets it never ends.
const STALLED_MS: i64 = 15_000;

impl SearchReads for Door {
    async fn indices(&self, region: &Region) -> Called<Vec<IndexSeen>> {
        self.call(&calls::INDICES, region, |model, ctx, ix| {
            search::network_changed(model, ctx);
            model.search.indices(ix, ctx)
        })
        .await
    }

    async fn domain(&self, region: &Region) -> Called<DomainSeen> {
        self.call(&calls::DOMAIN, region, |model, ctx, ix| model.search.domain(ix, ctx.now)).await
    }

    async fn probe(&self, region: &Region, names: &[String]) -> Called<Vec<(String, ProbeAnswer)>> {
        self.call(&calls::PROBE, region, |model, ctx, ix| model.search.probe(ix, names, ctx.now)).await
    }

    async fn connections(&self, follower: &Region) -> Called<Vec<ConnectionSeen>> {
        self.call(&calls::CONNECTIONS, follower, |model, ctx, ix| {
            Ok(model.search.connections(ix, &model.regions, ctx.now))
        })
        .await
    }

    async fn rules(&self, follower: &Region) -> Called<Vec<RuleName>> {
        self.call(&calls::RULES, follower, |model, _, ix| model.search.rules(ix)).await
    }
}

impl SearchWrites for Door {
    async fn set_write_block(&self, region: &Region, on: bool) -> Called<()> {
        self.call(&calls::SET_WRITE_BLOCK, region, |model, ctx, ix| search::set_write_block(model, ix, on, ctx)).await
    }

    async fn stop(&self, region: &Region, names: &[String]) -> Called<Vec<String>> {
        let began_at = self.sim.borrow().now;
        let begun = self.call(&calls::STOP, region, |model, ctx, ix| search::stop(model, ix, names, ctx)).await?;
        self.wait_until(begun.done_at + 4).await;
        let ix = self.sim.borrow().ix(region);
        let mut stalled = self.sim.borrow().model.search.stalled(ix, &begun);
        if !stalled.is_empty() {
            self.wait_until(began_at + STALLED_MS).await;
            stalled = self.sim.borrow().model.search.stalled(ix, &begun);
        }
        match begun.refused {
            Some(fault) if stalled.is_empty() => {
                Err(CallError { call: calls::STOP.name.into(), region: region.clone(), fault })
            }
            _ => Ok(stalled),
        }
    }

    async fn pause(&self, region: &Region, names: &[String]) -> Called<()> {
        self.call(&calls::PAUSE, region, |model, ctx, ix| search::pause(model, ix, names, ctx)).await
    }

    async fn resume(&self, region: &Region, names: &[String]) -> Called<()> {
        self.call(&calls::RESUME, region, |model, ctx, ix| search::resume(model, ix, names, ctx)).await
    }

    async fn start(&self, region: &Region, alias: &str, names: &[String]) -> Called<()> {
        let accepted_at =
            self.call(&calls::START, region, |model, ctx, ix| search::start(model, ix, alias, names, ctx)).await?;
        self.wait_until(accepted_at).await;
        Ok(())
    }

    async fn reopen(&self, region: &Region, names: &[String]) -> Called<()> {
        self.call(&calls::REOPEN, region, |model, ctx, ix| search::reopen(model, ix, names, ctx)).await
    }

    async fn create_rule(&self, region: &Region, rule: &RuleName) -> Called<()> {
        self.call(&calls::CREATE_RULE, region, |model, ctx, ix| search::create_rule(model, ix, rule, ctx)).await
    }

    async fn delete_rule(&self, region: &Region, rule: &RuleName) -> Called<()> {
        self.call(&calls::DELETE_RULE, region, |model, _, ix| search::delete_rule(model, ix, rule)).await
    }

    async fn delete_indices(&self, region: &Region, names: &[String]) -> Called<()> {
        self.call(&calls::DELETE_INDICES, region, |model, ctx, ix| search::delete_indices(model, ix, names, ctx)).await
    }

    async fn request_connection(&self, follower: &Region, leader: &Region, alias: &str) -> Called<()> {
        self.call(&calls::REQUEST_CONNECTION, follower, |model, ctx, ix| {
            let leader = model.regions.iter().position(|known| known == leader).unwrap_or(OUTSIDE);
            search::request_connection(model, ix, leader, alias, ctx)
        })
        .await
    }

    async fn accept_connection(&self, leader: &Region, id: &str) -> Called<()> {
        self.call(&calls::ACCEPT_CONNECTION, leader, |model, ctx, ix| search::accept_connection(model, ix, id, ctx))
            .await
    }

    async fn delete_connection(&self, follower: &Region, id: &str) -> Called<()> {
        self.call(&calls::DELETE_CONNECTION, follower, |model, ctx, ix| search::delete_connection(model, ix, id, ctx))
            .await
    }

    async fn export_divergence(&self, region: &Region, index: &str, above: &[(u32, i64)], key: &str) -> Called<u64> {
        let own = self.sim.borrow().invocations.get(&self.invocation).map_or(OUTSIDE, |caller| caller.region);
        self.call(&calls::EXPORT_DIVERGENCE, region, |model, ctx, ix| {
            search::export_divergence(model, ix, own, index, above, key, ctx)
        })
        .await
    }
}

impl Door {
    /// Waits until a moment of virtual time.
    async fn wait_until(&self, at_ms: i64) {
        let now = self.sim.borrow().now;
        self.wait(at_ms - now).await;
    }
}
