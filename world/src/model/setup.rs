//! The knobs of a world: sizes, speeds and what AWS happens to do in this story.

use serde::{Deserialize, Serialize};

/// Everything that a scenario may set before it begins. Every field has a default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Setup {
    /// How many people use Mattermost.
    pub people: u32,
    /// Seconds between two messages of one person, on average.
    pub message_every_s: u32,
    /// How many daily posts indices search holds, beside users, channels and files.
    pub daily_indices: u32,
    /// Milliseconds by which the standby's database lags.
    pub database_lag_ms: i64,
    /// Seconds that Aurora takes for a switchover.
    pub switchover_s: i64,
    /// Seconds that Aurora takes for a failover.
    pub failover_s: i64,
    /// Seconds by which `IsWriter` lags behind a finished move.
    pub late_writer_flag_s: i64,
    /// Seconds after a move in which another is refused ("replication setup is still in progress").
    pub replication_setup_s: i64,
    /// How Aurora's fencing of a lost writer ends.
    pub fencing: FencingKnob,
    /// Whether Aurora manages to snapshot the lost writes when the Region returns.
    pub lost_writes_snapshot: bool,
    /// Seconds by which that snapshot shows itself late, from the moment at which the old volume is taken away. AWS
    /// gives no time for it ("Recovering an Aurora global database from an unplanned outage", Aurora User Guide).
    pub lost_writes_snapshot_late_s: i64,
    /// Seconds for which RDS in a Region that was out of the other's sight still shows the global cluster as it was before.
    /// No page of AWS says how soon it knows; the product must not depend on it.
    pub returned_region_shows_past_s: i64,
    /// Seconds that a file takes to the other bucket.
    pub file_replication_s: i64,
    /// How many files failed to replicate before the story begins.
    pub failed_files: u64,
    /// Whether replication metrics of files have data points also in minutes without any operation.
    pub file_metrics_when_idle: bool,
    /// Whether replication of search and files is set up, and the public name armed, before the story begins.
    pub protected: bool,
    /// Milliseconds by which a healthy search follower trails its leader.
    pub search_tail_ms: i64,
    /// Milliseconds for which one `_stop` occupies a domain's cluster manager.
    pub search_stop_ms: i64,
    /// Milliseconds for which one `_start` occupies a domain's cluster manager.
    pub search_start_ms: i64,
    /// Milliseconds that the copy of one index takes after its `_start`.
    pub search_bootstrap_ms: i64,
    /// Operations that each index holds before the story begins.
    pub search_history: u32,
    /// Followers whose daily leader index Mattermost's aggregation job has deleted.
    pub search_orphans: u32,
    /// Minute of each hour in which each Region's domain begins its automated snapshot.
    pub search_snapshot_minutes: [i64; 2],
    /// Seconds that an automated snapshot takes.
    pub search_snapshot_s: i64,
    /// Engine version of each Region's domain.
    pub search_engine_versions: [String; 2],
    /// Seconds from the acceptance of a search connection until it is active.
    pub search_connection_s: i64,
    /// Seconds until the leader's side knows of a requested search connection.
    pub search_inbound_late_s: i64,
    /// Whether a dark Region refuses connections at once instead of swallowing packets.
    pub dark_region_refuses: bool,
    /// Seconds until Route 53 has seen a changed flag.
    pub dns_evaluation_s: i64,
    /// Whether the health check keeps its last status when the flag's metric stops.
    pub dns_keeps_last_status: bool,
    /// Seconds for which one of the six resolvers keeps answers beyond their TTL.
    pub dns_overstay_s: i64,
    /// Kinds of recovery points that have not been made for nine days.
    pub stale_backups: Vec<mmdr_core::ports::RecoveryKind>,
    /// Kinds whose newest restore test failed.
    pub failed_restore_tests: Vec<mmdr_core::ports::RecoveryKind>,
    /// Whether recovery points are copied to a place outside both Regions.
    pub off_site_copies: bool,
    /// Whether the pre-start check runs on the nodes; a plain installation starts whatever the other Region does.
    pub pre_start_check: bool,
    /// Whether the standby's nodes are under their supervisor from the start, as in a plain installation: they loop.
    pub standby_nodes_loop: bool,
    /// Whether the standby's nodes name the cluster's reader endpoint, through which write forwarding works: after a
    /// promotion they still find a read-only database.
    pub nodes_on_reader_endpoint: bool,
    /// Whether a Region that goes dark loses power; otherwise its processes run on in there and nobody sees them.
    pub power_loss: bool,
    /// Seconds for which a deregistered node keeps the sockets that it has (the target group's attribute; AWS gives 300).
    pub deregistration_delay_s: i64,
    /// Seconds that a node must serve before the load balancer calls it healthy.
    pub health_check_s: i64,
    /// Whether the environment overrides `JobSettings`, as it must where the flags come from a parameter.
    pub flags_from_environment: bool,
    /// Whether patches of the configuration are refused (`ClusterSettings.ReadOnlyConfig`, on by default).
    pub read_only_config: bool,
    /// Mattermost version of each Region's image; the second may differ.
    pub versions: [String; 2],
}

/// How Aurora's fencing of a lost writer ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FencingKnob {
    /// The old writer is blocked (RDS-EVENT-0390).
    #[default]
    Blocked,
    /// It could not be blocked in time (RDS-EVENT-0391).
    TimedOut,
    /// Nothing is reported.
    Silent,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            people: 200,
            message_every_s: 60,
            daily_indices: 27,
            database_lag_ms: 800,
            switchover_s: 75,
            failover_s: 100,
            late_writer_flag_s: 12,
            replication_setup_s: 150,
            fencing: FencingKnob::Blocked,
            lost_writes_snapshot: true,
            lost_writes_snapshot_late_s: 0,
            returned_region_shows_past_s: 45,
            file_replication_s: 12,
            failed_files: 0,
            file_metrics_when_idle: false,
            protected: true,
            search_tail_ms: 10_000,
            search_stop_ms: 100,
            search_start_ms: 100,
            search_bootstrap_ms: 500,
            search_history: 8,
            search_orphans: 0,
            search_snapshot_minutes: [47, 52],
            search_snapshot_s: 45,
            search_engine_versions: ["OpenSearch_2.19".into(), "OpenSearch_2.19".into()],
            search_connection_s: 60,
            search_inbound_late_s: 20,
            dark_region_refuses: false,
            dns_evaluation_s: 30,
            dns_keeps_last_status: true,
            dns_overstay_s: 0,
            stale_backups: Vec::new(),
            failed_restore_tests: Vec::new(),
            off_site_copies: true,
            pre_start_check: true,
            standby_nodes_loop: false,
            nodes_on_reader_endpoint: false,
            power_loss: false,
            deregistration_delay_s: 20,
            health_check_s: 10,
            flags_from_environment: true,
            read_only_config: true,
            versions: ["11.6.0".into(), "11.6.0".into()],
        }
    }
}
