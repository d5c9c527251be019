//! ECS, JSON 1.1: the service of the nodes and that of a dedicated job server, as far as the model knows them. Shapes and
//! codes are botocore's `ecs` model.

use mmdr_core::deployment::Platform;
use mmdr_core::ports::{NodeSeen, NodeState};
use mmdr_world::model::nodes;
use mmdr_world::network::Ix;
use serde_json::{Value, json};

use crate::control::state;
use crate::forms::times;
use crate::reply::{Answered, Refusal, Reply};
use crate::request::Request;
use crate::route::Asked;
use crate::services::balancer;
use crate::world::World;

/// Which of the two services.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Nodes,
    JobServer,
}

/// Answers one operation.
pub(crate) fn answer(world: &mut World, asked: &Asked, request: &Request) -> Answered {
    let (body, region) = (request.json().unwrap_or_default(), asked.region);
    match asked.operation.as_str() {
        "DescribeServices" => describe_services(world, region, &body),
        "UpdateService" => update_service(world, region, &body),
        "ListTasks" => list_tasks(world, region, &body),
        "DescribeTasks" => describe_tasks(world, region, &body),
        other => Err(Refusal::new("UnknownOperationException", format!("{other} is not served here"))),
    }
}

fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    // A cluster or service may be named by its ARN.
    body.get(name).and_then(Value::as_str).map_or("", |text| text.rsplit('/').next().unwrap_or(text))
}

fn texts(body: &Value, name: &str) -> Vec<String> {
    let list = body.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(|text| text.rsplit('/').next().unwrap_or(text).to_owned()).collect()
}

/// The service of this name; the document names it `cluster/service`.
fn kind(world: &World, region: Ix, cluster: &str, service: &str) -> Option<Kind> {
    let named = format!("{cluster}/{service}");
    let setup = &world.region(region)?.nodes;
    match world.sim.deployment.mattermost.job_server.as_ref() {
        Some(server) if *server == named => Some(Kind::JobServer),
        _ if setup.platform == Platform::Ecs && setup.group == named => Some(Kind::Nodes),
        _ => None,
    }
}

/// Desired and running tasks. The model knows which tasks there are; how many somebody wants is remembered.
fn counts(world: &mut World, region: Ix, kind: Kind, service: &str) -> (u32, u32) {
    let running = match kind {
        Kind::JobServer => {
            nodes::job_flags(&world.sim.model, region).ok().and_then(|seen| seen.job_server_replicas).unwrap_or(0)
        }
        Kind::Nodes => {
            let live = state::seen(world, region).iter().filter(|node| node.is_live()).count();
            u32::try_from(live).unwrap_or(u32::MAX)
        }
    };
    (world.memory.desired.get(&(region, service.to_owned())).copied().unwrap_or(running), running)
}

fn shape(world: &mut World, region: Ix, kind: Kind, cluster: &str, service: &str) -> Value {
    let (desired, running) = counts(world, region, kind, service);
    let (place, account) = (world.name(region).to_owned(), world.account().to_owned());
    let updated = times::epoch_s(world.now());
    json!({
        "serviceArn": format!("arn:aws:ecs:{place}:{account}:service/{cluster}/{service}"), "serviceName": service,
        "clusterArn": format!("arn:aws:ecs:{place}:{account}:cluster/{cluster}"), "status": "ACTIVE",
        "desiredCount": desired, "runningCount": running, "pendingCount": 0, "launchType": "FARGATE",
        "deployments": [{
            "id": "ecs-svc/1", "status": "PRIMARY", "desiredCount": desired, "runningCount": running, "pendingCount": 0,
            "rolloutState": if desired == running { "COMPLETED" } else { "IN_PROGRESS" }, "updatedAt": updated,
        }],
    })
}

