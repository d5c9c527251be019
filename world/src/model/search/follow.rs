//! What a follower index knows of its leader, and what the network does to it.

use super::index::Role;
use super::{No, Operation, Search, Timer};
use crate::model::flow::Flow;
use crate::model::{self, Ctx, Model};
use crate::network::Ix;

/// A `_stop` under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stop {
    /// From when the index is closed.
    pub(super) closed_at: i64,
    /// It waits for a leader that swallows packets (plugin source: remote requests have no time-out).
    pub(super) hangs: bool,
    /// Somebody opened the index meanwhile: it will be a zombie.
    pub(super) opened: bool,
}

/// A follower.
#[derive(Debug)]
pub(super) struct Follow {
    pub(super) flow: Flow,
    /// Number of its connection.
    pub(super) connection: usize,
    /// Block 1000. A runtime block, not a setting: a restart loses it, and so does a refused `_stop`.
    pub(super) block: bool,
    /// Paused by somebody.
    pub(super) paused: bool,
    /// When it pauses by itself, or did.
    pub(super) pauses_at: Option<i64>,
    /// The leader's index is gone; what was copied lies with the follower.
    pub(super) orphaned: bool,
    /// When its copy is complete; never while the leader is not reached.
    pub(super) copied_at: i64,
    pub(super) stop: Option<Stop>,
}

impl Follow {
    /// A follower that has followed for long.
    pub(super) fn at_peace(connection: usize) -> Self {
        Self { flow: Flow::flowing(i64::MIN), ..Self::copying(connection, i64::MIN) }
    }

    /// A follower whose copy will be complete at `copied_at`.
    pub(super) fn copying(connection: usize, copied_at: i64) -> Self {
        Self {
            flow: Flow::flowing(copied_at),
            connection,
            block: true,
            paused: false,
            pauses_at: None,
            orphaned: false,
            copied_at,
            stop: None,
        }
    }

    /// How many of the leader's operations it has.
    pub(super) fn count(&self, leader: &[Operation], now: i64, tail_ms: i64) -> usize {
        // A closed index replays nothing.
        let when = self.stop.map_or(now, |stop| stop.closed_at.min(now));
        self.flow.arrived(leader, when, tail_ms)
    }

    /// Whether it is open.
    pub(super) fn is_open(&self, now: i64) -> bool {
        self.stop.is_none_or(|stop| stop.opened || now < stop.closed_at)
    }

    /// Whether it is paused, by somebody or by itself.
    pub(super) fn is_paused(&self, now: i64) -> bool {
        self.paused || self.pauses_at.is_some_and(|at| at <= now)
    }

    /// Whether it still copies.
    pub(super) fn is_copying(&self, now: i64) -> bool {
        now < self.copied_at
    }

    /// Whether block 1000 stands: it is added after the copy, and `_stop` removes it first of all (plugin source).
    pub(super) fn is_blocked(&self, now: i64) -> bool {
        self.block && self.stop.is_none() && !self.is_copying(now)
    }

    /// Whether it asks its leader for changes.
    fn is_asking(&self) -> bool {
        !self.paused && !self.orphaned && self.pauses_at.is_none()
    }
}

impl Search {
    /// Stops the stream of a follower, with what has arrived.
    pub(super) fn stand(&mut self, region: Ix, no: No, now: i64) {
        let Some(Role::Follower(follow)) = self.index(region, no).map(|index| &index.role) else { return };
        if follow.orphaned {
            return;
        }
        let count = follow.count(self.own_operations(1 - region.min(1), no), now, self.knobs.tail_ms);
        if let Some(follow) = self.follow_mut(region, no) {
            follow.flow = Flow::standing(count);
        }
    }

    /// Whether the followers' domain gets an answer, a refusal or nothing from its leader.
    pub(super) fn leader_answers(&self, follower: Ix, ctx: &Ctx<'_>) -> LeaderAnswer {
        let leader = 1 - follower.min(1);
        if !ctx.network.reaches(follower, leader) {
            return if self.knobs.refuses { LeaderAnswer::Refuses } else { LeaderAnswer::Silent };
        }
        match self.domains.get(leader) {
            Some(domain) if !domain.down => LeaderAnswer::Answers,
            _ => LeaderAnswer::Refuses,
        }
    }
}

/// What comes back from the leader's domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeaderAnswer {
    /// Its answer.
    Answers,
    /// A refusal at once: its nodes are dead.
    Refuses,
    /// Nothing: packets are swallowed.
    Silent,
}

/// The network has changed, or may have: followers stand still or go on. Cheap where nothing is new.
pub fn network_changed(model: &mut Model, ctx: &mut Ctx<'_>) {
    let up = ctx.network.reaches(0, 1) && model.search.domains.iter().all(|domain| !domain.down);
    if up == model.search.link_up {
        return;
    }
    model.search.link_up = up;
    for region in 0..2 {
        for no in 0..model.search.names.len() {
            if up {
                go_on(&mut model.search, region, no, ctx)
            } else {
                model.search.stand(region, no, ctx.now)
            }
            hold_copy(&mut model.search, region, no, up, ctx);
        }
    }
}

/// A leader that is back is followed again by itself, after a back-off of 10, 20, 40 or 80 s (plugin source); a `_stop`
/// that hung is released (run on two nodes).
fn go_on(search: &mut Search, region: Ix, no: No, ctx: &mut Ctx<'_>) {
    let Some(follow) = search.follow_mut(region, no) else { return };
    if follow.is_asking() {
        follow.flow.resume(ctx.now + ctx.random.between(2_000, 20_000));
    }
    release(follow, region, no, ctx);
}

/// A hanging `_stop` finishes by itself within 2 s.
pub(super) fn release(follow: &mut Follow, region: Ix, no: No, ctx: &mut Ctx<'_>) {
    if let Some(stop) = follow.stop.as_mut().filter(|stop| stop.hangs) {
        stop.hangs = false;
        let at_ms = ctx.now + ctx.random.between(500, 2_000);
        ctx.timers.model(at_ms, model::Timer::Search(Timer::Stopped(region, no)));
    }
}

/// A copy needs its leader: it waits for it, and takes up where it was.
fn hold_copy(search: &mut Search, region: Ix, no: No, up: bool, ctx: &mut Ctx<'_>) {
    let bootstrap_ms = search.knobs.bootstrap_ms;
    let Some(follow) = search.follow_mut(region, no).filter(|follow| follow.is_copying(ctx.now)) else { return };
    if up {
        follow.copied_at = ctx.now + 10_000 + bootstrap_ms;
        follow.flow = Flow::flowing(follow.copied_at);
    } else {
        follow.copied_at = i64::MAX;
    }
}
