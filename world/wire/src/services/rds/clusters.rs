//! The clusters and their parameters.

use mmdr_core::ports::ClusterSeen;

use super::{PROTOCOL, named};
use crate::forms::query::Params;
use crate::forms::times;
use crate::forms::xml::Xml;
use crate::reply::{Answered, Refusal};
use crate::route::Asked;
use crate::world::World;

/// The parameter that stops commits when the other Region is too far behind.
const GLOBAL_DB_RPO: &str = "rds.global_db_rpo";

/// DescribeDBClusters.
pub(super) fn describe(world: &mut World, asked: &Asked, params: &Params) -> Answered {
    let wanted = params.get("DBClusterIdentifier");
    let cluster = world.sim.model.database.describe_cluster(asked.region, world.now());
    let cluster = cluster.filter(|it| wanted.is_none_or(|id| it.arn == id || named(&it.arn).eq_ignore_ascii_case(id)));
    if let (Some(id), None) = (wanted, &cluster) {
        return Err(Refusal::new("DBClusterNotFoundFault", format!("DBCluster {id} not found.")));
    }
    let now = world.now();
    Ok(PROTOCOL.result("DescribeDBClusters", &asked.id, |xml| {
        xml.element("DBClusters", |xml| {
            if let Some(cluster) = &cluster {
                xml.element("DBCluster", |xml| write(xml, cluster, now));
            }
        });
    }))
}

fn write(xml: &mut Xml, cluster: &ClusterSeen, now: i64) {
    let name = named(&cluster.arn);
    xml.text("DBClusterIdentifier", name);
    xml.text("DBClusterArn", &cluster.arn);
    xml.text("Status", &cluster.status);
    xml.text("Engine", "aurora-postgresql");
    xml.text("EngineVersion", &cluster.engine_version);
    xml.text("EngineMode", "provisioned");
    xml.text("DatabaseName", "mattermost");
    xml.text("MasterUsername", "mattermost");
    xml.text("Port", 5432);
    xml.text("Endpoint", format!("{name}.cluster-abc.{}.rds.amazonaws.com", region(&cluster.arn)));
    xml.text("ReaderEndpoint", format!("{name}.cluster-ro-abc.{}.rds.amazonaws.com", region(&cluster.arn)));
    xml.text("DBClusterParameterGroup", group(name));
    xml.text("BackupRetentionPeriod", cluster.backup_retention_days);
    let kept_ms = i64::from(cluster.backup_retention_days) * 86_400_000;
    xml.text("EarliestRestorableTime", times::iso(now - kept_ms));
    xml.maybe("LatestRestorableTime", cluster.latest_restorable.map(|at| times::iso(at.0)));
    xml.text("MultiAZ", cluster.instances > 1);
    xml.text("StorageEncrypted", true);
    xml.element("DBClusterMembers", |xml| {
        for number in 1..=cluster.instances {
            xml.element("DBClusterMember", |xml| {
                xml.text("DBInstanceIdentifier", format!("{name}-{number}"));
                xml.text("IsClusterWriter", number == 1 && cluster.has_writer);
                xml.text("DBClusterParameterGroupStatus", "in-sync");
                xml.text("PromotionTier", number);
            });
        }
    });
    xml.maybe("GlobalClusterIdentifier", cluster.global_cluster.as_ref());
    if cluster.managed_password {
        let arn = cluster.arn.replace(":rds:", ":secretsmanager:").replace(":cluster:", ":secret:rds!");
        xml.element("MasterUserSecret", |xml| {
            xml.text("SecretArn", arn);
            xml.text("SecretStatus", "active");
        });
    }
}

fn region(arn: &str) -> &str {
    arn.split(':').nth(3).unwrap_or_default()
}

fn group(cluster: &str) -> String {
    format!("{cluster}-parameters")
}

/// DescribeDBClusterParameters: the one parameter that a global database's moves depend on. With `Source=user` only what
/// somebody has set; −1, off, is the engine's default.
pub(super) fn parameters(world: &mut World, asked: &Asked, params: &Params) -> Answered {
    let wanted = super::required(params, "DBClusterParameterGroupName")?;
    let cluster = world.sim.model.database.clusters.get(asked.region);
    let Some(cluster) = cluster.filter(|cluster| group(named(&cluster.arn)) == wanted) else {
        let text = format!("DBClusterParameterGroup not found: {wanted}");
        return Err(Refusal::new("DBParameterGroupNotFound", text));
    };
    let value = cluster.global_db_rpo_s;
    let source = if value == -1 { "engine-default" } else { "user" };
    let shown = params.get("Source").is_none_or(|wanted| wanted == source);
    Ok(PROTOCOL.result("DescribeDBClusterParameters", &asked.id, |xml| {
        xml.element("Parameters", |xml| {
            if shown {
                xml.element("Parameter", |xml| {
                    xml.text("ParameterName", GLOBAL_DB_RPO);
                    xml.text("ParameterValue", value);
                    xml.text("Source", source);
                    xml.text("ApplyType", "dynamic");
                    xml.text("DataType", "integer");
                    xml.text("IsModifiable", true);
                });
            }
        });
    }))
}
