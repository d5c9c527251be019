//! Settings, the write probe, closing, opening and deleting.

use mmdr_core::ports::{IndexSeen, ProbeAnswer};
use mmdr_world::model::search;
use mmdr_world::network::Ix;
use serde_json::{Value, json};

use super::{Done, acknowledged, errors, indices, matching};
use crate::reply::{Outcome, Reply};
use crate::request::Request;
use crate::world::World;

/// `PUT …/_settings`: the fence, `index.blocks.write`. The model fences every Mattermost index of the domain together,
/// whichever pattern names them.
pub(super) fn settings(world: &mut World, region: Ix, request: &Request) -> Done {
    let body = request.json().unwrap_or_default();
    let found = body
        .get("index.blocks.write")
        .or_else(|| body.pointer("/index/blocks/write"))
        .or_else(|| body.pointer("/settings/index.blocks.write"));
    let on = match found {
        Some(Value::Bool(on)) => *on,
        Some(Value::String(text)) => text == "true",
        Some(Value::Null) => false,
        _ => {
            let text = "only index.blocks.write is set at this door";
            return Err(errors::failed(400, "illegal_argument_exception", text));
        }
    };
    world.act(|model, ctx| search::set_write_block(model, region, on, ctx)).map_err(errors::of)?;
    Ok(acknowledged())
}

/// The conditional write to an index: 409 writable, 403 follower or fenced, 500 zombie or half stopped, 400 closed (run on
/// two nodes). A write without its condition is nobody's but Mattermost's.
pub(super) fn probe(world: &mut World, region: Ix, name: &str, id: &str, request: &Request) -> Done {
    let (seq_no, term) = (request.query.get("if_seq_no"), request.query.get("if_primary_term"));
    let (Some(seq_no), Some(term)) = (seq_no, term) else {
        return Err(errors::failed(403, "security_exception", "only a conditional write probe is taken at this door"));
    };
    let names = [name.to_owned()];
    let answers = world.act(|model, ctx| {
        let now = ctx.now;
        model.search.probe(region, &names, now)
    });
    let answer = answers.map_err(errors::of)?.into_iter().next().map(|(_, answer)| answer);
    let seen = indices(world, region)?.into_iter().find(|index| index.name == name);
    Err(match answer {
        Some(ProbeAnswer::Writable) => errors::failed(
            409,
            "version_conflict_engine_exception",
            format!(
                "[{id}]: version conflict, required seqNo [{seq_no}], primary term [{term}]. but no document was found"
            ),
        ),
        Some(ProbeAnswer::Blocked) => blocked(name, seen.as_ref()),
        Some(ProbeAnswer::Broken) => errors::failed(
            500,
            "illegal_state_exception",
            "Expected valid sequence number for replicate op but was unassigned",
        ),
        Some(ProbeAnswer::Closed) => errors::failed(400, "index_closed_exception", "closed"),
        Some(ProbeAnswer::Missing) | None => errors::no_such_index(name),
    })
}

fn blocked(name: &str, seen: Option<&IndexSeen>) -> Outcome {
    let by = match seen {
        Some(index) if index.replication_block => "FORBIDDEN/1000/index read-only(cross-cluster-replication)",
        _ => "FORBIDDEN/8/index write (api)",
    };
    errors::failed(403, "cluster_block_exception", format!("index [{name}] blocked by: [{by}];"))
}

/// `_close`: mends a zombie. What is closed already stays so, and a follower with its block refuses. Between this call and
/// `_open` the index still reads as open: the model has no closed index of a domain's own.
pub(super) fn close(world: &mut World, region: Ix, target: &str) -> Done {
    let names: Vec<String> =
        matching(world, region, target)?.into_iter().filter(|index| index.open).map(|index| index.name).collect();
    world.act(|model, ctx| search::reopen(model, region, &names, ctx)).map_err(errors::of)?;
    Ok(Outcome::Reply(Reply::json(200, &json!({ "acknowledged": true, "shards_acknowledged": true, "indices": {} }))))
}

/// `_open`: what a hanging `_stop` has closed becomes a zombie by it (run on two nodes).
pub(super) fn open(world: &mut World, region: Ix, target: &str) -> Done {
    let names: Vec<String> =
        matching(world, region, target)?.into_iter().filter(|index| !index.open).map(|index| index.name).collect();
    if !names.is_empty() {
        world.act(|model, ctx| search::reopen(model, region, &names, ctx)).map_err(errors::of)?;
    }
    Ok(Outcome::Reply(Reply::json(200, &json!({ "acknowledged": true, "shards_acknowledged": true }))))
}

/// `_refresh`.
pub(super) fn refresh(world: &mut World, region: Ix, target: &str) -> Done {
    let count = matching(world, region, target)?.len() * 2;
    let body = json!({ "_shards": { "total": count, "successful": count, "failed": 0 } });
    Ok(Outcome::Reply(Reply::json(200, &body)))
}

/// DELETE of a list of names; patterns are refused, as with `action.destructive_requires_name`.
pub(super) fn delete(world: &mut World, region: Ix, target: &str, request: &Request) -> Done {
    if target.contains('*') || target == "_all" {
        let text = "Wildcard expressions or all indices are not allowed";
        return Err(errors::failed(400, "illegal_argument_exception", text));
    }
    let names: Vec<String> = target.split(',').map(str::to_owned).collect();
    if !request.query.truth("ignore_unavailable") {
        matching(world, region, target)?;
    }
    world.act(|model, ctx| search::delete_indices(model, region, &names, ctx)).map_err(errors::of)?;
    world.memory.stopped.retain(|(at, name)| *at != region || !names.contains(name));
    Ok(acknowledged())
}
