//! The nodes of a Region: which there are says the platform, what their process does says a reporter on each.
//!
//! No AWS API knows whether a systemd unit runs, when it started and with which job flags. So `mmdr node report`, a service
//! on each node, writes `nodes/<id>.json` beside the ledger, a few hundred bytes. A report that is old counts as none: the node
//! may run, and nobody says so. A task of ECS needs no reporter: ECS and the load balancer say enough.

mod command;
mod listed;

use mmdr_core::calls;
use mmdr_core::ports::{Called, JobFlags, NodeReads, NodeSeen, NodeState, NodeWrites};
use mmdr_core::{Epoch, Fault, Region, Time};
use serde::{Deserialize, Serialize};

use self::listed::{Listed, Target, strangers};
use crate::{Aws, faults, ledgers};

/// Oldest report that says anything, in seconds: the reporter writes every 15.
const REPORT_AGE_S: i64 = 60;

/// What the reporter on a node writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeReport {
    /// Instance or task identifier.
    pub id: String,
    /// What the process does.
    pub state: NodeState,
    /// When the process was started last.
    #[serde(default)]
    pub started_at: Option<Time>,
    /// The job flags that it read at its start.
    #[serde(default)]
    pub started_with: Option<JobFlags>,
    /// Open WebSocket connections.
    #[serde(default)]
    pub sockets: u32,
    /// Mattermost's version.
    #[serde(default)]
    pub version: String,
    /// Exits in a row since it last served.
    #[serde(default)]
    pub exits: u32,
    /// When this was written.
    pub at: Time,
}

impl NodeReport {
    /// Its key beside the ledger.
    pub fn key(id: &str) -> String {
        format!("nodes/{id}.json")
    }
}
impl Aws {
    async fn report(&self, region: &Region, id: &str) -> Result<Option<NodeReport>, Fault> {
        let client = self.s3(region, self.manner(&calls::NODES, region));
        let found = ledgers::object(&client, &self.setup(region)?.ledger_bucket, &NodeReport::key(id)).await?;
        let report = found.and_then(|(text, _)| serde_json::from_str::<NodeReport>(&text).ok());
        Ok(report.filter(|report| (self.clock)().is_within(REPORT_AGE_S, report.at)))
    }
}

impl NodeReads for Aws {
    async fn nodes(&self, region: &Region) -> Called<Vec<NodeSeen>> {
        self.call(&calls::NODES, region, async {
            let nodes = &self.setup(region)?.nodes;
            let mut listed = self.listed(region, nodes).await?;
            let targets = self.targets(region, &nodes.target_group_arn).await?;
            listed.extend(strangers(nodes, &listed, &targets));
            let mut seen = Vec::new();
            for node in listed {
                let report = self.report(region, &node.id).await?;
                seen.push(node_seen(&node, targets.get(&node.target).copied(), report));
            }
            Ok(seen)
        })
        .await
    }
}

fn node_seen(node: &Listed, target: Option<Target>, report: Option<NodeReport>) -> NodeSeen {
    let state = match (&report, node.task) {
        (Some(report), _) if node.answers || report.state == NodeState::Stopped => report.state,
        (None, Some(_)) => state_of_task(node.answers, target),
        // Nobody says what its process does: it may run.
        _ => NodeState::Broken,
    };
    NodeSeen {
        id: node.id.clone(),
        state,
        reachable: node.answers,
        registered: target.is_some_and(|it| it != Target::Draining),
        healthy: target == Some(Target::Healthy),
        started_at: report.as_ref().map_or(node.task.and_then(|task| task.started_at), |report| report.started_at),
        started_with: report.as_ref().and_then(|report| report.started_with),
        sockets: report.as_ref().map_or(0, |report| report.sockets),
        version: report.as_ref().map(|report| report.version.clone()).unwrap_or_default(),
        exits: report.as_ref().map_or(0, |report| report.exits),
    }
}

/// What a task does of which ECS and the load balancer alone speak. One that is drained runs on, and gets traffic when it is
/// registered again.
fn state_of_task(runs: bool, target: Option<Target>) -> NodeState {
    if runs && target != Some(Target::Unhealthy) { NodeState::Running } else { NodeState::Starting }
}

impl NodeWrites for Aws {
    async fn deregister(&self, region: &Region, ids: &[String]) -> Called<()> {
        let client = self.load_balancing(&calls::DEREGISTER, region);
        self.call(&calls::DEREGISTER, region, async {
            let targets = self.targets_of(region, ids).await?;
            let group = &self.setup(region)?.nodes.target_group_arn;
            let request = client.deregister_targets().target_group_arn(group).set_targets(Some(targets));
            request.send().await.map(|_| ()).map_err(|error| faults::of(&error))
        })
        .await
    }

    async fn register(&self, region: &Region, ids: &[String]) -> Called<()> {
        let client = self.load_balancing(&calls::REGISTER, region);
        self.call(&calls::REGISTER, region, async {
            let targets = self.targets_of(region, ids).await?;
            let group = &self.setup(region)?.nodes.target_group_arn;
            let request = client.register_targets().target_group_arn(group).set_targets(Some(targets));
            request.send().await.map(|_| ()).map_err(|error| faults::of(&error))
        })
        .await
    }

    async fn stop(&self, region: &Region, ids: &[String], epoch: Epoch, fence_check: bool) -> Called<()> {
        let parameters = [("Epoch", epoch.to_string()), ("FenceCheck", fence_check.to_string())];
        self.call(&calls::STOP_NODES, region, self.command(region, ids, "stop", &parameters, 0)).await
    }

    async fn start(&self, region: &Region, ids: &[String], epoch: Epoch) -> Called<()> {
        let parameters = [("Epoch", epoch.to_string())];
        self.call(&calls::START_NODES, region, async {
            let count = self.setup(region)?.nodes.count;
            self.command(region, ids, "start", &parameters, count).await
        })
        .await
    }
}
