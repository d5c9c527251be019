//! The public name.

use mmdr_core::calls;
use mmdr_core::ports::{Called, DnsReads, DnsWrites, FlagSeen, RecordsSeen, ResolverSeen};
use mmdr_core::{Fault, Region};

use super::Door;
use crate::model::dns;

impl Door {
    /// A name for an endpoint that has no Region of its own.
    fn global() -> Region {
        Region::new("us-east-1")
    }
}

impl DnsReads for Door {
    async fn records(&self) -> Called<RecordsSeen> {
        self.call(&calls::RECORDS, &Self::global(), |model, _, _| model.dns.records(&model.regions)).await
    }

    async fn flag(&self, region: &Region) -> Called<Option<FlagSeen>> {
        self.call(&calls::FLAG, region, |model, ctx, ix| Ok(model.dns.flag(ix, ctx.now))).await
    }

    async fn resolvers(&self, vantage: &Region) -> Called<Vec<ResolverSeen>> {
        self.call(&calls::RESOLVERS, vantage, |model, ctx, ix| Ok(dns::resolvers(model, ix, ctx))).await
    }
}

impl DnsWrites for Door {
    async fn publish_flag(&self, region: &Region, taken_over: bool) -> Called<()> {
        self.call(&calls::PUBLISH_FLAG, region, |model, ctx, ix| dns::publish_flag(model, ix, taken_over, ctx)).await
    }

    async fn exchange_records(&self, primary: &Region) -> Called<()> {
        self.call(&calls::EXCHANGE_RECORDS, &Self::global(), |model, ctx, _| {
            match model.regions.iter().position(|known| known == primary) {
                Some(primary) => dns::exchange_records(model, primary, true, ctx),
                None => Err(Fault::Refused("InvalidChangeBatch: no such address".into())),
            }
        })
        .await
    }
}
