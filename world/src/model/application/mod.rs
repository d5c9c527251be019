//! What Mattermost does beside answering people: jobs, scheduled posts, and the REST API that probes use.

mod jobs;
mod rest;
mod scheduled;

pub use jobs::{Job, JobKind, workers_may_claim};
pub use rest::{
    create_canary_job, create_post, file_exists, jobs_of, open_sockets, ping, post_exists, public_name_answers_from,
    reindex, schema_version, search_finds, upload_file, works,
};
pub use scheduled::{Scheduled, schedule_post};

use std::collections::BTreeMap;

use super::setup::Setup;
use super::{Ctx, Model};
use crate::model;
use crate::network::Ix;

/// Milliseconds between two boundaries of the wall clock at which scheduled posts are sent: five minutes, aligned
/// (`CreateRecurringTaskFromNextIntervalTime`).
const SCHEDULED_EVERY_MS: i64 = 300_000;
/// Milliseconds between two looks of a scheduler.
const MINUTE_MS: i64 = 60_000;

/// Something that the application does at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// Schedulers insert rows.
    Minute,
    /// A Region's workers look for pending jobs.
    Poll {
        /// The Region.
        region: Ix,
    },
    /// Scheduled posts are due.
    ScheduledPosts,
    /// A job is done.
    Done {
        /// Its number.
        job: usize,
    },
}

/// Jobs, scheduled posts and probes.
#[derive(Clone, Debug, Default)]
pub struct Application {
    /// Job rows, in order.
    pub jobs: Vec<Job>,
    /// Scheduled posts, in order.
    pub scheduled: Vec<Scheduled>,
    /// Rows of probe posts by tag.
    probe_posts: BTreeMap<String, Vec<u32>>,
    /// Rows of probe files by tag.
    probe_files: BTreeMap<String, Vec<u32>>,
}

impl Application {
    /// Nothing pending.
    pub fn at_peace(_writer: Ix, _setup: &Setup, _now: i64) -> Self {
        Self::default()
    }
}

/// Puts the first timers on the agenda.
pub fn begin(_model: &mut Model, ctx: &mut Ctx<'_>) {
    let boundary = |every_ms: i64| ctx.now - ctx.now.rem_euclid(every_ms) + every_ms;
    let (minute, five) = (boundary(MINUTE_MS), boundary(SCHEDULED_EVERY_MS));
    ctx.timers.model(minute, model::Timer::Application(Timer::Minute));
    ctx.timers.model(five, model::Timer::Application(Timer::ScheduledPosts));
}

/// Does what the agenda says.
pub fn handle(model: &mut Model, timer: &Timer, ctx: &mut Ctx<'_>) {
    match *timer {
        Timer::Minute => {
            jobs::insert_rows(model, ctx);
            ctx.timers.model(ctx.now + MINUTE_MS, model::Timer::Application(Timer::Minute));
        }
        Timer::Poll { region } => jobs::poll(model, region, ctx),
        Timer::ScheduledPosts => {
            scheduled::send_due(model, ctx);
            ctx.timers.model(ctx.now + SCHEDULED_EVERY_MS, model::Timer::Application(Timer::ScheduledPosts));
        }
        Timer::Done { job } => jobs::done(model, job, ctx),
    }
}

/// A node has begun to serve: its workers look for the first time 15 to 30 s later (`jobs_watcher.go`; run).
pub fn node_serves(model: &mut Model, region: Ix, ctx: &mut Ctx<'_>) {
    if model.nodes.claims_jobs(region) {
        let first_ms = ctx.random.between(15_000, 30_000);
        ctx.timers.model(ctx.now + first_ms, model::Timer::Application(Timer::Poll { region }));
    }
}

#[cfg(test)]
mod tests;
