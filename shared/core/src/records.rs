//! Records under a run's prefix: the durable state that steps hand to each other. Their types live here because
//! steps know nothing of each other.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ports::{RecoveryKind, ShardSeen};
use crate::words::named;
use crate::{Epoch, Region, Run, RunId, StepName, Ticket, Time};

/// The prefix of everything that belongs to a run; dry runs write nowhere else than under `dry-run/`.
pub fn prefix(ticket: &Ticket) -> String {
    prefix_of(&ticket.id, ticket.dry_run)
}

/// The prefix of a run of which only the name is known.
pub fn prefix_of(run: &RunId, dry_run: bool) -> String {
    if dry_run { format!("dry-run/{run}/") } else { format!("runs/{run}/") }
}

/// A record of this run, for example `runs/fo-1/diagnosis.json`.
pub fn key(run: &Run, name: &str) -> String {
    format!("{}{name}.json", prefix(&run.ticket))
}

/// A record of the run that this one continues, where there is one: a resume inherits its evidence.
pub fn inherited_key(run: &Run, name: &str) -> Option<String> {
    run.resumes.as_ref().map(|resumed| format!("{}{name}.json", prefix_of(resumed, run.dry_run)))
}

/// The evidence of one look: sorts by time, then step, part and number of the look.
pub fn evidence_key(run: &Run, step: StepName, part: &str, at: Time, look: u32) -> String {
    format!("{}evidence/{:015}-{step}-{part}-{look:04}.json", prefix(&run.ticket), at.0)
}

/// [`Diagnosis`], the latest of detect-region-outage.
pub const DIAGNOSIS: &str = "diagnosis";
/// [`Question`], what request-approval asked last.
pub const QUESTION: &str = "approval-question";
/// [`ApprovalAnswer`]; one record per epoch and digest: `approval-answer-<epoch>-<digest>`.
pub const ANSWER: &str = "approval-answer";
/// [`SearchProof`] of `swap-search-leader: prove`.
pub const SEARCH_PROOF: &str = "search-proof";
/// [`FilesProof`] of `verify-files: drained`.
pub const FILES_PROOF: &str = "files-proof";
/// [`HandOverProof`] of `switch-database: prove`.
pub const HAND_OVER_PROOF: &str = "hand-over-proof";
/// [`Checkpoints`] saved before a promotion; inherited by every resume.
pub const CHECKPOINTS: &str = "search-checkpoints";
/// Stem of the deletion proofs, one per index: `search-deletion-<index>`.
pub const DELETION_PROOF: &str = "search-deletion";
/// [`SearchDivergence`], what only the old leader has; inherited by every resume.
pub const SEARCH_DIVERGENCE: &str = "search-divergence";
/// [`Fencing`], what Aurora reported.
pub const FENCING: &str = "fencing";
/// [`LostMessages`], the lost-message account.
pub const LOST_MESSAGES: &str = "lost-messages";
/// [`Readiness`], the findings of check-readiness.
pub const READINESS: &str = "readiness";
/// [`Backups`], the findings of verify-backups.
pub const BACKUPS: &str = "backups";
/// `Vec<Assumption>`: what a dry run assumes so far.
pub const ASSUMPTIONS: &str = "assumptions";
/// The run's report.
pub const REPORT: &str = "report";

/// One witness's opinion as it entered a diagnosis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    /// Which witness.
    pub witness: String,
    /// From where it looks; witnesses that share a vantage count once.
    pub vantage: String,
    /// Whether the subject is healthy; none where the witness was not seen.
    pub healthy: Option<bool>,
    /// When it was true.
    pub at: Option<Time>,
    /// Why it was not seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// How much would be lost by promoting now. Always "at least".
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LossForecast {
    /// The last lag measured before the first failing witness, in milliseconds.
    pub last_lag_ms: Option<f64>,
    /// When it was measured.
    pub measured_at: Option<Time>,
    /// That lag plus the seconds since, in seconds; none where no value is at most 15 minutes old.
    pub at_least_s: Option<i64>,
    /// File operations that had not arrived.
    pub pending_files: Option<u64>,
}

/// What is wrong, by evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Code in the table of diagnoses.
    pub code: String,
    /// One sentence.
    pub sentence: String,
    /// Digest of code and Region, the same for the same diagnosis.
    pub digest: String,
    /// The Region that was diagnosed.
    pub subject: Region,
    /// Whether it permits a failover that a machine started.
    pub machine_may_fail_over: bool,
    /// Whether it permits a failover that a person started without accepting anything.
    pub person_may_fail_over: bool,
    /// Who said what.
    pub opinions: Vec<Opinion>,
    /// The loss forecast.
    pub forecast: LossForecast,
    /// When the oldest evidence that it rests on was true.
    pub evidence_at: Time,
    /// When it was made.
    pub at: Time,
}

