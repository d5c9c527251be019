//! Policy: who may start what by itself, and every bound that a run obeys.
//!
//! Every field has a default that asks a person before data can be lost.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who may start what, and every bound. Seconds end in `_s`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Whether an alarm may start a failover at all. A person always may.
    pub machine_may_start_failover: bool,
    /// When a failover asks a person before it promotes.
    pub approval: Approval,
    /// Seconds that a question waits for its answer.
    pub approval_timeout_s: u32,
    /// Seconds after a denial or expiry before the same diagnosis is asked again.
    pub ask_again_s: u32,
    /// Greatest age in seconds of the evidence on which the promoting call may rest.
    pub evidence_age_s: u32,
    /// How many independent vantage points must agree that the writer Region is lost.
    pub witnesses_needed: u32,
    /// Seconds between a move that reached its call and the next move that a machine may start.
    pub anti_flap_s: u32,
    /// Greatest replication lag in seconds with which a switchover starts.
    pub switchover_lag_s: u32,
    /// Greatest forecast loss in seconds with which a machine may fail over without a person.
    pub loss_limit_s: u32,
    /// How many seconds worse than shown the forecast may become before it is a new question.
    pub loss_growth_s: u32,
    /// Greatest number of pending file operations with which a switchover starts.
    pub files_pending_limit: u64,
    /// Greatest search lag in operations with which a switchover starts.
    pub search_lag_limit: u64,
    /// Bounds per step.
    pub bounds: Bounds,
    /// Age limits of recovery points.
    pub backups: BackupPolicy,
}

/// When a failover asks a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Approval {
    /// Always.
    #[default]
    Always,
    /// Only a failover that a machine started.
    MachineStarted,
    /// Never: the diagnosis alone decides, within the loss limit.
    Never,
}

/// How long each step looks again before it is exhausted. Both bounds hold: looks and seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Bounds {
    /// Looks of one step and part at most.
    pub looks: u32,
    /// Seconds for the diagnosis to stand.
    pub diagnose_s: u32,
    /// Seconds for fencing a lost Region before the database call goes on without it.
    pub fence_s: u32,
    /// Seconds for the database move to be complete.
    pub database_s: u32,
    /// Seconds for stopping or starting all nodes of a Region.
    pub nodes_s: u32,
    /// Seconds for search's hot set.
    pub search_hot_s: u32,
    /// Seconds for the rest of search.
    pub search_rest_s: u32,
    /// Seconds for the four stores to be proven equal.
    pub prove_s: u32,
    /// Seconds for resolvers to agree.
    pub dns_s: u32,
    /// Seconds for every other step.
    pub other_s: u32,
}

/// Greatest ages of recovery points, in hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BackupPolicy {
    /// The database's newest snapshot or restorable time.
    pub database_hours: u32,
    /// The newest copy of Mattermost's configuration.
    pub configuration_hours: u32,
    /// The newest snapshot of the search domain.
    pub search_hours: u32,
    /// The newest recovery point of the files.
    pub files_hours: u32,
    /// The newest restore test that passed.
    pub restore_test_hours: u32,
    /// Whether a copy of the database and of the files outside both Regions is required: AWS Backup keeps no other kind.
    pub off_site_required: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            machine_may_start_failover: true,
            approval: Approval::Always,
            approval_timeout_s: 3_600,
            ask_again_s: 900,
            // Two diagnoses a minute apart fit; an approval that took longer leads back to "diagnose again".
            evidence_age_s: 180,
            witnesses_needed: 2,
            anti_flap_s: 3_600,
            switchover_lag_s: 5,
            // Detecting, two agreeing diagnoses and the fence take about four minutes, and all of it counts as loss.
            loss_limit_s: 300,
            loss_growth_s: 30,
            // People upload while the gate looks; that nothing is left behind is proven later, with the old side stopped.
            files_pending_limit: 100,
            // A quiet index trails by one operation for 10 s even when healthy.
            search_lag_limit: 1_000,
            bounds: Bounds::default(),
            backups: BackupPolicy::default(),
        }
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            looks: 200,
            diagnose_s: 300,
            fence_s: 30,
            database_s: 1_200,
            nodes_s: 600,
            search_hot_s: 120,
            search_rest_s: 3_600,
            prove_s: 300,
            dns_s: 600,
            other_s: 900,
        }
    }
}

impl Default for BackupPolicy {
    fn default() -> Self {
        Self {
            database_hours: 26,
            configuration_hours: 26,
            search_hours: 26,
            files_hours: 26,
            restore_test_hours: 24 * 35,
            off_site_required: true,
        }
    }
}
