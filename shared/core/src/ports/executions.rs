//! Executions of the state machines in one Region.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Called;
use crate::{Kind, Region, RunId, Time};

/// `status` of DescribeExecution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExecutionStatus {
    /// Running.
    Running,
    /// Succeeded.
    Succeeded,
    /// Failed.
    Failed,
    /// Timed out.
    TimedOut,
    /// Stopped by somebody with StopExecution.
    Aborted,
}

/// One execution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExecutionSeen {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: RunId,
    /// Its status.
    pub status: ExecutionStatus,
    /// When it was started.
    pub started_at: Time,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<Time>,
}

/// What StartExecution answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Started {
    /// A new execution; its ARN.
    New(String),
    /// The name is taken: the trigger collapsed into an earlier one.
    AlreadyExists,
}

/// What waking a token answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Woken {
    /// The waiting task goes on.
    Awake,
    /// The token is dead (answered, timed out, or its execution ended): no error.
    Dead,
}

/// What can be seen of executions.
pub trait ExecutionReads {
    /// `states:DescribeExecution` in `region`. None: it does not exist.
    async fn execution(&self, region: &Region, arn: &str) -> Called<Option<ExecutionSeen>>;
}

/// What can be changed of executions.
pub trait ExecutionWrites {
    /// `states:StartExecution` of the machine of `kind` in `region`. The service answers the name *and input* of an execution
    /// that runs as a success, and only another input, or a closed one, with ExecutionAlreadyExists (Step Functions API,
    /// StartExecution): whoever implements this tells them apart by `startDate` and gives [`Started::AlreadyExists`] for
    /// both.
    async fn start_execution(&self, region: &Region, kind: Kind, name: &RunId, input: &Value) -> Called<Started>;
    /// `states:SendTaskSuccess`.
    async fn wake(&self, region: &Region, token: &str, output: &Value) -> Called<Woken>;
}
