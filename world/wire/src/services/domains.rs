//! The control plane of OpenSearch Service, 2021-01-01: REST and JSON, signed as `es`. Shapes and codes are botocore's
//! `opensearch` model; `ResourceNotFoundException` is HTTP 409 here.

use mmdr_core::ports::{ConnectionSeen, ConnectionStatus};
use mmdr_world::model::search;
use mmdr_world::network::{Ix, OUTSIDE};
use serde_json::{Value, json};

use crate::reply::{Answered, Refusal, Reply};
use crate::request::Request;
use crate::route::Asked;
use crate::world::World;

/// The operation, by method and path.
pub(crate) fn operation(request: &Request) -> &'static str {
    match (request.method.as_str(), path(request).as_slice()) {
        ("GET", ["domain", _]) => "DescribeDomain",
        ("POST", ["cc", "outboundConnection"]) => "CreateOutboundConnection",
        ("POST", ["cc", "outboundConnection", "search"]) => "DescribeOutboundConnections",
        ("DELETE", ["cc", "outboundConnection", _]) => "DeleteOutboundConnection",
        ("POST", ["cc", "inboundConnection", "search"]) => "DescribeInboundConnections",
        ("PUT", ["cc", "inboundConnection", _, "accept"]) => "AcceptInboundConnection",
        _ => "Unknown",
    }
}

fn path(request: &Request) -> Vec<&str> {
    match request.segments().as_slice() {
        ["2021-01-01", "opensearch", rest @ ..] => rest.to_vec(),
        _ => Vec::new(),
    }
}

/// Answers one operation.
pub(crate) fn answer(world: &mut World, asked: &Asked, request: &Request) -> Answered {
    let path = path(request);
    let last = |at: usize| path.get(at).copied().unwrap_or_default();
    match asked.operation.as_str() {
        "DescribeDomain" => domain(world, asked.region, last(1)),
        "CreateOutboundConnection" => create(world, asked.region, &request.json().unwrap_or_default()),
        "DescribeOutboundConnections" => listed(world, asked.region, request, Side::Outbound),
        "DescribeInboundConnections" => listed(world, asked.region, request, Side::Inbound),
        "DeleteOutboundConnection" => {
            let id = models_id(last(2));
            world.act(|model, ctx| search::delete_connection(model, asked.region, &id, ctx))?;
            one(world, asked.region, &id, Side::Outbound)
        }
        "AcceptInboundConnection" => {
            let id = models_id(last(2));
            world.act(|model, ctx| search::accept_connection(model, asked.region, &id, ctx))?;
            one(world, asked.region, &id, Side::Inbound)
        }
        _ => Err(Refusal::new("ValidationException", format!("no operation at {} {}", request.method, request.path))),
    }
}

/// DescribeDomain: the control plane answers even where the domain's nodes are dead.
fn domain(world: &World, region: Ix, name: &str) -> Answered {
    let known = world.region(region).filter(|setup| setup.search_domain == name);
    let known = known.ok_or_else(|| Refusal::new("ResourceNotFoundException", format!("Domain not found: {name}")))?;
    let (engine, software) = world.sim.model.search.versions(region);
    let endpoint = known.search_endpoint.trim_start_matches("https://");
    let arn = format!("arn:aws:es:{}:{}:domain/{name}", world.name(region), world.account());
    Ok(Reply::json(
        200,
        &json!({ "DomainStatus": {
            "DomainId": format!("{}/{name}", world.account()), "DomainName": name, "ARN": arn,
            "Created": true, "Deleted": false, "Processing": false, "UpgradeProcessing": false,
            "DomainProcessingStatus": "Active", "EngineVersion": engine, "Endpoints": { "vpc": endpoint },
            "ClusterConfig": { "InstanceType": "r6g.large.search", "InstanceCount": 2, "DedicatedMasterEnabled": false,
                "ZoneAwarenessEnabled": true, "WarmEnabled": false },
            "EncryptionAtRestOptions": { "Enabled": true },
            "NodeToNodeEncryptionOptions": { "Enabled": true },
            "AdvancedSecurityOptions": { "Enabled": true, "InternalUserDatabaseEnabled": true },
            "ServiceSoftwareOptions": { "CurrentVersion": software, "NewVersion": "", "UpdateAvailable": false,
                "Cancellable": false, "UpdateStatus": "COMPLETED", "OptionalDeployment": true },
            "SnapshotOptions": { "AutomatedSnapshotStartHour": 0 },
        } }),
    ))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Outbound,
    Inbound,
}

