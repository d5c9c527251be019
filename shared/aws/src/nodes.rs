//! The nodes of a Region: which there are says the platform, what their process does says a reporter on each.
//!
//! No AWS API knows whether a systemd unit runs, when it started and with which job flags. So `mmdr node report`, a timer on
//! each node, writes `nodes/<id>.json` beside the ledger, a few hundred bytes. A report that is old counts as none: the node
//! may run, and nobody says so.

use std::collections::BTreeMap;

use aws_sdk_autoscaling::Client as AutoScaling;
use aws_sdk_ecs::Client as Ecs;
use aws_sdk_elasticloadbalancingv2::Client as LoadBalancing;
use aws_sdk_elasticloadbalancingv2::types::{TargetDescription, TargetHealthStateEnum};
use aws_sdk_ssm::Client as Ssm;
use aws_sdk_ssm::types::{InstanceInformationStringFilter, PingStatus};
use mmdr_core::calls::{self, Call};
use mmdr_core::deployment::{NodesSetup, Platform};
use mmdr_core::ports::{Called, JobFlags, NodeReads, NodeSeen, NodeState, NodeWrites};
use mmdr_core::{Epoch, Fault, Region, Time};
use serde::{Deserialize, Serialize};

use crate::clients::Manner;
use crate::{Aws, faults, ledgers, names};

/// Oldest report that says anything, in seconds: the reporter writes every 15.
const REPORT_AGE_S: i64 = 60;
/// Tag by which Systems Manager selects the nodes of a group.
pub const GROUP_TAG: &str = "mmdr-group";
/// Most identifiers in one SendCommand (SSM API).
const COMMAND_BATCH: usize = 50;

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

/// A node as its platform knows it.
#[derive(Debug)]
struct Listed {
    id: String,
    /// What the load balancer calls it: an instance's own identifier, a task's address.
    target: String,
    /// Whether the platform can speak with it.
    answers: bool,
}

impl Aws {
    fn ssm(&self, call: &Call, region: &Region) -> Ssm {
        self.clients.get(region, self.manner(call, region), |config| Ssm::new(config))
    }

    fn ecs(&self, call: &Call, region: &Region) -> Ecs {
        self.clients.get(region, self.manner(call, region), |config| Ecs::new(config))
    }

    fn load_balancing(&self, call: &Call, region: &Region) -> LoadBalancing {
        self.clients.get(region, self.manner(call, region), |config| LoadBalancing::new(config))
    }

    async fn listed(&self, region: &Region, nodes: &NodesSetup) -> Result<Vec<Listed>, Fault> {
        match nodes.platform {
            Platform::Ec2Systemd => self.managed(region, "tag:mmdr-group", vec![nodes.group.clone()]).await,
            Platform::AutoScaling => {
                let ids = self.group_members(region, &nodes.group).await?;
                if ids.is_empty() { Ok(Vec::new()) } else { self.members(region, ids).await }
            }
            Platform::Ecs => self.tasks(region, &nodes.group).await,
        }
    }