/// A question to a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The run's epoch.
    pub epoch: Epoch,
    /// Digest of what is asked; an answer names it.
    pub digest: String,
    /// What is asked, in sentences.
    pub text: String,
    /// The loss forecast shown.
    pub forecast: Option<LossForecast>,
    /// When it was asked.
    pub asked_at: Time,
    /// When it expires.
    pub expires_at: Time,
    /// The token of the waiting task, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

named!(
    /// What a person answered.
    Decision, "a decision" {
        /// Go on.
        Grant => "grant",
        /// Do not.
        Deny => "deny",
    }
);

/// The answer to a question; the first one stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApprovalAnswer {
    /// The question's epoch.
    pub epoch: Epoch,
    /// The question's digest.
    pub digest: String,
    /// The decision.
    pub decision: Decision,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Time,
}

/// Both sides of search hold the same operations, per shard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchProof {
    /// When it was seen, with writes fenced.
    pub at: Time,
    /// Each index's primaries, equal on both sides.
    pub indices: BTreeMap<String, Vec<ShardSeen>>,
}

/// Nothing is pending or failed between the buckets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FilesProof {
    /// When it was seen, with the old side's nodes stopped.
    pub at: Time,
    /// Operations pending; 0.
    pub pending: u64,
    /// Operations failed; 0, or what the person accepted.
    pub failed: u64,
}

/// The four stores are equal: written before a planned move's point of no return.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HandOverProof {
    /// The run's epoch.
    pub epoch: Epoch,
    /// When the last of the four was seen.
    pub at: Time,
    /// When the old side's last node was seen stopped (application and configuration).
    pub nodes_stopped_at: Time,
    /// Database lag in milliseconds, seen after the nodes were stopped.
    pub database_lag_ms: f64,
    /// When search was proven equal.
    pub search_at: Time,
    /// When the files were proven equal.
    pub files_at: Time,
}

/// The follower's sequence numbers immediately before its promotion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoints {
    /// When they were read.
    pub at: Time,
    /// The epoch of the move that saved them.
    pub epoch: Epoch,
    /// Each index's primaries; only indices that were followers at that moment.
    pub indices: BTreeMap<String, Vec<ShardSeen>>,
}

/// What the old leader holds above the saved checkpoints, exported before anything of it may be deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchDivergence {
    /// When the last entry was made.
    pub at: Time,
    /// Each index of the old leader that was looked at.
    pub indices: BTreeMap<String, IndexDivergence>,
}

/// One index of the old leader against the checkpoints saved before its follower was promoted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndexDivergence {
    /// Shard and saved local checkpoint; every operation above it is divergent. −1 where nothing was saved.
    pub above: Vec<(u32, i64)>,
    /// Shard and the old leader's highest sequence number up to which was exported.
    pub exported_to: Vec<(u32, i64)>,
    /// Operations above the checkpoints, deletions included.
    pub operations: u64,
    /// Documents exported; fewer than operations where documents were deleted or written twice.
    pub documents: u64,
    /// Whether no checkpoint was saved, so that the whole index counts as divergent.
    pub whole: bool,
    /// Where the export lies; none where there was nothing to export.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export: Option<String>,
}

/// Why one index of the old leader may be deleted: written before the deletion, and looked at again before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeletionProof {
    /// The index, by its exact name.
    pub index: String,
    /// The Region of the old leader, where it may be deleted.
    pub region: Region,
    /// The epoch of the run that may delete it.
    pub epoch: Epoch,
    /// When the conditions were seen to hold.
    pub at: Time,
    /// Primaries of the old leader at that moment.
    pub old: Vec<ShardSeen>,
    /// Checkpoints saved before the promotion; empty where none were.
    pub saved: Vec<ShardSeen>,
    /// Where divergent operations were exported to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export: Option<String>,
    /// Every condition that held, by name.
    pub conditions: Vec<String>,
}

named!(
    /// How Aurora's own write fencing ended.
    FencingOutcome, "a fencing outcome" {
        /// RDS-EVENT-0390: the old writer was blocked.
        Blocked => "blocked",
        /// RDS-EVENT-0391: it could not be blocked in time.
        TimedOut => "timed-out",
        /// Nothing was reported.
        Unknown => "unknown",
    }
);

