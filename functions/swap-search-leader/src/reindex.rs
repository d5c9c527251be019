//! The window that search missed is indexed again, from the database.
//!
//! Mattermost does not retry a refused index write (`opensearch/bulk.go`), so what was posted between the last
//! replicated operation and the promotion is found only after a windowed job. Up to 11.6 that job can report success
//! while every write was refused (v11 changelog), so its outcome is not waited for and not believed.

use mmdr_core::ports::{JobSeen, JobStatus};
use mmdr_core::{Run, Time, Verdict};

use crate::Said;
use crate::actions::Action;
use crate::observed::Observed;
use crate::words::{Refusal, Waiting};

/// Seconds by which the window begins before the run did: replication trails by 10 s even when healthy, by 5 minutes
/// on remote-store instances (plugin #1688), and an alarm needs some minutes before it starts a run. Indexing
/// what is indexed already changes nothing.
pub(crate) const MARGIN_S: i64 = 1_800;
/// The same where nobody measured up to when the old Region's writes had arrived, as after a move by hand, or an outage that
/// was older than 15 minutes when it was diagnosed: the outage may have begun hours before somebody acted.
pub(crate) const BLIND_MARGIN_S: i64 = 21_600;
/// Attempts at the job before a person must look.
const ATTEMPTS: usize = 2;

/// Asks once; a job that is there is enough. A job row does not tell its window, so one that the aggregator made since
/// the move began counts too: counts are compared afterwards in any case.
pub(crate) fn reindex(run: &Run, seen: &Observed) -> Said {
    let Some(jobs) = seen.jobs.value() else {
        return Verdict::Wait(Waiting::MattermostUnseen { why: seen.jobs.why().unwrap_or_default().to_owned() });
    };
    let ours: Vec<&JobSeen> = jobs.iter().filter(|job| job.created_at >= begun(run, seen)).collect();
    let failed = |job: &&JobSeen| matches!(job.status, JobStatus::Error | JobStatus::Canceled);
    if !ours.iter().all(failed) {
        return Verdict::Already;
    }
    if ours.len() >= ATTEMPTS {
        return Verdict::Refuse(Refusal::ReindexFailed { jobs: ours.iter().map(|job| job.id.clone()).collect() });
    }
    let begun = begun(run, seen).min(seen.moved_at.unwrap_or(run.opened_at));
    let from = match seen.replicated_until {
        Some(until) => begun.min(until).plus_s(-MARGIN_S),
        None => begun.plus_s(-BLIND_MARGIN_S),
    };
    Verdict::Act(Action::Reindex { region: run.own().clone(), from, to: seen.now })
}

/// When this move began, as far back as a resume's inherited records tell.
fn begun(run: &Run, seen: &Observed) -> Time {
    seen.saved_at().map_or(run.opened_at, |saved| saved.min(run.opened_at))
}

/// Whether the outcome of an indexing job means something: from 11.7 on. A version not understood is not trusted.
pub(crate) fn outcome_is_trusted(version: &str) -> bool {
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().ok());
    matches!((numbers.next().flatten(), numbers.next().flatten()), (Some(major), Some(minor)) if (major, minor) >= (11, 7))
}