    /// Instances that Systems Manager manages.
    async fn managed(&self, region: &Region, key: &str, values: Vec<String>) -> Result<Vec<Listed>, Fault> {
        let filter = InstanceInformationStringFilter::builder().key(key).set_values(Some(values)).build();
        let filter = filter.map_err(|error| Fault::Refused(error.to_string()))?;
        let client = self.ssm(&calls::NODES, region);
        let mut items = client.describe_instance_information().filters(filter).into_paginator().items().send();
        let mut found = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| faults::of(&error))?;
            let id = item.instance_id().unwrap_or_default().to_owned();
            found.push(Listed { target: id.clone(), id, answers: item.ping_status() == Some(&PingStatus::Online) });
        }
        Ok(found)
    }

    async fn group_members(&self, region: &Region, group: &str) -> Result<Vec<String>, Fault> {
        let manner = self.manner(&calls::NODES, region);
        let client: AutoScaling = self.clients.get(region, manner, |config| AutoScaling::new(config));
        let answer = client.describe_auto_scaling_groups().auto_scaling_group_names(group).send().await;
        let answer = answer.map_err(|error| faults::of(&error))?;
        let found = answer.auto_scaling_groups().first();
        let found = found.ok_or_else(|| Fault::NotFound(format!("no Auto Scaling group is called {group}")))?;
        Ok(found.instances().iter().filter_map(|it| it.instance_id()).map(str::to_owned).collect())
    }

    /// Members of a group; one that Systems Manager does not list is there, and does not answer.
    async fn members(&self, region: &Region, ids: Vec<String>) -> Result<Vec<Listed>, Fault> {
        let managed = self.managed(region, "InstanceIds", ids.clone()).await?;
        let answers = |id: &str| managed.iter().any(|it| it.id == id && it.answers);
        Ok(ids.into_iter().map(|id| Listed { target: id.clone(), answers: answers(&id), id }).collect())
    }

    async fn tasks(&self, region: &Region, group: &str) -> Result<Vec<Listed>, Fault> {
        let (cluster, service) = group.split_once('/').unwrap_or((group, ""));
        let client = self.ecs(&calls::NODES, region);
        let mut items = client.list_tasks().cluster(cluster).service_name(service).into_paginator().items().send();
        let mut arns = Vec::new();
        while let Some(arn) = items.next().await {
            arns.push(arn.map_err(|error| faults::of(&error))?);
        }
        let mut found = Vec::new();
        // DescribeTasks takes 100 at once.
        for arns in arns.chunks(100) {
            let answer = client.describe_tasks().cluster(cluster).set_tasks(Some(arns.to_vec())).send().await;
            for task in answer.map_err(|error| faults::of(&error))?.tasks() {
                let id = task.task_arn().unwrap_or_default().rsplit('/').next().unwrap_or_default().to_owned();
                let details = task.attachments().iter().flat_map(|it| it.details());
                let address = details.filter(|it| it.name() == Some("privateIPv4Address")).find_map(|it| it.value());
                let answers = task.last_status() == Some("RUNNING");
                found.push(Listed { target: address.unwrap_or(&id).to_owned(), id, answers });
            }
        }
        Ok(found)
    }

    /// The load balancer's targets and whether it calls them healthy.
    async fn targets(&self, region: &Region, group: &str) -> Result<BTreeMap<String, bool>, Fault> {
        let client = self.load_balancing(&calls::NODES, region);
        let answer = client.describe_target_health().target_group_arn(group).send().await;
        let answer = answer.map_err(|error| faults::of(&error))?;
        let mut found = BTreeMap::new();
        for it in answer.target_health_descriptions() {
            let state = it.target_health().and_then(|health| health.state());
            // What is being drained gets no new traffic.
            if state == Some(&TargetHealthStateEnum::Draining) {
                continue;
            }
            let id = it.target().and_then(|target| target.id()).unwrap_or_default();
            found.insert(id.to_owned(), state == Some(&TargetHealthStateEnum::Healthy));
        }
        Ok(found)
    }

    async fn report(&self, region: &Region, id: &str) -> Result<Option<NodeReport>, Fault> {
        let client = self.s3(region, self.manner(&calls::NODES, region));
        let found = ledgers::object(&client, &self.setup(region)?.ledger_bucket, &NodeReport::key(id)).await?;
        let report = found.and_then(|(text, _)| serde_json::from_str::<NodeReport>(&text).ok());
        Ok(report.filter(|report| (self.clock)().is_within(REPORT_AGE_S, report.at)))
    }

    async fn targets_of(&self, region: &Region, ids: &[String]) -> Result<Vec<TargetDescription>, Fault> {
        let nodes = &self.setup(region)?.nodes;
        let address = |id: &String, listed: &[Listed]| {
            listed.iter().find(|node| node.id == *id).map_or_else(|| id.clone(), |node| node.target.clone())
        };
        // Only a task has another name for the load balancer than for us.
        let listed = match nodes.platform {
            Platform::Ecs => self.tasks(region, &nodes.group).await?,
            Platform::Ec2Systemd | Platform::AutoScaling => Vec::new(),
        };
        Ok(ids.iter().map(|id| TargetDescription::builder().id(address(id, &listed)).build()).collect())
    }

    /// Sends a command to the nodes, or scales their service.
    async fn command(
        &self,
        region: &Region,
        ids: &[String],
        what: &str,
        parameters: &[(&str, String)],
        desired: u32,
    ) -> Result<(), Fault> {
        let nodes = &self.setup(region)?.nodes;
        if nodes.platform == Platform::Ecs {
            return self.scale(region, &nodes.group, desired).await;
        }
        let client: Ssm = self.clients.get(region, Manner::Change, |config| Ssm::new(config));
        for ids in ids.chunks(COMMAND_BATCH) {
            let mut request = client
                .send_command()
                .document_name(names::command_document(&self.deployment, what))
                .set_instance_ids(Some(ids.to_vec()))
                .timeout_seconds(60)
                // Each node decides for itself; one that fails keeps no other from it.
                .max_concurrency("100%")
                .max_errors("100%");
            for (name, value) in parameters {
                request = request.parameters(*name, vec![value.clone()]);
            }
            request.send().await.map_err(|error| faults::of(&error))?;
        }
        Ok(())
    }

    /// Sets how many tasks a service runs. New tasks are forced only where there are any: they read the flags anew.
    pub(crate) async fn scale(&self, region: &Region, group: &str, tasks: u32) -> Result<(), Fault> {
        let (cluster, service) = group.split_once('/').unwrap_or((group, ""));
        let client: Ecs = self.clients.get(region, Manner::Change, |config| Ecs::new(config));
        let request = client
            .update_service()
            .cluster(cluster)
            .service(service)
            .desired_count(i32::try_from(tasks).unwrap_or(i32::MAX))
            .force_new_deployment(tasks > 0);
        request.send().await.map(|_| ()).map_err(|error| faults::of(&error))
    }
}

impl NodeReads for Aws {
    async fn nodes(&self, region: &Region) -> Called<Vec<NodeSeen>> {
        self.call(&calls::NODES, region, async {
            let nodes = &self.setup(region)?.nodes;
            let listed = self.listed(region, nodes).await?;
            let targets = self.targets(region, &nodes.target_group_arn).await?;
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

fn node_seen(node: &Listed, target: Option<bool>, report: Option<NodeReport>) -> NodeSeen {
    let state = match &report {
        Some(report) => report.state,
        // Nobody says what its process does: it may run.
        None => NodeState::Broken,
    };
    let state = if node.answers || state == NodeState::Stopped { state } else { NodeState::Broken };
    NodeSeen {
        id: node.id.clone(),
        state,
        registered: target.is_some(),
        healthy: target == Some(true),
        started_at: report.as_ref().and_then(|report| report.started_at),
        started_with: report.as_ref().and_then(|report| report.started_with),
        sockets: report.as_ref().map_or(0, |report| report.sockets),
        version: report.as_ref().map(|report| report.version.clone()).unwrap_or_default(),
        exits: report.as_ref().map_or(0, |report| report.exits),
    }
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
