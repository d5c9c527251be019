//! Search: the domains' control plane here, their data plane by way of `inside`.

use aws_sdk_opensearch::Client;
use aws_sdk_opensearch::types::{
    AwsDomainInformation, ConnectionMode, DomainInformationContainer, DomainStatus, OutboundConnection,
};
use mmdr_core::calls::{self, Call};
use mmdr_core::ports::{
    Called, ConnectionSeen, ConnectionStatus, DomainSeen, IndexSeen, ProbeAnswer, RuleName, SearchReads, SearchWrites,
};
use mmdr_core::{Fault, Region};

use crate::inside::Inside;
use crate::opensearch::Health;
use crate::{Aws, faults};

/// Connections in one page.
const PAGE: i32 = 100;

impl Aws {
    fn domains(&self, call: &Call, region: &Region) -> Client {
        self.clients.get(region, self.manner(call, region), |config| Client::new(config))
    }

    fn domain_name(&self, region: &Region) -> Result<&str, Fault> {
        Ok(&self.setup(region)?.search_domain)
    }

    /// A domain as the connection API names it.
    fn domain_of(&self, region: &Region) -> Result<DomainInformationContainer, Fault> {
        let information = AwsDomainInformation::builder()
            .owner_id(&self.deployment.account_id)
            .domain_name(self.domain_name(region)?)
            .region(region.as_str())
            .build()
            .map_err(|error| Fault::Refused(error.to_string()))?;
        Ok(DomainInformationContainer::builder().aws_domain_information(information).build())
    }

    /// A connection of this Deployment, seen from the follower's side; none where it leads elsewhere.
    fn ours(&self, follower: &Region, found: &OutboundConnection) -> Option<ConnectionSeen> {
        let of = |it: Option<&DomainInformationContainer>| it.and_then(|it| it.aws_domain_information()).cloned();
        let (local, remote) = (of(found.local_domain_info())?, of(found.remote_domain_info())?);
        let leader = self.deployment.other(follower)?;
        let is_ours = local.domain_name() == self.domain_name(follower).ok()?
            && remote.domain_name() == self.domain_name(leader).ok()?
            && remote.region() == Some(leader.as_str());
        let status = found.connection_status().and_then(|status| status.status_code());
        is_ours.then(|| ConnectionSeen {
            id: found.connection_id().unwrap_or_default().into(),
            alias: found.connection_alias().unwrap_or_default().into(),
            leader: leader.clone(),
            status: connection_status(status.map(|code| code.as_str()).unwrap_or_default()),
        })
    }
}

fn connection_status(code: &str) -> ConnectionStatus {
    match code {
        "ACTIVE" => ConnectionStatus::Active,
        "PENDING_ACCEPTANCE" => ConnectionStatus::PendingAcceptance,
        "DELETING" | "DELETED" => ConnectionStatus::Deleted,
        other => ConnectionStatus::Other(other.into()),
    }
}

fn domain_seen(status: &DomainStatus, health: Health) -> DomainSeen {
    let software = status.service_software_options().and_then(|options| options.current_version());
    let access = status.advanced_security_options().and_then(|options| options.enabled()).unwrap_or_default();
    let encrypted = status.node_to_node_encryption_options().and_then(|options| options.enabled()).unwrap_or_default();
    DomainSeen {
        engine_version: status.engine_version().unwrap_or_default().into(),
        service_software: software.unwrap_or_default().into(),
        health: health.health,
        access_control: access && encrypted,
        snapshot_running: health.snapshot_running,
    }
}

impl SearchReads for Aws {
    async fn indices(&self, region: &Region) -> Called<Vec<IndexSeen>> {
        self.inside(&calls::INDICES, region, Inside::Indices).await
    }

    async fn domain(&self, region: &Region) -> Called<DomainSeen> {
        let client = self.domains(&calls::DOMAIN, region);
        self.call(&calls::DOMAIN, region, async {
            let answer = client.describe_domain().domain_name(self.domain_name(region)?).send().await;
            let answer = answer.map_err(|error| faults::of(&error))?;
            let missing = || Fault::Unreadable("DescribeDomain without a domain".into());
            let status = answer.domain_status().ok_or_else(missing)?;
            let health: Health = self.reach(&calls::DOMAIN, region, Inside::Domain).await?;
            Ok(domain_seen(status, health))
        })
        .await
    }

    async fn probe(&self, region: &Region, names: &[String]) -> Called<Vec<(String, ProbeAnswer)>> {
        self.inside(&calls::PROBE, region, Inside::Probe(names.to_vec())).await
    }

