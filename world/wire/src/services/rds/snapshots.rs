//! Cluster snapshots.

use mmdr_core::ports::SnapshotSeen;

use super::{PROTOCOL, named, required};
use crate::forms::query::Params;
use crate::forms::times;
use crate::forms::xml::Xml;
use crate::reply::{Answered, Refusal};
use crate::route::Asked;
use crate::world::World;

/// DescribeDBClusterSnapshots.
pub(super) fn describe(world: &mut World, asked: &Asked, params: &Params) -> Answered {
    let (cluster, version) = cluster(world, asked);
    let wanted = params.get("DBClusterSnapshotIdentifier");
    let of_cluster = params.get("DBClusterIdentifier").is_none_or(|id| named(id) == cluster);
    let fits = |it: &SnapshotSeen| {
        let kind = params.get("SnapshotType").is_none_or(|wanted| wanted == kind(it));
        of_cluster && kind && wanted.is_none_or(|wanted| identifier(wanted) == it.id)
    };
    let mut found = world.sim.model.database.snapshots_seen(asked.region, world.now());
    found.retain(fits);
    if let (Some(id), true) = (wanted, found.is_empty()) {
        return Err(Refusal::new("DBClusterSnapshotNotFoundFault", format!("DBClusterSnapshot {id} not found.")));
    }
    let place = (world.name(asked.region).to_owned(), world.account().to_owned());
    Ok(PROTOCOL.result("DescribeDBClusterSnapshots", &asked.id, |xml| {
        xml.element("DBClusterSnapshots", |xml| {
            for it in &found {
                xml.element("DBClusterSnapshot", |xml| write(xml, it, &cluster, &version, &place));
            }
        });
    }))
}

/// CopyDBClusterSnapshot within the Region.
pub(super) fn copy(world: &mut World, asked: &Asked, params: &Params) -> Answered {
    let source = identifier(required(params, "SourceDBClusterSnapshotIdentifier")?).to_owned();
    let copy = required(params, "TargetDBClusterSnapshotIdentifier")?.to_owned();
    world.act(|model, ctx| model.database.copy_snapshot(asked.region, &source, &copy, ctx))?;
    let made = world.sim.model.database.snapshots_seen(asked.region, world.now());
    let made = made.into_iter().find(|it| it.id == copy);
    let made = made.ok_or_else(|| Refusal::new("DBClusterSnapshotNotFoundFault", copy))?;
    let (cluster, version) = cluster(world, asked);
    let place = (world.name(asked.region).to_owned(), world.account().to_owned());
    Ok(PROTOCOL.result("CopyDBClusterSnapshot", &asked.id, |xml| {
        xml.element("DBClusterSnapshot", |xml| write(xml, &made, &cluster, &version, &place));
    }))
}

fn cluster(world: &World, asked: &Asked) -> (String, String) {
    let cluster = world.sim.model.database.clusters.get(asked.region);
    cluster.map(|it| (named(&it.arn).to_owned(), it.engine_version.clone())).unwrap_or_default()
}

/// The identifier in an ARN; that of a system snapshot has a colon of its own.
fn identifier(text: &str) -> &str {
    text.split_once(":cluster-snapshot:").map_or(text, |(_, id)| id)
}

fn kind(snapshot: &SnapshotSeen) -> &'static str {
    if snapshot.manual { "manual" } else { "automated" }
}

fn write(xml: &mut Xml, it: &SnapshotSeen, cluster: &str, version: &str, (region, account): &(String, String)) {
    xml.text("DBClusterSnapshotIdentifier", &it.id);
    xml.text("DBClusterSnapshotArn", format!("arn:aws:rds:{region}:{account}:cluster-snapshot:{}", it.id));
    xml.text("DBClusterIdentifier", cluster);
    xml.text("SnapshotCreateTime", times::iso(it.created_at.0));
    xml.text("Engine", "aurora-postgresql");
    xml.text("EngineVersion", version);
    xml.text("Status", &it.status);
    xml.text("SnapshotType", kind(it));
    xml.text("PercentProgress", if it.status == "available" { 100 } else { 0 });
    xml.text("StorageEncrypted", true);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_snapshots_identifier_keeps_its_colon() {
        let id = "rds:unplanned-global-failover-acme-1";
        assert_eq!(identifier(&format!("arn:aws:rds:us-west-1:123456789012:cluster-snapshot:{id}")), id);
        assert_eq!(identifier(id), id);
    }
}
