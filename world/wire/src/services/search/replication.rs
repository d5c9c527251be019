//! The replication plugin: `_start`, `_stop`, `_pause`, `_resume`, `_status` and the rules.
//!
//! The model takes a call that is repeated as done; here it is refused in the plugin's words, because that is what the
//! adapters must tell apart.

use mmdr_core::Fault;
use mmdr_core::ports::{IndexSeen, ReplicationStatus, RuleName};
use mmdr_world::model::search;
use mmdr_world::network::Ix;
use serde_json::{Value, json};

use super::{Done, acknowledged, errors, indices};
use crate::reply::{Outcome, Reply};
use crate::request::Request;
use crate::world::World;

/// So often it is looked whether a `_stop` that hangs was released, in virtual milliseconds.
const LOOK_AGAIN_MS: i64 = 250;

fn body(request: &Request) -> Result<Value, Outcome> {
    let missing = || errors::failed(400, "parse_exception", "request body or source parameter is required");
    if request.body.is_empty() {
        return Err(missing());
    }
    request.json().ok_or_else(|| errors::failed(400, "parse_exception", "request body is not valid JSON"))
}

fn find(world: &mut World, region: Ix, name: &str) -> Result<Option<IndexSeen>, Outcome> {
    Ok(indices(world, region)?.into_iter().find(|index| index.name == name))
}

/// The follower of this name; no call takes a pattern or a list (opensearch-project/cross-cluster-replication #344).
fn follower(world: &mut World, region: Ix, name: &str) -> Result<IndexSeen, Outcome> {
    let found = find(world, region, name)?.filter(|index| index.follower_of.is_some());
    found.ok_or_else(|| errors::not_in_progress(name))
}

/// `_start`: answered once the copy has begun.
pub(super) fn start(world: &mut World, region: Ix, name: &str, request: &Request) -> Done {
    let body = body(request)?;
    let text = |field: &str| body.get(field).and_then(Value::as_str).unwrap_or_default();
    let (alias, leader) = (text("leader_alias").to_owned(), text("leader_index"));
    let missing: Vec<&str> = ["leader_alias", "leader_index"].into_iter().filter(|it| text(it).is_empty()).collect();
    if !missing.is_empty() {
        let what =
            format!("Validation Failed: 1: Mandatory params [{}] are missing for the request;", missing.join(", "));
        return Err(errors::failed(400, "action_request_validation_exception", what));
    }
    // The domains have fine-grained access control.
    if body.get("use_roles").is_none() {
        return Err(errors::failed(403, "security_exception", "Follower roles are mandatory for replication"));
    }
    if leader != name {
        return Err(errors::failed(400, "illegal_argument_exception", "a follower has its leader's name at this door"));
    }
    if find(world, region, name)?.is_some() {
        let what = format!("Cant use same index again for replication. Delete the index:{name}");
        return Err(errors::failed(400, "illegal_argument_exception", what));
    }
    let names = [name.to_owned()];
    let accepted_at = world.act(|model, ctx| search::start(model, region, &alias, &names, ctx)).map_err(errors::of)?;
    world.memory.stopped.remove(&(region, name.to_owned()));
    Ok(Outcome::Later(accepted_at, Box::new(|_| acknowledged())))
}

/// `_stop`: answered once it is through; while a leader swallows packets, never.
pub(super) fn stop(world: &mut World, region: Ix, name: &str, request: &Request) -> Done {
    body(request)?;
    follower(world, region, name)?;
    let names = [name.to_owned()];
    let begun = world.act(|model, ctx| search::stop(model, region, &names, ctx)).map_err(errors::of)?;
    if let Some(fault) = begun.refused.clone() {
        return Err(errors::of(fault));
    }
    let (name, done_at) = (name.to_owned(), begun.done_at + 4);
    Ok(Outcome::Later(done_at, Box::new(move |world| stopped(world, region, name, begun))))
}

fn stopped(world: &mut World, region: Ix, name: String, begun: search::StopBegun) -> Outcome {
    if !world.sim.model.search.stalled(region, &begun).is_empty() {
        let again_at = world.now() + LOOK_AGAIN_MS;
        return Outcome::Later(again_at, Box::new(move |world| stopped(world, region, name, begun)));
    }
    // One that was still being copied is deleted by its `_stop`.
    if find(world, region, &name).is_ok_and(|found| found.is_some()) {
        world.memory.stopped.insert((region, name));
    }
    acknowledged()
}

/// `_pause`: never contacts the leader.
pub(super) fn pause(world: &mut World, region: Ix, name: &str, request: &Request) -> Done {
    body(request)?;
    if follower(world, region, name)?.replication == ReplicationStatus::Paused {
        let what = format!("Index {name} is already paused");
        return Err(errors::failed(400, "resource_already_exists_exception", what));
    }
    let names = [name.to_owned()];
    world.act(|model, ctx| search::pause(model, region, &names, ctx)).map_err(errors::of)?;
    Ok(acknowledged())
}

