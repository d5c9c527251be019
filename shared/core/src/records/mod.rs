//! Records under a run's prefix: the durable state that steps hand to each other. Their types live here because
//! steps know nothing of each other.

mod access;
mod approval;
mod checks;
mod diagnosis;
mod lost;
mod proofs;
mod search;

pub use access::{put, read, read_own, read_own_tolerant, read_tolerant};
pub use approval::{ApprovalAnswer, Decision, Question};
pub use checks::{BackupFinding, Backups, CheckResult, CheckSeverity, NewestPoint, Readiness, ReadinessFinding};
pub use diagnosis::{Diagnosis, LossForecast, Opinion};
pub use lost::{Fencing, FencingOutcome, LostMessages};
pub use proofs::{FilesProof, HandOverProof, SearchProof};
pub use search::{Checkpoints, DeletionProof, IndexDivergence, SearchDivergence};

use crate::{Run, RunId, StepName, Ticket, Time};

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
    key_of(&run.id, run.dry_run, name)
}

/// A record of a run of which only the name is known.
pub fn key_of(run: &RunId, dry_run: bool, name: &str) -> String {
    format!("{}{name}.json", prefix_of(run, dry_run))
}

/// A record of each run that this one continues, the newest first: a resume inherits their evidence.
pub fn inherited_keys(run: &Run, name: &str) -> Vec<String> {
    run.continued().map(|resumed| key_of(resumed, run.dry_run, name)).collect()
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
