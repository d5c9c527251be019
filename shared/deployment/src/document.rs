//! The document's types, in the order in which a person writes the file.
//!
//! TOML is for people and JSON for machines; both are these types. What a type alone cannot
//! promise (two different Regions, ARNs that belong to them, limits in order) is checked in
//! `check`, all of it in one pass.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Region;
use crate::policy::Policy;

/// One Mattermost installation in exactly two Regions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// The form of this document; 1 today.
    pub version: u32,
    /// The Deployment's name: lower-case letters, digits and hyphens, 2 to 32 characters, first a letter.
    pub name: String,
    /// The AWS account, 12 digits. Both Regions live in one account.
    pub account_id: String,
    /// The two Regions. Their order means nothing: where the writer is, is asked of RDS.
    pub regions: Vec<RegionSetup>,
    /// The Aurora global database.
    pub database: DatabaseSetup,
    /// The search domains and what Mattermost keeps in them.
    pub search: SearchSetup,
    /// How files are replicated between the two buckets.
    #[serde(default)]
    pub files: FilesSetup,
    /// The public name and how traffic is moved.
    pub dns: DnsSetup,
    /// The Mattermost application.
    pub mattermost: MattermostSetup,
    /// Who looks at the Deployment from where.
    #[serde(default)]
    pub witnesses: WitnessSetup,
    /// Who may start what, and every bound.
    #[serde(default)]
    pub policy: Policy,
}

/// What exists in one Region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegionSetup {
    /// The Region.
    pub name: Region,
    /// The bucket that holds this Region's ledger and the evidence of its runs.
    pub ledger_bucket: String,
    /// ARN of this Region's Aurora cluster.
    pub cluster_arn: String,
    /// Name of this Region's OpenSearch domain.
    pub search_domain: String,
    /// HTTPS endpoint of this Region's OpenSearch domain.
    pub search_endpoint: String,
    /// The bucket that holds Mattermost's files in this Region.
    pub files_bucket: String,
    /// The platform and the group of Mattermost nodes in this Region.
    pub nodes: NodesSetup,
    /// HTTPS address at which this Region's Mattermost answers, whatever the public name says.
    pub mattermost_url: String,
    /// Where the token of the system-admin bot lies in this Region: a Secrets Manager ARN, never the token.
    pub mattermost_token: String,
    /// Where the search credentials lie in this Region: a Secrets Manager ARN, or absent for signed requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search_credentials: Option<String>,
    /// Where this Region's recovery points lie.
    #[serde(default)]
    pub backups: BackupsSetup,
    /// How this Region's functions reach what lies inside the other Region's VPC.
    #[serde(default)]
    pub reaches_other_by: Reach,
    /// The topic that is told of every run in this Region.
    pub topic_arn: String,
}

/// Where one Region's recovery points lie. What is not named here cannot be verified, and verify-backups says so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupsSetup {
    /// Name of the AWS Backup vault with recovery points of the database and of the files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<String>,
    /// ARN of a vault outside both Regions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_site_vault: Option<String>,
    /// `s3://BUCKET/PREFIX` under which copies of Mattermost's configuration lie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration_copies: Option<String>,
    /// The domain's snapshot repository; the default is the one that OpenSearch Service fills by itself on an encrypted domain.
    #[serde(default = "defaults::search_repository")]
    pub search_repository: String,
}

impl Default for BackupsSetup {
    fn default() -> Self {
        Self {
            vault: None,
            off_site_vault: None,
            configuration_copies: None,
            search_repository: defaults::search_repository(),
        }
    }
}

/// How functions of one Region reach search and nodes inside the other Region's VPC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// A small function of the other Region's stack, invoked across Regions.
    #[default]
    RemoteFunction,
    /// VPC peering or a transit gateway, stated here because nothing else can know it.
    Peering,
}

/// The Aurora global database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSetup {
    /// Identifier of the global cluster.
    pub global_cluster: String,
    /// Which endpoint the nodes' DataSource names.
    pub node_endpoint: NodeEndpoint,
}

