//! Elastic Load Balancing, 2015-12-01: query and XML. Shapes and codes are botocore's `elbv2` model.

use mmdr_core::deployment::Platform;
use mmdr_core::ports::{NodeSeen, NodeState};
use mmdr_world::model::nodes;
use mmdr_world::network::Ix;

use crate::control::state;
use crate::forms::query::Params;
use crate::reply::{Answered, Protocol, Refusal};
use crate::route::Asked;
use crate::world::World;

pub(crate) const PROTOCOL: Protocol = Protocol::Query("http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/");

/// Answers one operation.
pub(crate) fn answer(world: &mut World, asked: &Asked, params: &Params) -> Answered {
    let region = asked.region;
    let group = params.get("TargetGroupArn").unwrap_or_default();
    if world.region(region).is_none_or(|setup| setup.nodes.target_group_arn != group) {
        return Err(Refusal::new("TargetGroupNotFound", format!("Target groups '{group}' not found")));
    }
    let targets = params.list("Targets", ".Id");
    match asked.operation.as_str() {
        "DescribeTargetHealth" => health(world, asked, &targets),
        "RegisterTargets" => {
            let ids = ids(world, region, &targets)?;
            let named = state::models_ids(world, region, &ids);
            world.act(|model, ctx| nodes::register(model, region, &named, ctx))?;
            Ok(PROTOCOL.result(&asked.operation, &asked.id, |_| {}))
        }
        "DeregisterTargets" => {
            let ids = ids(world, region, &targets)?;
            let registered: Vec<String> = registered(world, region);
            let named = state::models_ids(world, region, &ids);
            world.act(|model, ctx| nodes::deregister(model, region, &named, ctx))?;
            let now = world.now();
            for id in ids.into_iter().filter(|id| registered.contains(id)) {
                world.memory.deregistered.insert((region, id), now);
            }
            Ok(PROTOCOL.result(&asked.operation, &asked.id, |_| {}))
        }
        other => Err(Refusal::new("InvalidAction", format!("The action {other} is not valid for this web service."))),
    }
}

fn registered(world: &mut World, region: Ix) -> Vec<String> {
    state::seen(world, region).into_iter().filter(|node| node.registered).map(|node| node.id).collect()
}

/// DescribeTargetHealth: targets that are registered, and those that are being drained.
fn health(world: &mut World, asked: &Asked, wanted: &[String]) -> Answered {
    let delay_ms = world.setup.deregistration_delay_s * 1_000;
    let mut found = Vec::new();
    for node in state::seen(world, asked.region) {
        let target = target_of(world, asked.region, &node.id);
        let left = world.memory.deregistered.get(&(asked.region, node.id.clone()));
        let drains = !node.registered && left.is_some_and(|at| world.now() - at < delay_ms);
        let is_wanted = if wanted.is_empty() { node.registered || drains } else { wanted.contains(&target) };
        if is_wanted {
            found.push((target, state_of(&node, drains)));
        }
    }
    Ok(PROTOCOL.result("DescribeTargetHealth", &asked.id, |xml| {
        xml.element("TargetHealthDescriptions", |xml| {
            for (target, (state, reason)) in &found {
                xml.element("member", |xml| {
                    xml.element("Target", |xml| {
                        xml.text("Id", target);
                        xml.text("Port", 8065);
                    });
                    xml.text("HealthCheckPort", 8065);
                    xml.element("TargetHealth", |xml| {
                        xml.text("State", state);
                        xml.maybe("Reason", *reason);
                    });
                });
            }
        });
    }))
}

fn state_of(node: &NodeSeen, drains: bool) -> (&'static str, Option<&'static str>) {
    match node.state {
        _ if drains => ("draining", Some("Target.DeregistrationInProgress")),
        _ if !node.registered => ("unused", Some("Target.NotRegistered")),
        _ if node.healthy => ("healthy", None),
        NodeState::Running => ("initial", Some("Elb.InitialHealthChecking")),
        _ => ("unhealthy", Some("Target.FailedHealthChecks")),
    }
}

/// What the load balancer calls a node: an instance by its identifier, a task by its address.
pub(crate) fn target_of(world: &World, region: Ix, id: &str) -> String {
    let is_task = world.region(region).is_some_and(|setup| setup.nodes.platform == Platform::Ecs);
    if is_task { format!("10.{region}.0.{}", state::number_of(id).unwrap_or(0)) } else { id.to_owned() }
}

fn ids(world: &mut World, region: Ix, targets: &[String]) -> Result<Vec<String>, Refusal> {
    let known = state::seen(world, region);
    let id = |target: &String| {
        let found = known.iter().find(|node| target_of(world, region, &node.id) == *target);
        let unknown = || Refusal::new("InvalidTarget", format!("The target {target} is not valid"));
        found.map(|node| node.id.clone()).ok_or_else(unknown)
    };
    targets.iter().map(id).collect()
}