    /// The API filters by a connection's id alone in practice (terraform-provider-aws): all are read and ours are kept.
    async fn connections(&self, follower: &Region) -> Called<Vec<ConnectionSeen>> {
        let client = self.domains(&calls::CONNECTIONS, follower);
        self.call(&calls::CONNECTIONS, follower, async {
            let mut pages = client.describe_outbound_connections().into_paginator().page_size(PAGE).send();
            let mut found = Vec::new();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| faults::of(&error))?;
                found.extend(page.connections().iter().filter_map(|it| self.ours(follower, it)));
            }
            Ok(found)
        })
        .await
    }

    async fn rules(&self, follower: &Region) -> Called<Vec<RuleName>> {
        self.inside(&calls::RULES, follower, Inside::Rules).await
    }
}

impl SearchWrites for Aws {
    async fn set_write_block(&self, region: &Region, on: bool) -> Called<()> {
        self.change_inside(&calls::SET_WRITE_BLOCK, region, Inside::SetWriteBlock(on)).await
    }

    async fn stop(&self, region: &Region, names: &[String]) -> Called<Vec<String>> {
        self.change_inside(&calls::STOP, region, Inside::Stop(names.to_vec())).await
    }

    async fn pause(&self, region: &Region, names: &[String]) -> Called<()> {
        self.change_inside(&calls::PAUSE, region, Inside::Pause(names.to_vec())).await
    }

    async fn resume(&self, region: &Region, names: &[String]) -> Called<()> {
        self.change_inside(&calls::RESUME, region, Inside::Resume(names.to_vec())).await
    }

    async fn start(&self, region: &Region, alias: &str, names: &[String]) -> Called<()> {
        let what = Inside::Start { alias: alias.into(), names: names.to_vec() };
        self.change_inside(&calls::START, region, what).await
    }

    async fn reopen(&self, region: &Region, names: &[String]) -> Called<()> {
        self.change_inside(&calls::REOPEN, region, Inside::Reopen(names.to_vec())).await
    }

    async fn create_rule(&self, region: &Region, rule: &RuleName) -> Called<()> {
        self.change_inside(&calls::CREATE_RULE, region, Inside::CreateRule(rule.clone())).await
    }

    async fn delete_rule(&self, region: &Region, rule: &RuleName) -> Called<()> {
        self.change_inside(&calls::DELETE_RULE, region, Inside::DeleteRule(rule.clone())).await
    }

    async fn delete_indices(&self, region: &Region, names: &[String]) -> Called<()> {
        self.change_inside(&calls::DELETE_INDICES, region, Inside::DeleteIndices(names.to_vec())).await
    }

    async fn request_connection(&self, follower: &Region, leader: &Region, alias: &str) -> Called<()> {
        let client = self.domains(&calls::REQUEST_CONNECTION, follower);
        self.call(&calls::REQUEST_CONNECTION, follower, async {
            let request = client
                .create_outbound_connection()
                .local_domain_info(self.domain_of(follower)?)
                .remote_domain_info(self.domain_of(leader)?)
                .connection_alias(alias)
                // The other mode is for moving indices, not for following them (OpenSearch API model).
                .connection_mode(ConnectionMode::Direct);
            match request.send().await {
                Ok(_) => Ok(()),
                // Somebody was faster: the next look sees the connection.
                Err(error)
                    if error.as_service_error().is_some_and(|said| said.is_resource_already_exists_exception()) =>
                {
                    Err(Fault::LookAgain(format!("a connection is called {alias} already")))
                }
                Err(error) => Err(faults::of(&error)),
            }
        })
        .await
    }

    async fn accept_connection(&self, leader: &Region, id: &str) -> Called<()> {
        let client = self.domains(&calls::ACCEPT_CONNECTION, leader);
        let request = client.accept_inbound_connection().connection_id(id);
        let sent = async { request.send().await.map(|_| ()).map_err(|error| faults::of(&error)) };
        self.call(&calls::ACCEPT_CONNECTION, leader, sent).await
    }

    async fn delete_connection(&self, follower: &Region, id: &str) -> Called<()> {
        let client = self.domains(&calls::DELETE_CONNECTION, follower);
        let request = client.delete_outbound_connection().connection_id(id);
        let sent = async { request.send().await.map(|_| ()).map_err(|error| faults::of(&error)) };
        self.call(&calls::DELETE_CONNECTION, follower, sent).await
    }

    async fn export_divergence(&self, region: &Region, index: &str, above: &[(u32, i64)], key: &str) -> Called<u64> {
        self.export(region, index, above, key).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_is_going_counts_as_gone_and_a_new_state_keeps_its_name() {
        assert_eq!(connection_status("ACTIVE"), ConnectionStatus::Active);
        assert_eq!(connection_status("DELETING"), ConnectionStatus::Deleted);
        assert_eq!(connection_status("VALIDATION_FAILED"), ConnectionStatus::Other("VALIDATION_FAILED".into()));
    }
}
