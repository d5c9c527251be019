//! Which nodes a Region has: what its platform lists, and what its load balancer sends traffic to.

use std::collections::BTreeMap;

use aws_sdk_autoscaling::Client as AutoScaling;
use aws_sdk_ecs::Client as Ecs;
use aws_sdk_elasticloadbalancingv2::Client as LoadBalancing;
use aws_sdk_elasticloadbalancingv2::types::{TargetDescription, TargetHealthStateEnum};
use aws_sdk_ssm::Client as Ssm;
use aws_sdk_ssm::types::{InstanceInformationStringFilter, PingStatus};
use mmdr_core::calls::{self, Call};
use mmdr_core::deployment::{NodesSetup, Platform};
use mmdr_core::{Fault, Region, Time};

use crate::metrics::time;
use crate::{Aws, faults};

/// Tag by which Systems Manager selects the nodes of a group.
const GROUP_TAG: &str = "tag:mmdr-group";

/// A node as its platform knows it.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) id: String,
    /// What the load balancer calls it: an instance's own identifier, a task's address.
    pub(super) target: String,
    /// Whether the platform can speak with it.
    pub(super) answers: bool,
    /// What ECS knows of it; none of an instance.
    pub(super) task: Option<Task>,
}

/// A task as ECS knows it: it starts anew what fails, and needs no reporter beside it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task {
    pub(super) started_at: Option<Time>,
}

/// A target as its load balancer knows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Target {
    /// It gets new traffic.
    Healthy,
    /// It would get traffic.
    Unhealthy,
    /// It gets no new traffic; connections that are open may live on.
    Draining,
}

impl Aws {
    fn ssm(&self, call: &Call, region: &Region) -> Ssm {
        self.clients.get(region, self.manner(call, region), |config| Ssm::new(config))
    }

    fn ecs(&self, call: &Call, region: &Region) -> Ecs {
        self.clients.get(region, self.manner(call, region), |config| Ecs::new(config))
    }

    pub(super) fn load_balancing(&self, call: &Call, region: &Region) -> LoadBalancing {
        self.clients.get(region, self.manner(call, region), |config| LoadBalancing::new(config))
    }

    /// What the platform lists. The load balancer may know more: see [`strangers`].
    pub(super) async fn listed(&self, region: &Region, nodes: &NodesSetup) -> Result<Vec<Listed>, Fault> {
        match nodes.platform {
            Platform::Ec2Systemd => self.managed(region, GROUP_TAG, vec![nodes.group.clone()]).await,
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
            let answers = item.ping_status() == Some(&PingStatus::Online);
            found.push(Listed { target: id.clone(), id, answers, task: None });
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
        Ok(ids.into_iter().map(|id| Listed { target: id.clone(), answers: answers(&id), id, task: None }).collect())
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
                let of_ecs = Task { started_at: task.started_at().map(time) };
                found.push(Listed { target: address.unwrap_or(&id).to_owned(), id, answers, task: Some(of_ecs) });
            }
        }
        Ok(found)
    }

    /// What the load balancer says of each of its targets.
    pub(super) async fn targets(&self, region: &Region, group: &str) -> Result<BTreeMap<String, Target>, Fault> {
        let client = self.load_balancing(&calls::NODES, region);
        let answer = client.describe_target_health().target_group_arn(group).send().await;
        let answer = answer.map_err(|error| faults::of(&error))?;
        let mut found = BTreeMap::new();
        for it in answer.target_health_descriptions() {
            let target = match it.target_health().and_then(|health| health.state()) {
                Some(TargetHealthStateEnum::Draining) => Target::Draining,
                Some(TargetHealthStateEnum::Healthy) => Target::Healthy,
                _ => Target::Unhealthy,
            };
            let id = it.target().and_then(|target| target.id()).unwrap_or_default();
            found.insert(id.to_owned(), target);
        }
        Ok(found)
    }

    /// What the load balancer calls these nodes.
    pub(super) async fn targets_of(&self, region: &Region, ids: &[String]) -> Result<Vec<TargetDescription>, Fault> {
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
}

/// Instances that get traffic or got it until just now, and of which the platform knows nothing: an agent that is gone, a tag that
/// is missing. They may run, and no command reaches them. A task that is being replaced is a target a little longer than it is listed: ECS has none.
pub(super) fn strangers(nodes: &NodesSetup, listed: &[Listed], targets: &BTreeMap<String, Target>) -> Vec<Listed> {
    if nodes.platform == Platform::Ecs {
        return Vec::new();
    }
    let unknown = targets.keys().filter(|target| listed.iter().all(|node| node.target != **target));
    unknown.map(|target| Listed { id: target.clone(), target: target.clone(), answers: false, task: None }).collect()
}
