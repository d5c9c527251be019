//! The OpenSearch domains: replication plugin 2.19 over HTTPS, connections over the control plane.

use serde::{Deserialize, Serialize};

use super::Called;
use crate::Region;

/// One index of one domain, from `_settings?flat_settings`, `_cat/indices`, `_cat/shards` and cluster blocks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndexSeen {
    /// Its name.
    pub name: String,
    /// Whether it is open.
    pub open: bool,
    /// The follower setting when it is a non-blank string: the only reliable sign of a follower.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follower_of: Option<String>,
    /// Block 1000, the plugin's; its absence proves nothing.
    pub replication_block: bool,
    /// `index.blocks.write`, the fence that we set.
    pub write_block: bool,
    /// `_status` of the plugin; never to be trusted alone.
    pub replication: ReplicationStatus,
    /// Primaries, each with its sequence numbers.
    pub shards: Vec<ShardSeen>,
    /// Documents, as counted after a refresh.
    pub documents: u64,
}

/// What the plugin says of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReplicationStatus {
    /// Not a follower, or the connection or the leader index is gone.
    NotInProgress,
    /// Being copied.
    Bootstrapping,
    /// Following; says nothing about progress.
    Syncing,
    /// Paused by somebody, or by itself.
    Paused,
    /// Failed.
    Failed,
    /// Not asked, or no answer.
    Unknown,
}

/// One primary shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardSeen {
    /// Its number.
    pub shard: u32,
    /// Whether the primary is started.
    pub started: bool,
    /// Highest sequence number; −1 in an empty shard.
    pub max_seq_no: i64,
    /// Local checkpoint.
    pub local_checkpoint: i64,
    /// Global checkpoint.
    pub global_checkpoint: i64,
}

/// Answer to the conditional write probe, which writes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeAnswer {
    /// 409: writable.
    Writable,
    /// 403: blocked (a follower, or fenced).
    Blocked,
    /// 500: half-stopped or a zombie.
    Broken,
    /// 400: closed.
    Closed,
    /// 404: no such index.
    Missing,
}

/// State of a cross-cluster connection. `Other` keeps what AWS may add.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectionStatus {
    /// Waits for the leader's side to accept.
    PendingAcceptance,
    /// Usable.
    Active,
    /// Being deleted, or deleted and still listed.
    Deleted,
    /// Anything else, as AWS spells it.
    Other(String),
}

/// One connection, seen from the follower's side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConnectionSeen {
    /// `ConnectionId`, the same on both sides.
    pub id: String,
    /// The alias under which the follower knows the leader.
    pub alias: String,
    /// The leader's Region.
    pub leader: Region,
    /// Its state.
    pub status: ConnectionStatus,
}

/// One auto-follow rule on the follower.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleName {
    /// The alias of the connection.
    pub alias: String,
    /// The rule's name.
    pub name: String,
    /// The pattern.
    pub pattern: String,
}

/// A domain as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DomainSeen {
    /// Engine version, `OpenSearch_2.19` and the like.
    pub engine_version: String,
    /// Service software release.
    pub service_software: String,
    /// Cluster health: `green`, `yellow`, `red`.
    pub health: String,
    /// Whether fine-grained access control and node-to-node encryption are both on.
    pub access_control: bool,
    /// Whether a snapshot is running: `_stop` and DELETE would be refused.
    pub snapshot_running: bool,
}

/// What can be seen of search.
pub trait SearchReads {
    /// `es:ESHttpGet` of settings, shards and blocks: every Mattermost index of the domain in `region`.
    async fn indices(&self, region: &Region) -> Called<Vec<IndexSeen>>;
    /// `es:ESHttpGet` of health and `_snapshot/_status`, `es:DescribeDomain` for versions.
    async fn domain(&self, region: &Region) -> Called<DomainSeen>;
    /// `es:ESHttpPut` of the conditional write probe to each of `names`: nothing is written.
    async fn probe(&self, region: &Region, names: &[String]) -> Called<Vec<(String, ProbeAnswer)>>;
    /// `es:DescribeOutboundConnections` asked in the follower's Region.
    async fn connections(&self, follower: &Region) -> Called<Vec<ConnectionSeen>>;
    /// `es:ESHttpGet` of `autofollow_stats` at the follower.
    async fn rules(&self, follower: &Region) -> Called<Vec<RuleName>>;
}

/// What can be changed of search. No call is idempotent; 500 and 504 may have succeeded: look again.
pub trait SearchWrites {
    /// `es:ESHttpPut` of `index.blocks.write` for every Mattermost index of the domain, in one call.
    async fn set_write_block(&self, region: &Region, on: bool) -> Called<()>;
    /// `es:ESHttpPost` of `_stop` to each of `names`, each on its own. Gives the names whose stop stalled.
    async fn stop(&self, region: &Region, names: &[String]) -> Called<Vec<String>>;
    /// `es:ESHttpPost` of `_pause` to each of `names`; never contacts the leader.
    async fn pause(&self, region: &Region, names: &[String]) -> Called<()>;
    /// `es:ESHttpPost` of `_resume` to each of `names`.
    async fn resume(&self, region: &Region, names: &[String]) -> Called<()>;
    /// `es:ESHttpPut` of `_start`: each of `names` begins to follow the same name at `alias`.
    async fn start(&self, region: &Region, alias: &str, names: &[String]) -> Called<()>;
    /// `es:ESHttpPost` of `_close` and `_open`, the mend for an index that answers a probe with 500 and is no follower.
    async fn reopen(&self, region: &Region, names: &[String]) -> Called<()>;
    /// `es:ESHttpPost` of an auto-follow rule.
    async fn create_rule(&self, region: &Region, rule: &RuleName) -> Called<()>;
    /// `es:ESHttpDelete` of an auto-follow rule.
    async fn delete_rule(&self, region: &Region, rule: &RuleName) -> Called<()>;
    /// `es:ESHttpDelete` of exactly these indices. The delete guard has proven each of them redundant.
    async fn delete_indices(&self, region: &Region, names: &[String]) -> Called<()>;
    /// `es:CreateOutboundConnection` asked in the follower's Region.
    async fn request_connection(&self, follower: &Region, leader: &Region, alias: &str) -> Called<()>;
    /// `es:AcceptInboundConnection` asked in the *leader's* Region.
    async fn accept_connection(&self, leader: &Region, id: &str) -> Called<()>;
    /// `es:DeleteOutboundConnection` asked in the follower's Region; on AWS replication cannot be resumed after it.
    async fn delete_connection(&self, follower: &Region, id: &str) -> Called<()>;
    /// `es:ESHttpGet` at the old leader and `s3:PutObject`: writes every document above the sequence numbers, and
    /// the ids that only the new leader has, to `key` of the own Region's evidence.
    async fn export_divergence(&self, region: &Region, index: &str, above: &[(u32, i64)], key: &str) -> Called<u64>;
}