fn describe_services(world: &mut World, region: Ix, body: &Value) -> Answered {
    let cluster = text(body, "cluster").to_owned();
    let (mut services, mut failures) = (Vec::new(), Vec::new());
    for service in texts(body, "services") {
        match kind(world, region, &cluster, &service) {
            Some(kind) => services.push(shape(world, region, kind, &cluster, &service)),
            None => failures.push(json!({ "arn": service, "reason": "MISSING" })),
        }
    }
    Ok(Reply::json(200, &json!({ "services": services, "failures": failures })))
}

/// UpdateService: tasks are started or stopped by their number; new ones are forced where there are any.
fn update_service(world: &mut World, region: Ix, body: &Value) -> Answered {
    let (cluster, service) = (text(body, "cluster").to_owned(), text(body, "service").to_owned());
    let missing = || Refusal::new("ServiceNotFoundException", "Service not found.");
    let kind = kind(world, region, &cluster, &service).ok_or_else(missing)?;
    let wanted = body.get("desiredCount").and_then(Value::as_u64).and_then(|count| u32::try_from(count).ok());
    let desired = wanted.unwrap_or_else(|| counts(world, region, kind, &service).0);
    match kind {
        Kind::JobServer => world.act(|model, _| nodes::scale_job_server(model, region, desired))?,
        Kind::Nodes => {
            let ids: Vec<String> = state::seen(world, region).into_iter().map(|node| node.id).collect();
            let ids = state::models_ids(world, region, &ids);
            let kept = (desired as usize).min(ids.len());
            let (start, stop) = ids.split_at(kept);
            world.act(|model, ctx| {
                nodes::stop(model, region, stop, false, ctx)?;
                nodes::start(model, region, start, ctx)
            })?;
        }
    }
    world.memory.desired.insert((region, service.clone()), desired);
    Ok(Reply::json(200, &json!({ "service": shape(world, region, kind, &cluster, &service) })))
}

/// A task is a node that is there; a stopped one is none.
fn tasks(world: &mut World, region: Ix) -> Vec<NodeSeen> {
    state::seen(world, region).into_iter().filter(NodeSeen::is_live).collect()
}

fn arn(world: &World, region: Ix, cluster: &str, id: &str) -> String {
    format!("arn:aws:ecs:{}:{}:task/{cluster}/{id}", world.name(region), world.account())
}

fn list_tasks(world: &mut World, region: Ix, body: &Value) -> Answered {
    let (cluster, service) = (text(body, "cluster"), text(body, "serviceName"));
    let missing = || Refusal::new("ServiceNotFoundException", "Service not found.");
    let kind = kind(world, region, cluster, service).ok_or_else(missing)?;
    let nodes = if kind == Kind::Nodes { tasks(world, region) } else { Vec::new() };
    let arns: Vec<String> = nodes.iter().map(|node| arn(world, region, cluster, &node.id)).collect();
    Ok(Reply::json(200, &json!({ "taskArns": arns })))
}

fn describe_tasks(world: &mut World, region: Ix, body: &Value) -> Answered {
    let (cluster, wanted) = (text(body, "cluster").to_owned(), texts(body, "tasks"));
    let found = tasks(world, region);
    let shape = |node: &NodeSeen| {
        let status = if node.state == NodeState::Starting { "PENDING" } else { "RUNNING" };
        let address = balancer::target_of(world, region, &node.id);
        json!({
            "taskArn": arn(world, region, &cluster, &node.id), "lastStatus": status, "desiredStatus": "RUNNING",
            "startedAt": node.started_at.map(|at| times::epoch_s(at.0)), "launchType": "FARGATE",
            "attachments": [{ "type": "ElasticNetworkInterface", "status": "ATTACHED", "details": [
                { "name": "privateIPv4Address", "value": address },
            ] }],
        })
    };
    let shapes: Vec<Value> = found.iter().filter(|node| wanted.contains(&node.id)).map(shape).collect();
    let missing = wanted.iter().filter(|id| found.iter().all(|node| node.id != **id));
    let failures: Vec<Value> = missing.map(|id| json!({ "arn": id, "reason": "MISSING" })).collect();
    Ok(Reply::json(200, &json!({ "tasks": shapes, "failures": failures })))
}
