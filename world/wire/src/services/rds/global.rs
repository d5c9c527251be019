//! The global cluster and its moves.

use mmdr_core::ports::{GlobalClusterSeen, Member};
use mmdr_world::network::Ix;

use super::{PROTOCOL, named, required};
use crate::forms::query::Params;
use crate::forms::xml::Xml;
use crate::reply::{Answered, Refusal};
use crate::route::Asked;
use crate::world::World;

/// DescribeGlobalClusters: answered only in Regions that host a member; elsewhere there is none.
pub(super) fn describe(world: &mut World, asked: &Asked, params: &Params) -> Answered {
    let wanted = params.get("GlobalClusterIdentifier");
    let found = seen(world, asked.region)?.filter(|it| wanted.is_none_or(|id| it.id.eq_ignore_ascii_case(id)));
    if let (Some(id), None) = (wanted, &found) {
        return Err(not_found(id));
    }
    Ok(PROTOCOL.result("DescribeGlobalClusters", &asked.id, |xml| {
        xml.element("GlobalClusters", |xml| {
            if let Some(global) = &found {
                xml.element("GlobalClusterMember", |xml| write(xml, global, world));
            }
        });
    }))
}

/// SwitchoverGlobalCluster.
pub(super) fn switch_over(world: &mut World, asked: &Asked, params: &Params) -> Answered {
    is_ours(world, required(params, "GlobalClusterIdentifier")?)?;
    let target = target(world, required(params, "TargetDbClusterIdentifier")?);
    world.act(|model, ctx| model.database.switch_over(asked.region, &target, ctx))?;
    accepted(world, asked, asked.region)
}

/// FailoverGlobalCluster. Without `AllowDataLoss` it is a switchover.
pub(super) fn fail_over(world: &mut World, asked: &Asked, params: &Params) -> Answered {
    is_ours(world, required(params, "GlobalClusterIdentifier")?)?;
    let target = target(world, required(params, "TargetDbClusterIdentifier")?);
    let (loses, switches) = (params.truth("AllowDataLoss"), params.truth("Switchover"));
    if loses && switches {
        let text = "The parameters AllowDataLoss and Switchover cannot be used together.";
        return Err(Refusal::new("InvalidParameterCombination", text));
    }
    world.act(|model, ctx| match loses {
        true => model.database.fail_over(asked.region, &target, ctx),
        false => model.database.switch_over(asked.region, &target, ctx),
    })?;
    accepted(world, asked, asked.region)
}

/// RemoveFromGlobalCluster: asked in the Region of the cluster that is removed.
pub(super) fn remove(world: &mut World, asked: &Asked, params: &Params) -> Answered {
    is_ours(world, required(params, "GlobalClusterIdentifier")?)?;
    let removed = target(world, required(params, "DbClusterIdentifier")?);
    let region = world.sim.model.database.clusters.iter().position(|cluster| cluster.arn == removed);
    let Some(region) = region.filter(|region| *region == asked.region) else {
        return Err(Refusal::new("DBClusterNotFoundFault", format!("DBCluster {removed} not found.")));
    };
    world.act(|model, ctx| model.database.detach(region, ctx))?;
    // The answer shows what is left.
    accepted(world, asked, 1 - region)
}

fn accepted(world: &mut World, asked: &Asked, shown_in: Ix) -> Answered {
    let global = seen(world, shown_in)?.ok_or_else(|| not_found(&world.sim.model.database.global_id))?;
    Ok(PROTOCOL.result(&asked.operation, &asked.id, |xml| {
        xml.element("GlobalCluster", |xml| write(xml, &global, world));
    }))
}

fn seen(world: &World, region: Ix) -> Result<Option<GlobalClusterSeen>, Refusal> {
    let model = &world.sim.model;
    Ok(model.database.describe_global(region, &model.regions, world.now())?)
}

fn is_ours(world: &World, id: &str) -> Result<(), Refusal> {
    if world.sim.model.database.global_id.eq_ignore_ascii_case(id) { Ok(()) } else { Err(not_found(id)) }
}

fn not_found(id: &str) -> Refusal {
    Refusal::new("GlobalClusterNotFoundFault", format!("Global cluster {id} not found."))
}

/// The ARN of a cluster that may be named by its identifier alone.
fn target(world: &World, text: &str) -> String {
    let clusters = &world.sim.model.database.clusters;
    let found = clusters.iter().find(|cluster| cluster.arn == text || named(&cluster.arn) == text);
    found.map_or_else(|| text.to_owned(), |cluster| cluster.arn.clone())
}

fn write(xml: &mut Xml, global: &GlobalClusterSeen, world: &World) {
    let version = world.sim.model.database.clusters.first().map_or("", |cluster| &cluster.engine_version);
    xml.text("GlobalClusterIdentifier", &global.id);
    xml.text("GlobalClusterResourceId", format!("cluster-{}", global.id));
    // The ARN has no Region.
    xml.text("GlobalClusterArn", format!("arn:aws:rds::{}:global-cluster:{}", world.account(), global.id));
    xml.text("Status", &global.status);
    xml.text("Engine", "aurora-postgresql");
    xml.text("EngineVersion", version);
    xml.text("StorageEncrypted", true);
    xml.text("DeletionProtection", true);
    xml.maybe("Endpoint", global.endpoint.as_ref());
    xml.element("GlobalClusterMembers", |xml| {
        for member in &global.members {
            xml.element("GlobalClusterMember", |xml| write_member(xml, member, &global.members));
        }
    });
    if let Some(state) = &global.failover_state {
        xml.element("FailoverState", |xml| {
            xml.text("Status", &state.status);
            xml.text("FromDbClusterArn", &state.from_arn);
            xml.text("ToDbClusterArn", &state.to_arn);
            xml.text("IsDataLossAllowed", state.data_loss_allowed);
        });
    }
}

fn write_member(xml: &mut Xml, member: &Member, all: &[Member]) {
    xml.text("DBClusterArn", &member.cluster_arn);
    xml.element("Readers", |xml| {
        for reader in all.iter().filter(|it| member.is_writer && it.cluster_arn != member.cluster_arn) {
            xml.text("member", &reader.cluster_arn);
        }
    });
    xml.text("IsWriter", member.is_writer);
    xml.maybe("GlobalWriteForwardingStatus", member.write_forwarding.as_ref());
    xml.maybe("SynchronizationStatus", member.synchronization.as_ref());
}