/// CreateOutboundConnection: the requester is the follower.
fn create(world: &mut World, follower: Ix, body: &Value) -> Answered {
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (local, remote) =
        ("/LocalDomainInfo/AWSDomainInformation/DomainName", "/RemoteDomainInfo/AWSDomainInformation/DomainName");
    let alias = text("/ConnectionAlias").to_owned();
    let is_alias = (2..=100).contains(&alias.len())
        && alias.starts_with(|sign: char| sign.is_ascii_alphabetic())
        && alias.chars().all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_'));
    if !is_alias {
        return Err(Refusal::new("ValidationException", format!("ConnectionAlias: {alias:?} has not its form")));
    }
    let domain_of = |region: Ix, name: &str| world.region(region).is_some_and(|setup| setup.search_domain == name);
    if !domain_of(follower, text(local)) {
        return Err(Refusal::new("ResourceNotFoundException", format!("Domain not found: {}", text(local))));
    }
    let leader = world.ix(text("/RemoteDomainInfo/AWSDomainInformation/Region"));
    let leader = if domain_of(leader, text(remote)) { leader } else { OUTSIDE };
    world.act(|model, ctx| search::request_connection(model, follower, leader, &alias, ctx))?;
    let made = connections(world, follower, Side::Outbound).pop();
    let made = made.ok_or_else(|| Refusal::new("InternalException", "the connection is not there"))?;
    Ok(Reply::json(200, &shape(world, follower, &made, Side::Outbound)))
}

fn connections(world: &World, region: Ix, side: Side) -> Vec<ConnectionSeen> {
    let model = &world.sim.model;
    match side {
        Side::Outbound => model.search.connections(region, &model.regions, world.now()),
        Side::Inbound => model.search.inbound_connections(region, &model.regions, world.now()),
    }
}

fn listed(world: &World, region: Ix, request: &Request, side: Side) -> Answered {
    let body = request.json().unwrap_or_default();
    let filters = body.get("Filters").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut found: Vec<Value> =
        connections(world, region, side).iter().map(|it| shape(world, region, it, side)).collect();
    for filter in &filters {
        let name = filter.get("Name").and_then(Value::as_str).unwrap_or_default();
        let pointer = match name {
            "connection-id" => "/ConnectionId",
            "local-domain-info.domain-name" => "/LocalDomainInfo/AWSDomainInformation/DomainName",
            "remote-domain-info.domain-name" => "/RemoteDomainInfo/AWSDomainInformation/DomainName",
            _ => return Err(Refusal::new("ValidationException", format!("no filter is called {name:?}"))),
        };
        let values = filter.get("Values").and_then(Value::as_array).cloned().unwrap_or_default();
        found.retain(|it| it.pointer(pointer).is_some_and(|value| values.contains(value)));
    }
    Ok(Reply::json(200, &json!({ "Connections": found })))
}

fn one(world: &World, region: Ix, id: &str, side: Side) -> Answered {
    let found = connections(world, region, side).into_iter().find(|it| it.id == id);
    let found = found.ok_or_else(|| Refusal::new("ResourceNotFoundException", format!("no connection {id}")))?;
    Ok(Reply::json(200, &json!({ "Connection": shape(world, region, &found, side) })))
}

fn shape(world: &World, region: Ix, it: &ConnectionSeen, side: Side) -> Value {
    let info = |ix: Ix| {
        let domain = world.region(ix).map_or("", |setup| setup.search_domain.as_str());
        json!({ "AWSDomainInformation": { "OwnerId": world.account(), "DomainName": domain, "Region": world.name(ix) } })
    };
    let other = world.ix(it.leader.as_str());
    // Local is the source, the requester's domain, on both sides (botocore, `InboundConnection`).
    let (local, remote) = if side == Side::Outbound { (region, other) } else { (other, region) };
    let code = code(&it.status);
    let mut shape = json!({
        "LocalDomainInfo": info(local), "RemoteDomainInfo": info(remote), "ConnectionId": shown_id(&it.id),
        "ConnectionStatus": { "StatusCode": code, "Message": code }, "ConnectionMode": "DIRECT",
    });
    if let (Side::Outbound, Some(fields)) = (side, shape.as_object_mut()) {
        fields.insert("ConnectionAlias".into(), json!(it.alias));
    }
    shape
}

/// A connection's identifier has ten signs at least (botocore, `ConnectionId`); the model's are shorter.
fn shown_id(id: &str) -> String {
    id.rsplit_once('-').map_or_else(|| id.to_owned(), |(kind, number)| format!("{kind}-{number:0>8}"))
}

fn models_id(id: &str) -> String {
    let number = |text: &str| text.parse::<u64>().ok();
    let read = id.rsplit_once('-').and_then(|(kind, text)| number(text).map(|number| format!("{kind}-{number}")));
    read.unwrap_or_else(|| id.to_owned())
}

fn code(status: &ConnectionStatus) -> &str {
    match status {
        ConnectionStatus::PendingAcceptance => "PENDING_ACCEPTANCE",
        ConnectionStatus::Active => "ACTIVE",
        ConnectionStatus::Deleted => "DELETED",
        ConnectionStatus::Other(code) => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_long_enough_for_its_clients_and_is_found_again() {
        assert_eq!(shown_id("cc-1"), "cc-00000001");
        assert_eq!(models_id("cc-00000001"), "cc-1");
        assert_eq!(models_id("nothing"), "nothing");
    }
}
