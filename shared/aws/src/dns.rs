//! The public name: Route 53's records and health checks, the take-over flag, and what resolvers answer.

use aws_sdk_route53::Client;
use aws_sdk_route53::types::{
    Change, ChangeAction, ChangeBatch, InsufficientDataHealthStatus, ResourceRecordSet, ResourceRecordSetFailover,
    RrType,
};
use mmdr_core::calls;
use mmdr_core::ports::{Called, DnsReads, DnsWrites, FlagSeen, RecordsSeen, ResolverSeen};
use mmdr_core::{Fault, Region};

use crate::clients::Manner;
use crate::{Aws, faults, names};

/// TTL of an alias to a load balancer, in seconds (Route 53 guide, "Choosing between alias and non-alias records").
const ALIAS_TTL_S: u32 = 60;

/// The Region in which Route 53's control plane lives; requests are signed for it whatever Region is configured.
fn home() -> Region {
    Region::new("us-east-1")
}

impl Aws {
    fn route53(&self, manner: Manner) -> Client {
        self.clients.get(&home(), manner, |config| Client::new(config))
    }

    /// The records of the public name, as they lie there.
    async fn records_of_the_name(&self, client: &Client) -> Result<Vec<ResourceRecordSet>, Fault> {
        let name = format!("{}.", self.deployment.dns.public_name);
        let request = client.list_resource_record_sets().hosted_zone_id(&self.deployment.dns.hosted_zone_id);
        // Records are listed by name: ours are the first ones from here.
        let answer = request.start_record_name(&name).send().await.map_err(|error| faults::of(&error))?;
        Ok(answer.resource_record_sets().iter().filter(|record| record.name() == name).cloned().collect())
    }

    async fn failover_records(&self, client: &Client) -> Result<Vec<ResourceRecordSet>, Fault> {
        let records = self.records_of_the_name(client).await?;
        Ok(records.into_iter().filter(|record| record.failover().is_some()).collect())
    }

    /// The record's Region: its set identifier, as `dns.yaml` writes it.
    fn region_of(&self, record: &ResourceRecordSet) -> Result<Region, Fault> {
        let id = record.set_identifier().unwrap_or_default();
        let known = self.deployment.regions.iter().find(|setup| setup.name.as_str() == id);
        let expected =
            || Fault::Unreadable(format!("a failover record called {id:?}: expected one of the two Regions"));
        known.map(|setup| setup.name.clone()).ok_or_else(expected)
    }

    /// The health check that watches the flag of `region`.
    async fn health_check_of(&self, client: &Client, region: &Region) -> Result<String, Fault> {
        let alarm = names::flag_alarm(&self.deployment);
        let mut pages = client.list_health_checks().into_paginator().items().send();
        while let Some(check) = pages.next().await {
            let check = check.map_err(|error| faults::of(&error))?;
            let watches = check.health_check_config().and_then(|config| config.alarm_identifier());
            if watches.is_some_and(|it| it.name() == alarm && it.region().as_str() == region.as_str()) {
                return Ok(check.id().to_owned());
            }
        }
        Err(Fault::NotFound(format!("no health check watches the alarm {alarm} in {region}")))
    }
}

impl DnsReads for Aws {
    async fn records(&self) -> Called<RecordsSeen> {
        let client = self.route53(Manner::Across);
        self.call(&calls::RECORDS, &home(), async {
            let records = self.records_of_the_name(&client).await?;
            let is_primary =
                |record: &&ResourceRecordSet| record.failover() == Some(&ResourceRecordSetFailover::Primary);
            let missing = || Fault::NotFound(format!("no PRIMARY record of {}", self.deployment.dns.public_name));
            let primary = records.iter().find(is_primary).ok_or_else(missing)?;
            let id = primary.health_check_id();
            let id = id.ok_or_else(|| Fault::NotFound("the PRIMARY record has no health check".into()))?;
            let check = client.get_health_check().health_check_id(id).send().await;
            let check = check.map_err(|error| faults::of(&error))?;
            let config = check.health_check().and_then(|check| check.health_check_config());
            let watched = config.and_then(|config| config.alarm_identifier());
            let watched = watched.ok_or_else(|| Fault::Unreadable("the health check watches no alarm".into()))?;
            Ok(RecordsSeen {
                primary: self.region_of(primary)?,
                flag_region: Region::new(watched.region().as_str()),
                keeps_last_status: config.and_then(|config| config.insufficient_data_health_status())
                    == Some(&InsufficientDataHealthStatus::LastKnownStatus),
                ttl_s: primary.ttl().and_then(|ttl| u32::try_from(ttl).ok()).unwrap_or(ALIAS_TTL_S),
                unmoved: unmoved(&records),
            })
        })
        .await
    }