/// The endpoint in the nodes' `DataSource`; it decides what a node of the passive Region can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NodeEndpoint {
    /// The Region's own cluster endpoint: a standby node cannot start before promotion.
    Cluster,
    /// The global writer endpoint: a standby node can start and would run; it must be kept stopped.
    GlobalWriter,
}

/// The search domains' common part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchSetup {
    /// Mattermost's `ElasticsearchSettings.IndexPrefix`; empty where none is set.
    #[serde(default)]
    pub index_prefix: String,
    /// Stem of the aliases under which each domain knows the other; a generation number is added.
    #[serde(default = "defaults::connection_alias")]
    pub connection_alias: String,
    /// `AggregatePostsAfterDays`: after so many days daily indices become monthly ones.
    #[serde(default = "defaults::aggregate_after_days")]
    pub aggregate_after_days: u32,
}

/// How files are replicated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FilesSetup {
    /// Whether both rules promise replication time control.
    #[serde(default)]
    pub replication_time_control: bool,
    /// Identifier of the replication rule in each bucket (the dimension of its metrics).
    #[serde(default = "defaults::rule_id")]
    pub rule_id: String,
}

impl Default for FilesSetup {
    fn default() -> Self {
        Self { replication_time_control: false, rule_id: defaults::rule_id() }
    }
}

/// The public name and the way traffic is moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DnsSetup {
    /// The name that people type, without a trailing dot.
    pub public_name: String,
    /// Identifier of the Route 53 hosted zone.
    pub hosted_zone_id: String,
    /// How a flip is made.
    #[serde(default)]
    pub mode: DnsMode,
    /// Seconds that resolvers may keep an answer; 60 at most with health checks.
    #[serde(default = "defaults::ttl_s")]
    pub ttl_s: u32,
}

/// How a flip of the public name is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DnsMode {
    /// The PRIMARY record's health check watches a take-over flag in the standby Region: data plane only.
    #[default]
    TakeOverFlag,
    /// Records are changed: needs Route 53's control plane in us-east-1 on the worst day.
    Records,
}

/// Mattermost itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MattermostSetup {
    /// Where the server keeps its configuration.
    #[serde(default)]
    pub config_store: ConfigStore,
    /// Whether jobs run in a process of their own, which ignores the job flags.
    #[serde(default)]
    pub dedicated_job_server: bool,
    /// The ECS service (`cluster/service`) of the dedicated job server, called alike in both Regions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_server: Option<String>,
    /// Team and channel, `team/channel`, where write probes post and are read back.
    pub probe_channel: String,
}

/// Where the Mattermost server keeps its configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ConfigStore {
    /// `config.json` on each node.
    #[default]
    File,
    /// The database: one active row for both Regions.
    Database,
}

/// The platform on which nodes run in one Region, and their group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NodesSetup {
    /// The platform.
    pub platform: Platform,
    /// Auto Scaling group, ECS service (`cluster/service`), or the tag value that SSM selects.
    pub group: String,
    /// How many nodes serve when the Region is active.
    pub count: u32,
    /// How many must stay healthy while nodes are rolled in the active Region.
    pub healthy_minimum: u32,
    /// ARN of the load balancer's target group.
    pub target_group_arn: String,
    /// Parameter Store name of the file of job flags that the process reads at its start.
    pub job_flags_parameter: String,
}

/// What runs the nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Platform {
    /// EC2 instances under systemd, commanded by SSM.
    Ec2Systemd,
    /// An Auto Scaling group whose instances run systemd, commanded by SSM.
    AutoScaling,
    /// An ECS service.
    Ecs,
}

/// Independent opinions on a Region's health.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WitnessSetup {
    /// A third Region whose probe of both public names both stacks can read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub third_region: Option<Region>,
}

mod defaults {
    pub(super) fn connection_alias() -> String {
        "mmdr".into()
    }
    pub(super) fn search_repository() -> String {
        "cs-automated-enc".into()
    }
    pub(super) fn rule_id() -> String {
        "mattermost-dr".into()
    }
    pub(super) fn aggregate_after_days() -> u32 {
        365
    }
    pub(super) fn ttl_s() -> u32 {
        60
    }
}