/// What is known of the fencing of the old writer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fencing {
    /// The outcome.
    pub outcome: FencingOutcome,
    /// When Aurora reported it.
    pub at: Option<Time>,
    /// The Region whose database could not be fenced.
    pub region: Region,
}

/// The lost-message account: at least this was written at the old writer and is not at the new one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LostMessages {
    /// Newest commit known to be replicated; none where nobody knows.
    pub from: Option<Time>,
    /// When the fence was proven; none while two writers are possible.
    pub until: Option<Time>,
    /// At least so many seconds of writes.
    pub at_least_s: Option<i64>,
    /// Where the rows lie: a copied snapshot, or the detached cluster; none where they are lost or not yet known.
    pub kept_in: Option<String>,
    /// One sentence for people.
    pub sentence: String,
}

named!(
    /// How much a named check matters.
    CheckSeverity, "a severity" {
        /// A move would fail, or lose more than it must.
        Critical => "critical",
        /// A move would work and leave something to mend.
        Warning => "warning",
        /// Worth knowing.
        Info => "info",
    }
);

named!(
    /// What a named check found.
    CheckResult, "what a check found" {
        /// It holds.
        Passed => "passed",
        /// It does not hold.
        Failed => "failed",
        /// Nobody can tell.
        CannotTell => "cannot-tell",
    }
);

/// One named check of check-readiness.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadinessFinding {
    /// The check's name in the table.
    pub check: String,
    /// Its area.
    pub area: String,
    /// How much it matters.
    pub severity: CheckSeverity,
    /// What was found.
    pub result: CheckResult,
    /// The evidence, or why nobody can tell.
    pub evidence: String,
    /// The command or page that mends it; empty where it passed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub mend: String,
}

/// The [`READINESS`] record: every named check, whether it held or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Readiness {
    /// When it was looked at.
    pub at: Time,
    /// The writer Region at that time; none where nobody could tell.
    pub writer: Option<Region>,
    /// All checks in the order of the table.
    pub findings: Vec<ReadinessFinding>,
}

impl Readiness {
    /// The findings of this severity and result.
    pub fn with(&self, severity: CheckSeverity, result: CheckResult) -> impl Iterator<Item = &ReadinessFinding> {
        self.findings.iter().filter(move |finding| finding.severity == severity && finding.result == result)
    }
}

/// The newest recovery point of one kind in one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewestPoint {
    /// What it restores.
    pub kind: RecoveryKind,
    /// The Region with which it is listed.
    pub region: Region,
    /// Whether it lies outside both Regions.
    pub off_site: bool,
    /// Its name.
    pub id: String,
    /// When it was completed.
    pub completed_at: Time,
    /// Its age in whole hours.
    pub age_hours: i64,
}

/// One thing that is wrong with the backups, or that nobody can tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BackupFinding {
    /// Its name, for example `too-old`.
    pub name: String,
    /// The kind of recovery point; none where it concerns all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<RecoveryKind>,
    /// The Region; none where it concerns both, or what lies off site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// Failed, or nobody can tell.
    pub result: CheckResult,
    /// One sentence for people.
    pub sentence: String,
}

/// The [`BACKUPS`] record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backups {
    /// When it was looked at.
    pub at: Time,
    /// Kinds whose newest point is recent wherever one is required.
    pub recent: Vec<RecoveryKind>,
    /// The newest points found.
    pub newest: Vec<NewestPoint>,
    /// Everything that is wrong or unknown; empty where all is well.
    pub findings: Vec<BackupFinding>,
}

/// Facts that a dry run may assume, by name (the `fact` of an [`crate::Assumption`]).
pub mod facts {
    /// The writer Region (a string).
    pub const WRITER: &str = "database/writer";
    /// Region whose nodes all run (a string).
    pub const NODES_RUNNING: &str = "nodes/running-in";
    /// Region whose nodes are all stopped (a string).
    pub const NODES_STOPPED: &str = "nodes/stopped-in";
    /// Region that runs jobs (a string).
    pub const JOBS_IN: &str = "jobs/in";
    /// Region whose search leads (a string).
    pub const SEARCH_LEADER: &str = "search/leader";
    /// Search writes are fenced (a boolean).
    pub const SEARCH_FENCED: &str = "search/fenced";
    /// A record exists (the list of its names).
    pub const RECORDS: &str = "records/written";
    /// The Region to which the public name points (a string).
    pub const DNS_AT: &str = "dns/at";
}