    async fn flag(&self, region: &Region) -> Called<Option<FlagSeen>> {
        self.flag_seen(region).await
    }

    async fn resolvers(&self, vantage: &Region) -> Called<Vec<ResolverSeen>> {
        self.call(&calls::RESOLVERS, vantage, self.ask_resolvers()).await
    }
}

impl DnsWrites for Aws {
    async fn publish_flag(&self, region: &Region, taken_over: bool) -> Called<()> {
        self.put_flag(region, taken_over).await
    }

    /// Both records change in one batch, which is made whole or not at all. What was read is deleted as it was read, so that
    /// a change in between is refused and looked at again.
    async fn exchange_records(&self, primary: &Region) -> Called<()> {
        let client = self.route53(Manner::Change);
        self.call(&calls::EXCHANGE_RECORDS, &home(), async {
            let records = self.failover_records(&client).await?;
            let other = self.deployment.other(primary);
            let other =
                other.ok_or_else(|| Fault::NotFound(format!("{primary} is none of this Deployment's Regions")))?;
            let check = self.health_check_of(&client, other).await?;
            let (mut gone, mut made) = (Vec::new(), Vec::new());
            for record in records {
                let exchanged = if self.region_of(&record)? == *primary {
                    with_role(&record, ResourceRecordSetFailover::Primary, Some(check.clone()))
                } else {
                    with_role(&record, ResourceRecordSetFailover::Secondary, None)
                };
                gone.push(change(ChangeAction::Delete, record)?);
                made.push(change(ChangeAction::Create, exchanged)?);
            }
            if gone.len() < 2 {
                let name = &self.deployment.dns.public_name;
                return Err(Fault::NotFound(format!("{} failover records of {name}, expected two", gone.len())));
            }
            gone.append(&mut made);
            let batch = ChangeBatch::builder().set_changes(Some(gone)).build().map_err(unbuilt)?;
            let zone = &self.deployment.dns.hosted_zone_id;
            let sent = client.change_resource_record_sets().hosted_zone_id(zone).change_batch(batch).send().await;
            sent.map(|_| ()).map_err(|error| faults::of(&error))
        })
        .await
    }
}

/// Kinds of records by which people find a server. A client that prefers IPv6 follows an `AAAA` whatever the `A` records say.
const LEADING: [RrType; 4] = [RrType::A, RrType::Aaaa, RrType::Cname, RrType::Https];

fn unmoved(records: &[ResourceRecordSet]) -> Vec<String> {
    let stays = records.iter().filter(|record| record.failover().is_none() && LEADING.contains(record.r#type()));
    stays.map(|record| record.r#type().as_str().to_owned()).collect()
}

fn with_role(
    record: &ResourceRecordSet,
    role: ResourceRecordSetFailover,
    health_check: Option<String>,
) -> ResourceRecordSet {
    let mut record = record.clone();
    record.failover = Some(role);
    record.health_check_id = health_check;
    record
}

fn change(action: ChangeAction, record: ResourceRecordSet) -> Result<Change, Fault> {
    Change::builder().action(action).resource_record_set(record).build().map_err(unbuilt)
}

fn unbuilt(error: aws_smithy_types::error::operation::BuildError) -> Fault {
    Fault::Refused(format!("the request could not be made: {error}"))
}
