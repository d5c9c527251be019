//! The world as it is: what a test compares with what clients read.

use mmdr_core::ports::{IndexSeen, NodeSeen};
use mmdr_world::model::{dns, nodes, search};
use mmdr_world::network::{Ix, OUTSIDE};
use serde_json::{Value, json};

use crate::world::World;

/// Every judge that judges the world and not the product's own records.
const JUDGES: [&str; 4] = ["one-writer", "job-region", "public-name", "nothing-destroyed"];

/// The whole state.
pub(crate) fn of(world: &mut World) -> Value {
    let regions: Vec<Value> = (0..2).map(|region| one_region(world, region)).collect();
    let names = dns_of(world);
    let (database, people) = (&world.sim.model.database, &world.sim.model.people);
    let writer = database.writer();
    let acknowledged = &people.experience.acknowledged;
    let lost = acknowledged.iter().filter(|it| !database.holds(writer, it.row)).count();
    let kept = database.kept().map(|kept| json!({ "name": kept.name, "rows": kept.rows.len() }));
    let promotions = database
        .promotions
        .iter()
        .map(|it| json!({ "at_ms": it.at_ms, "to": world.name(it.to), "lost": it.lost.len() }));
    let judged = world.sim.judges.violations.iter().filter(|it| JUDGES.contains(&it.judge));
    let violations = judged.map(|it| json!({ "judge": it.judge, "at_ms": it.at, "what": it.what }));
    json!({
        "now_ms": world.now(),
        "writer": world.name(writer),
        "global_status": database.global_status,
        "regions": regions,
        "dns": names,
        "messages": { "acknowledged": acknowledged.len(), "not_at_the_writer": lost },
        "people": { "connected": people.connected(), "without_service": people.without_service() },
        "promotions": promotions.collect::<Vec<_>>(),
        "snapshots": kept.collect::<Vec<_>>(),
        "violations": violations.collect::<Vec<_>>(),
    })
}

fn one_region(world: &mut World, region: Ix) -> Value {
    let nodes = seen(world, region);
    let indices = world.act(|model, ctx| {
        search::network_changed(model, ctx);
        model.search.indices(region, ctx)
    });
    let indices = indices.unwrap_or_default();
    let names = |follow: bool| -> Vec<&str> {
        let wanted = |index: &&IndexSeen| index.follower_of.is_some() == follow;
        indices.iter().filter(wanted).map(|index| index.name.as_str()).collect()
    };
    let model = &world.sim.model;
    let cluster = model.database.clusters.get(region).map(|it| {
        json!({
            "arn": it.arn, "status": it.status, "in_global": it.in_global, "is_writer": it.writer_flag,
            "synchronization": it.synchronization,
        })
    });
    json!({
        "name": world.name(region),
        "dark": world.sim.network.is_dark(region),
        "cluster": cluster,
        "database_takes_writes": model.database.writable(region),
        "nodes": nodes,
        "runs_jobs": model.nodes.claims_jobs(region),
        "job_flags": nodes::job_flags(model, region).ok(),
        "search": { "leads": names(false), "follows": names(true) },
    })
}

/// The nodes of a Region as they are, whoever can see them, under the identifiers that AWS gives.
pub(crate) fn seen(world: &mut World, region: Ix) -> Vec<NodeSeen> {
    let found = world.act(|model, ctx| nodes::seen(model, region, ctx)).unwrap_or_default();
    let shown = |node: NodeSeen| NodeSeen { id: shown_id(region, &node.id), ..node };
    found.into_iter().map(shown).collect()
}

/// An instance's identifier has 17 signs (botocore, pattern of `InstanceId`); the model's are readable.
fn shown_id(region: Ix, id: &str) -> String {
    let number = id.rsplit('-').next().unwrap_or_default();
    format!("i-{region:08}{number:0>9}")
}

/// The number of a node among those of its Region.
pub(crate) fn number_of(id: &str) -> Option<u32> {
    id.strip_prefix("i-").filter(|digits| digits.len() == 17)?.get(8..)?.parse().ok()
}

/// The model's names of nodes. What is no node keeps its name, so that the model can say so.
pub(crate) fn models_ids(world: &World, region: Ix, ids: &[String]) -> Vec<String> {
    let name = |id: &String| match number_of(id) {
        Some(number) if shown_id(region, &number.to_string()) == *id => format!("i-{}-{number}", world.name(region)),
        _ => id.clone(),
    };
    ids.iter().map(name).collect()
}

/// What the reporter on each node would write.
pub(crate) fn reports(world: &mut World, region: Ix) -> Vec<Value> {
    let at = world.now();
    let report = |node: NodeSeen| {
        json!({
            "id": node.id, "state": node.state, "started_at": node.started_at, "started_with": node.started_with,
            "sockets": node.sockets, "version": node.version, "exits": node.exits, "at": at,
        })
    };
    seen(world, region).into_iter().map(report).collect()
}

/// The public name: what the servers and each resolver answer, the records and the flags.
pub(crate) fn dns_of(world: &mut World) -> Value {
    let resolvers = world.act(|model, ctx| dns::resolvers(model, OUTSIDE, ctx));
    let model = &world.sim.model;
    let flag = |region: Ix| json!({ "region": world.name(region), "flag": model.dns.flag(region, world.now()) });
    json!({
        "answer": world.name(model.dns.answer()),
        "resolvers": resolvers,
        "records": model.dns.records(&model.regions).ok(),
        "flags": [flag(0), flag(1)],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_has_an_identifier_of_17_signs_that_holds_its_number() {
        let id = shown_id(1, "i-us-east-1-2");
        assert_eq!(id, "i-00000001000000002");
        assert_eq!((number_of(&id), number_of("i-2")), (Some(2), None));
    }
}
