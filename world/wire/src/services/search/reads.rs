//! What can be read of a domain.

use mmdr_core::ports::{IndexSeen, RecoveryKind};
use mmdr_world::network::Ix;
use serde_json::{Map, Value, json};

use super::{Done, errors, indices, matching};
use crate::reply::{Outcome, Reply};
use crate::request::Request;
use crate::world::World;

fn shown(body: &Value) -> Done {
    Ok(Outcome::Reply(Reply::json(200, body)))
}

/// The domain itself.
pub(super) fn root(world: &World, region: Ix) -> Done {
    let (engine, _) = world.sim.model.search.versions(region);
    let number = engine.trim_start_matches("OpenSearch_");
    let name = world.region(region).map_or("", |setup| setup.search_domain.as_str());
    shown(&json!({
        "name": "node-1", "cluster_name": format!("{}:{name}", world.account()),
        "version": { "distribution": "opensearch", "number": format!("{number}.0") },
    }))
}

/// `_cluster/health`.
pub(super) fn health(world: &World, region: Ix) -> Done {
    let domain = world.sim.model.search.domain(region, world.now()).map_err(errors::of)?;
    shown(&json!({
        "cluster_name": world.region(region).map_or("", |setup| &setup.search_domain), "status": domain.health,
        "timed_out": false, "number_of_nodes": 2, "number_of_data_nodes": 2, "relocating_shards": 0,
        "initializing_shards": 0, "unassigned_shards": 0, "number_of_pending_tasks": 0,
    }))
}

/// `_snapshot/_status`: without a name it lists what runs now.
pub(super) fn snapshots_running(world: &World, region: Ix) -> Done {
    let domain = world.sim.model.search.domain(region, world.now()).map_err(errors::of)?;
    let running = json!({ "snapshot": "automated", "repository": "cs-automated-enc", "state": "STARTED" });
    let running = if domain.snapshot_running { vec![running] } else { Vec::new() };
    shown(&json!({ "snapshots": running }))
}

/// `_cat/snapshots/{repository}`, as the model's recovery points of search.
pub(super) fn cat_snapshots(world: &World, repository: &str, request: &Request) -> Done {
    let known = world.sim.deployment.regions.iter().any(|setup| setup.backups.search_repository == repository);
    if !known {
        return Err(errors::failed(404, "repository_missing_exception", format!("[{repository}] missing")));
    }
    let points = world.sim.model.backups.recovery_points(world.now());
    let points = points.iter().filter(|it| it.kind == RecoveryKind::Search && !it.off_site);
    let rows = points.map(|it| {
        let second = (it.completed_at.0 / 1_000).to_string();
        // The service's identifiers hold no colon.
        json!({ "id": it.id.replace(':', "-"), "status": "SUCCESS", "start_epoch": second, "end_epoch": second })
    });
    cat(rows.collect(), request)
}

/// Rows of `_cat`: as JSON, with the columns of `h`.
fn cat(rows: Vec<Value>, request: &Request) -> Done {
    let Some(wanted) = request.query.get("h") else { return shown(&Value::from(rows)) };
    let cut = |row: &Value| {
        let column = |name: &str| row.get(name).map(|value| (name.to_owned(), value.clone()));
        Value::from(wanted.split(',').filter_map(column).collect::<Map<_, _>>())
    };
    shown(&Value::from(rows.iter().map(cut).collect::<Vec<_>>()))
}

/// `_cat/indices`.
pub(super) fn cat_indices(world: &mut World, region: Ix, rest: &[&str], request: &Request) -> Done {
    let found = matching(world, region, rest.first().copied().unwrap_or_default())?;
    let row = |index: &IndexSeen| {
        let (status, documents) =
            if index.open { ("open", json!(index.documents.to_string())) } else { ("close", Value::Null) };
        let started = index.shards.iter().all(|shard| shard.started);
        json!({
            "health": if started || !index.open { "green" } else { "red" }, "status": status, "index": index.name,
            "uuid": uuid(&index.name), "pri": index.shards.len().to_string(), "rep": "1", "docs.count": documents,
            "docs.deleted": "0", "store.size": "1kb", "pri.store.size": "1kb",
        })
    };
    cat(found.iter().map(row).collect(), request)
}

fn uuid(name: &str) -> String {
    format!("{name:_<22}").chars().take(22).collect()
}

/// `_cat/shards`: each primary with its replica. A primary that is not started has no numbers.
pub(super) fn cat_shards(world: &mut World, region: Ix, rest: &[&str], request: &Request) -> Done {
    let found = matching(world, region, rest.first().copied().unwrap_or_default())?;
    let mut rows = Vec::new();
    for index in &found {
        for shard in &index.shards {
            let number = |value: i64| if shard.started { json!(value.to_string()) } else { Value::Null };
            for (kind, node) in [("p", "node-1"), ("r", "node-2")] {
                rows.push(json!({
                    "index": index.name, "shard": shard.shard.to_string(), "prirep": kind,
                    "state": if shard.started { "STARTED" } else { "INITIALIZING" },
                    "docs": number(index.documents as i64), "store": "1kb", "ip": "203.0.113.1", "node": node,
                    "seq_no.max": number(shard.max_seq_no),
                    "seq_no.local_checkpoint": number(shard.local_checkpoint),
                    "seq_no.global_checkpoint": number(shard.global_checkpoint),
                }));
            }
        }
    }
    cat(rows, request)
}

