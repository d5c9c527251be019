//! The Mattermost nodes of a Region, behind one platform port (SSM and systemd, Auto Scaling, ECS).

use serde::{Deserialize, Serialize};

use super::{Called, JobFlags};
use crate::deployment::Platform;
use crate::{Epoch, Region, Time};

/// What a node's process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeState {
    /// No process, and its supervisor will start none.
    Stopped,
    /// Started and not yet serving.
    Starting,
    /// Serving.
    Running,
    /// The process exits and its supervisor starts it again: normal on a read-only database.
    RestartLoop,
    /// The machine does not answer, or the process fails for another reason than the database.
    Broken,
}

/// One node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeSeen {
    /// Instance or task identifier.
    pub id: String,
    /// What its process does.
    pub state: NodeState,
    /// Whether a command would reach it: its agent answers. What it does is known all the same, where it reports it.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub reachable: bool,
    /// Whether the load balancer sends it traffic.
    pub registered: bool,
    /// Whether the load balancer calls it healthy.
    pub healthy: bool,
    /// When the process was started last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Time>,
    /// The job flags that the process read at its start, with the epoch written beside them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_with: Option<JobFlags>,
    /// Open WebSocket connections.
    pub sockets: u32,
    /// Mattermost version of the image.
    pub version: String,
    /// How often in a row the process exited since it last served.
    pub exits: u32,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_yes(value: &bool) -> bool {
    *value
}

impl NodeSeen {
    /// Whether it may run and could not be stopped. A service stops its tasks itself, without a command to them.
    pub fn is_out_of_reach(&self, platform: Platform) -> bool {
        platform != Platform::Ecs && self.is_live() && !self.reachable
    }

    /// Whether an application process exists or its supervisor will start one.
    pub fn is_live(&self) -> bool {
        !matches!(self.state, NodeState::Stopped)
    }
}

/// What can be seen of the nodes.
pub trait NodeReads {
    /// `ssm:DescribeInstanceInformation` / `autoscaling:DescribeAutoScalingGroups` / `ecs:DescribeServices`, with
    /// `elasticloadbalancing:DescribeTargetHealth`.
    async fn nodes(&self, region: &Region) -> Called<Vec<NodeSeen>>;
}

/// What can be changed of the nodes. Starts and stops carry the epoch; every command is safe to repeat.
pub trait NodeWrites {
    /// `elasticloadbalancing:DeregisterTargets`: clients get no close frame from a stopped process, so drain first.
    async fn deregister(&self, region: &Region, ids: &[String]) -> Called<()>;
    /// `elasticloadbalancing:RegisterTargets`.
    async fn register(&self, region: &Region, ids: &[String]) -> Called<()>;
    /// `ssm:SendCommand` of the stop document (or the service scaled to 0). `fence_check` makes the command repeat
    /// keep-fenced's check on the node before it stops anything.
    async fn stop(&self, region: &Region, ids: &[String], epoch: Epoch, fence_check: bool) -> Called<()>;
    /// `ssm:SendCommand` of the start document (or the service scaled up). The pre-start check runs on the node.
    async fn start(&self, region: &Region, ids: &[String], epoch: Epoch) -> Called<()>;
}