/// `_resume`.
pub(super) fn resume(world: &mut World, region: Ix, name: &str, request: &Request) -> Done {
    body(request)?;
    if follower(world, region, name)?.replication != ReplicationStatus::Paused {
        let what = format!("Replication on Index {name} is already running");
        return Err(errors::failed(400, "resource_already_exists_exception", what));
    }
    let names = [name.to_owned()];
    world.act(|model, ctx| search::resume(model, region, &names, ctx)).map_err(errors::of)?;
    Ok(acknowledged())
}

/// `_status`. With a dead leader it is 500, with one that swallows packets there is no answer (run on two nodes).
pub(super) fn status(world: &mut World, region: Ix, name: &str, request: &Request) -> Done {
    let not_in_progress = json!({ "status": "REPLICATION NOT IN PROGRESS" });
    let index = find(world, region, name)?;
    let Some(index) = index.filter(|it| it.follower_of.is_some() && it.replication != ReplicationStatus::NotInProgress)
    else {
        return Ok(Outcome::Reply(Reply::json(200, &not_in_progress)));
    };
    let word = match index.replication {
        ReplicationStatus::Paused => "PAUSED",
        ReplicationStatus::Bootstrapping => "BOOTSTRAPPING",
        ReplicationStatus::Syncing => "SYNCING",
        ReplicationStatus::Failed => "FAILED",
        ReplicationStatus::Unknown | ReplicationStatus::NotInProgress => {
            let silent = !world.sim.network.reaches(0, 1) && !world.setup.dark_region_refuses;
            let text = "failed to fetch replication status";
            return Err(if silent { Outcome::Held } else { errors::failed(500, "replication_exception", text) });
        }
    };
    let alias = world.sim.model.search.leader_alias(region, name).unwrap_or_default().to_owned();
    let mut shape = json!({
        "status": word, "reason": "User initiated", "leader_alias": alias, "leader_index": name, "follower_index": name,
    });
    if let (ReplicationStatus::Syncing, Some(fields)) = (index.replication, shape.as_object_mut()) {
        let details = details(world, region, &index)?;
        if request.query.truth("verbose") {
            let shard = json!([{ "shard_id": format!("[{name}][0]"), "syncing_task_details": details }]);
            fields.insert("shard_replication_details".into(), shard);
        }
        fields.insert("syncing_details".into(), details);
    }
    Ok(Outcome::Reply(Reply::json(200, &shape)))
}

/// The leader's global checkpoint, the follower's, and the next number that it wants.
fn details(world: &mut World, region: Ix, index: &IndexSeen) -> Result<Value, Outcome> {
    let checkpoint = |index: &IndexSeen| index.shards.first().map_or(-1, |shard| shard.global_checkpoint);
    let leader = find(world, 1 - region.min(1), &index.name)?;
    let (at_leader, here) = (leader.as_ref().map_or(-1, checkpoint), checkpoint(index));
    Ok(json!({ "leader_checkpoint": at_leader, "follower_checkpoint": here, "seq_no": here + 1 }))
}

/// The rules. No call is idempotent.
pub(super) fn rule(world: &mut World, region: Ix, method: &str, request: &Request) -> Done {
    let body = body(request)?;
    let text = |field: &str| body.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let rule = RuleName { alias: text("leader_alias"), name: text("name"), pattern: text("pattern") };
    let invalid = |what: String| {
        errors::failed(400, "action_request_validation_exception", format!("Validation Failed: 1: {what};"))
    };
    let done = match method {
        "DELETE" if body.get("pattern").is_some() => return Err(invalid("Unexpected pattern".into())),
        "DELETE" => world.act(|model, _| search::delete_rule(model, region, &rule)),
        "POST" => {
            if rule.pattern.is_empty() {
                return Err(invalid("Autofollow pattern:  must not be empty".into()));
            }
            if rule.pattern.contains([' ', '"', '\\', '<', '|', ',', '>', '/', '?']) {
                let signs = "must not contain the following characters [ , \", *, \\, <, |, ,, >, /, ?]";
                return Err(invalid(format!("Autofollow pattern: {} {signs}", rule.pattern)));
            }
            if body.get("use_roles").is_none() {
                return Err(errors::failed(403, "security_exception", "Follower roles are mandatory for replication"));
            }
            world.act(|model, ctx| search::create_rule(model, region, &rule, ctx))
        }
        _ => Err(Fault::Refused(format!("no handler for {method}"))),
    };
    done.map_err(errors::of)?;
    Ok(acknowledged())
}