/// `_stats?level=shards`.
pub(super) fn stats(world: &mut World, region: Ix, target: &str) -> Done {
    let found = matching(world, region, target)?;
    let mut shown_indices = Map::new();
    for index in &found {
        let mut shards = Map::new();
        for shard in index.shards.iter().filter(|shard| shard.started) {
            let copy = |primary: bool| {
                let node = if primary { "node-1" } else { "node-2" };
                json!({
                    "routing": { "state": "STARTED", "primary": primary, "node": node },
                    "docs": { "count": index.documents, "deleted": 0 },
                    "seq_no": {
                        "max_seq_no": shard.max_seq_no, "local_checkpoint": shard.local_checkpoint,
                        "global_checkpoint": shard.global_checkpoint,
                    },
                })
            };
            shards.insert(shard.shard.to_string(), json!([copy(true), copy(false)]));
        }
        let counted = json!({ "docs": { "count": index.documents, "deleted": 0 } });
        shown_indices
            .insert(index.name.clone(), json!({ "uuid": uuid(&index.name), "primaries": counted, "shards": shards }));
    }
    let count = found.len() * 2;
    shown(&json!({ "_shards": { "total": count, "successful": count, "failed": 0 }, "indices": shown_indices }))
}

/// `_settings?flat_settings=true`. An index whose `_stop` was completed keeps the follower setting as null (run on two
/// nodes).
pub(super) fn settings(world: &mut World, region: Ix, target: &str, request: &Request) -> Done {
    if !request.query.truth("flat_settings") {
        return Err(errors::failed(400, "illegal_argument_exception", "only flat settings are shown at this door"));
    }
    let found = matching(world, region, target)?;
    let mut shown_indices = Map::new();
    for index in &found {
        let mut settings = json!({
            "index.number_of_replicas": "1", "index.number_of_shards": index.shards.len().to_string(),
            "index.provided_name": index.name, "index.replication.type": "DOCUMENT", "index.uuid": uuid(&index.name),
        });
        let follower = match &index.follower_of {
            Some(leader) => {
                let alias = world.sim.model.search.leader_alias(region, &index.name).unwrap_or_default();
                Some(json!(format!("{alias}:{leader}")))
            }
            None if world.memory.stopped.contains(&(region, index.name.clone())) => Some(Value::Null),
            None => None,
        };
        if let Some(fields) = settings.as_object_mut() {
            fields.extend(follower.map(|it| ("index.plugins.replication.follower.leader_index".to_owned(), it)));
            fields.extend(index.write_block.then(|| ("index.blocks.write".to_owned(), json!("true"))));
        }
        shown_indices.insert(index.name.clone(), json!({ "settings": settings }));
    }
    shown(&Value::from(shown_indices))
}

/// `_cluster/state`: blocks (1000 is the plugin's, 8 the fence, 4 a closed index) and what the plugin believes of each
/// follower.
pub(super) fn cluster_state(world: &mut World, region: Ix) -> Done {
    let (mut blocks, mut details) = (Map::new(), Map::new());
    for index in indices(world, region)? {
        let mut own = Map::new();
        let block = |text: &str, levels: &[&str]| json!({ "description": text, "retryable": false, "levels": levels });
        if index.replication_block {
            let text = "index read-only(cross-cluster-replication)";
            own.insert("1000".into(), block(text, &["write", "metadata_write"]));
        }
        if index.write_block {
            own.insert("8".into(), block("index write (api)", &["write"]));
        }
        if !index.open {
            own.insert("4".into(), block("index closed", &["read", "write"]));
        }
        if !own.is_empty() {
            blocks.insert(index.name.clone(), Value::from(own));
        }
        if index.follower_of.is_some() {
            let paused = index.replication == mmdr_core::ports::ReplicationStatus::Paused;
            let state = if paused { "PAUSED" } else { "RUNNING" };
            details.insert(index.name, json!({ "REPLICATION_LAST_KNOWN_OVERALL_STATE": state }));
        }
    }
    shown(&json!({
        "cluster_name": "domain", "blocks": { "indices": blocks },
        "metadata": { "replication_metadata": { "replication_details": details } },
    }))
}

/// `autofollow_stats`. Version 2.19 gives no alias (plugin source: from 3.8 on).
pub(super) fn autofollow_stats(world: &World, region: Ix) -> Done {
    let rules = world.sim.model.search.rules(region).map_err(errors::of)?;
    let stats = rules.iter().map(|rule| {
        json!({
            "name": rule.name, "pattern": rule.pattern, "num_success_start_replication": 0,
            "num_failed_start_replication": 0, "num_failed_leader_calls": 0, "failed_indices": [],
            "last_execution_time": 0,
        })
    });
    shown(&json!({
        "num_success_start_replication": 0, "num_failed_start_replication": 0, "num_failed_leader_calls": 0,
        "failed_indices": [], "autofollow_stats": stats.collect::<Vec<_>>(),
    }))
}
