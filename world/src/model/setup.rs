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
    /// Seconds that a file takes to the other bucket.
    pub file_replication_s: i64,
    /// How many files failed to replicate before the story begins.
    pub failed_files: u64,
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
            file_replication_s: 12,
            failed_files: 0,
        }
    }
}
