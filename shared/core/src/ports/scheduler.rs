//! Who runs jobs: the flags that a Mattermost process reads once, at its start.

use serde::{Deserialize, Serialize};

use super::Called;
use crate::{Epoch, Region};

/// `JobSettings.RunJobs` and `RunScheduler` with the epoch of the run that wrote them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFlags {
    /// Whether the process claims pending jobs.
    pub run_jobs: bool,
    /// Whether the process inserts job rows.
    pub run_scheduler: bool,
    /// The epoch that wrote the flags.
    pub epoch: Epoch,
}

/// Where the flags lie and what they say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobFlagsSeen {
    /// The flags in the parameter that the process's environment file is made from; none where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter: Option<JobFlags>,
    /// Replicas of a dedicated job server, which ignores the flags; none where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_server_replicas: Option<u32>,
}

/// What a running Mattermost says of its configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfigSeen {
    /// Effective `RunJobs`.
    pub run_jobs: bool,
    /// Effective `RunScheduler`.
    pub run_scheduler: bool,
    /// Whether the environment overrides `JobSettings`: the API path is then closed.
    pub overridden_by_environment: bool,
    /// Whether the configuration is read-only (403 to every patch; the default with HA and a file).
    pub read_only: bool,
    /// Whether the configuration lies in the database, one row for both Regions.
    pub in_database: bool,
    /// `ClusterSettings.ClusterName`.
    pub cluster_name: String,
    /// Names of Region-specific keys that are not set from the environment.
    #[serde(default)]
    pub not_from_environment: Vec<String>,
}

/// What can be seen of job ownership.
pub trait SchedulerReads {
    /// `ssm:GetParameter` of the flags, and `ecs:DescribeServices` for a dedicated job server.
    async fn job_flags(&self, region: &Region) -> Called<JobFlagsSeen>;
    /// `GET /api/v4/config` and `/config/environment` of a running node. None: no node answers.
    async fn config(&self, region: &Region) -> Called<Option<ConfigSeen>>;
}

/// What can be changed of job ownership.
pub trait SchedulerWrites {
    /// `ssm:PutParameter` of the flags, with the epoch beside them.
    async fn write_job_flags(&self, region: &Region, flags: JobFlags) -> Called<()>;
    /// `ecs:UpdateService` of the dedicated job server.
    async fn scale_job_server(&self, region: &Region, replicas: u32) -> Called<()>;
}
