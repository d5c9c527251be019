//! Jobs: schedulers insert rows, and the first worker that polls claims them.

use mmdr_core::Time;
use mmdr_core::ports::{JobSeen, JobStatus};

use super::Timer;
use crate::model::nodes::view;
use crate::model::{self, Ctx, Model, search};
use crate::network::Ix;
use crate::news::News;

/// Milliseconds that a windowed re-index job takes.
const REINDEX_MS: i64 = 20_000;

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// What a scheduler inserts by itself.
    Routine,
    /// The canary, `plugins`: done at the first poll.
    Canary,
    /// A re-index of the posts of a window.
    Reindex {
        /// From, in milliseconds since the epoch.
        from: i64,
        /// To, in milliseconds since the epoch.
        to: i64,
    },
}

impl JobKind {
    /// The type as Mattermost spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Routine => "delete_expired_posts",
            Self::Canary => "plugins",
            Self::Reindex { .. } => "elasticsearch_post_indexing",
        }
    }
}

/// One job row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    /// What it does.
    pub kind: JobKind,
    /// When it was inserted.
    pub at: i64,
    /// The Region into whose volume it was inserted.
    pub volume: Ix,
    /// Its status.
    pub status: JobStatus,
    /// The Region that claimed it.
    pub claimed_by: Option<Ix>,
}

impl Job {
    /// The row as the API shows it; it names no node.
    pub fn seen(&self, number: usize) -> JobSeen {
        let kind = self.kind.name().into();
        JobSeen { id: format!("job-{number}"), kind, status: self.status, created_at: Time(self.at) }
    }

    /// Whether the row lies in the volume of `volume` by now. Rows that a lost volume had not sent yet show up late
    /// instead of never: nothing rests on them.
    pub(super) fn lies_in(&self, volume: Ix, model: &Model, now: i64) -> bool {
        let heard_ms = model.database.link_lost_ms.unwrap_or(now).min(now);
        self.volume == volume || self.at + model.database.lag_ms <= heard_ms
    }
}

/// Each Region whose processes started with `RunScheduler` and whose database takes writes inserts its rows.
pub(super) fn insert_rows(model: &mut Model, ctx: &mut Ctx<'_>) {
    for region in 0..2 {
        if model.nodes.schedules_jobs(region)
            && let Some(volume) = view(model, region, ctx).writable()
        {
            insert(model, JobKind::Routine, volume, ctx);
        }
    }
}

/// Inserts a row; gives its number. Every node that runs workers polls every 15 s (`jobs_watcher.go`), of whichever
/// Region: the table is in the shared database.
pub(super) fn insert(model: &mut Model, kind: JobKind, volume: Ix, ctx: &mut Ctx<'_>) -> usize {
    model.application.jobs.push(Job { kind, at: ctx.now, volume, status: JobStatus::Pending, claimed_by: None });
    for region in 0..2 {
        workers_may_claim(model, region, ctx);
    }
    model.application.jobs.len() - 1
}

/// The Region's workers look within their next 15 s, if it has any.
pub fn workers_may_claim(model: &mut Model, region: Ix, ctx: &mut Ctx<'_>) {
    if model.nodes.claims_jobs(region) && view(model, region, ctx).writable().is_some() {
        let next_ms = ctx.random.between(500, 15_000);
        ctx.timers.model(ctx.now + next_ms, model::Timer::Application(Timer::Poll { region }));
    }
}

/// The Region's workers claim what is pending: a compare-and-set, so each row is claimed once (`job_store.go`; run).
pub(super) fn poll(model: &mut Model, region: Ix, ctx: &mut Ctx<'_>) {
    if !model.nodes.claims_jobs(region) {
        return;
    }
    let Some(volume) = view(model, region, ctx).writable() else { return };
    for number in 0..model.application.jobs.len() {
        let Some(job) = model.application.jobs.get(number).copied() else { continue };
        if job.status != JobStatus::Pending || !job.lies_in(volume, model, ctx.now) {
            continue;
        }
        ctx.news.push(News::JobRan { region });
        let reindex = matches!(job.kind, JobKind::Reindex { .. });
        if let Some(job) = model.application.jobs.get_mut(number) {
            job.claimed_by = Some(region);
            job.status = if reindex { JobStatus::InProgress } else { JobStatus::Success };
        }
        if reindex {
            ctx.timers.model(ctx.now + REINDEX_MS, model::Timer::Application(Timer::Done { job: number }));
        }
    }
}

/// A re-index job reaches its end, if a worker is still there.
pub(super) fn done(model: &mut Model, number: usize, ctx: &mut Ctx<'_>) {
    let Some(job) = model.application.jobs.get(number).copied() else { return };
    let (JobKind::Reindex { from, to }, Some(region)) = (job.kind, job.claimed_by) else { return };
    let volume = if model.nodes.claims_jobs(region) { view(model, region, ctx).readable() } else { None };
    let status = match volume {
        Some(volume) => {
            let rows = rows_between(model, volume, from, to);
            search::reindex(model, region, &rows, ctx);
            // Up to 11.6 a bulk job says "success" whatever the domain did with its items (changelog of v11.7).
            JobStatus::Success
        }
        None => JobStatus::Error,
    };
    if let Some(job) = model.application.jobs.get_mut(number) {
        job.status = status;
    }
}

/// Messages of a volume committed in a window, with their commit times.
fn rows_between(model: &Model, volume: Ix, from: i64, to: i64) -> Vec<(i64, u32)> {
    let rows = model.database.volumes.get(volume).map(|held| held.rows.as_slice()).unwrap_or_default();
    let commit = |row: u32| model.database.commits.get(row as usize).copied().unwrap_or(i64::MIN);
    let first = rows.partition_point(|row| commit(*row) < from);
    rows.iter().skip(first).map(|row| (commit(*row), *row)).take_while(|(at, _)| *at <= to).collect()
}
