//! `_stop`, `_pause`, `_resume`, `_start`, and `_close` with `_open`.
//!
//! A call for several names is one call for each. What a repeated call answers with 400 ("No replication in progress",
//! "already paused", "already running", a target that follows already) counts as done: the next look tells.

use mmdr_core::Fault;

use super::follow::{Follow, LeaderAnswer, Stop, release};
use super::index::{Index, Role};
use super::{No, Search, Timer, network_changed};
use crate::model::{self, Ctx, Model};
use crate::network::Ix;

/// What a batch of `_stop` is waiting for.
#[derive(Debug, Default)]
pub struct StopBegun {
    /// When the last of them has had its turn.
    pub done_at: i64,
    /// Those under way.
    indices: Vec<No>,
    /// What one of them was refused with.
    pub refused: Option<Fault>,
}

impl Search {
    /// Which of a batch still hang, by name.
    pub fn stalled(&self, region: Ix, begun: &StopBegun) -> Vec<String> {
        let hangs = |no: &&No| matches!(self.index(region, **no), Some(Index { role: Role::Follower(it), .. }) if it.stop.is_some());
        begun.indices.iter().filter(hangs).map(|no| self.name(*no).to_owned()).collect()
    }
}

/// `_stop`: removes block 1000, closes the index, asks the leader to drop its lease, drops the setting, opens it (plugin
/// source, `TransportStopIndexReplicationAction`).
pub fn stop(model: &mut Model, region: Ix, names: &[String], ctx: &mut Ctx<'_>) -> Result<StopBegun, Fault> {
    network_changed(model, ctx);
    let search = &mut model.search;
    search.must_answer(region)?;
    let snapshot = search.snapshot_running(region, ctx.now);
    // With dead leader nodes a stop takes 0.25 to 0.5 s (run on two nodes).
    let slower_ms = if search.leader_answers(region, ctx) == LeaderAnswer::Refuses { 200 } else { 0 };
    let cost_ms = search.knobs.stop_ms + slower_ms;
    let mut begun = StopBegun { done_at: ctx.now, ..StopBegun::default() };
    for no in search.numbers_of(names) {
        let Some(follow) = search.follow_mut(region, no) else { continue };
        if follow.stop.is_some() {
            // A second stop waits as the first one does (run on two nodes).
            begun.indices.push(no);
        } else if snapshot {
            // Refused, and yet the block is gone: clients then get 500 instead of 403, and replication goes on (run on
            // two nodes).
            follow.block = false;
            let text = "snapshot_in_progress_exception: Cannot close indices that are being snapshotted";
            begun.refused = Some(Fault::LookAgain(text.into()));
        } else if follow.is_copying(ctx.now) {
            // While it is still being restored the index is deleted instead (plugin source).
            search.put(region, no, None);
        } else {
            let (closed_at, ends_at) = search.occupy(region, cost_ms, ctx.now);
            if let Some(follow) = search.follow_mut(region, no) {
                follow.stop = Some(Stop { closed_at, hangs: false, opened: false });
            }
            ctx.timers.model(ends_at, model::Timer::Search(Timer::Stopped(region, no)));
            begun.done_at = begun.done_at.max(ends_at);
            begun.indices.push(no);
        }
    }
    Ok(begun)
}

/// The turn of a `_stop` ends: with a promotion, or in waiting for a leader that swallows packets while the connection is
/// still configured.
pub(super) fn finish_stop(model: &mut Model, region: Ix, no: No, ctx: &mut Ctx<'_>) {
    network_changed(model, ctx);
    let search = &mut model.search;
    let silent = search.leader_answers(region, ctx) == LeaderAnswer::Silent;
    let Some(follow) = search.follow_mut(region, no) else { return };
    let (connection, Some(mut stop)) = (follow.connection, follow.stop) else { return };
    if stop.hangs {
        return;
    }
    if silent && search.is_known(connection, ctx.now) {
        stop.hangs = true;
        if let Some(follow) = search.follow_mut(region, no) {
            follow.stop = Some(stop);
        }
        return;
    }
    let operations = search.content(region, no, ctx.now).to_vec();
    let write_block = search.index(region, no).is_some_and(|index| index.write_block);
    let promoted = Index { role: Role::Own { zombie: stop.opened }, write_block, ..Index::owning(operations) };
    search.put(region, no, Some(promoted));
}

/// `_pause`: never contacts the leader (plugin source).
pub fn pause(model: &mut Model, region: Ix, names: &[String], ctx: &mut Ctx<'_>) -> Result<(), Fault> {
    network_changed(model, ctx);
    let search = &mut model.search;
    search.must_answer(region)?;
    let mut refused = Ok(());
    for no in search.numbers_of(names) {
        let Some(follow) = search.follow_mut(region, no) else { continue };
        if follow.is_copying(ctx.now) {
            refused = Err(Fault::LookAgain("Index is in restore phase currently".into()));
        } else if !follow.is_paused(ctx.now) {
            follow.paused = true;
            search.stand(region, no, ctx.now);
        }
    }
    refused
}

/// `_resume`: puts the block back and catches up at once (run on two nodes: 0.2 to 2.0 s instead of a tail of 10 s).
pub fn resume(model: &mut Model, region: Ix, names: &[String], ctx: &mut Ctx<'_>) -> Result<(), Fault> {
    network_changed(model, ctx);
    let search = &mut model.search;
    search.must_answer(region)?;
    let answer = search.leader_answers(region, ctx);
    let mut refused = Ok(());
    for no in search.numbers_of(names) {
        let Some(follow) = search.follow_mut(region, no).filter(|follow| follow.is_paused(ctx.now)) else { continue };
        let (connection, orphaned) = (follow.connection, follow.orphaned);
        if !search.is_known(connection, ctx.now) {
            refused = Err(no_such_remote(search.alias(connection)));
        } else if answer == LeaderAnswer::Silent {
            return Err(Fault::NoAnswer);
        } else if answer == LeaderAnswer::Refuses {
            refused = Err(Fault::LookAgain("connect_transport_exception".into()));
        } else if orphaned {
            let name = search.name(no);
            let text = format!("Retention lease doesn't exist. Replication can't be resumed for {name}");
            refused = Err(Fault::NotFound(text));
        } else if let Some(follow) = search.follow_mut(region, no) {
            (follow.paused, follow.pauses_at, follow.block) = (false, None, true);
            follow.flow.resume(ctx.now + ctx.random.between(200, 2_000));
        }
    }
    refused
}

/// `_start`: each name begins to follow the same name at `alias`. Gives when the last was accepted.
pub fn start(model: &mut Model, region: Ix, alias: &str, names: &[String], ctx: &mut Ctx<'_>) -> Result<i64, Fault> {
    network_changed(model, ctx);
    let search = &mut model.search;
    search.must_answer(region)?;
    let connection = search.usable(region, alias, ctx.now).ok_or_else(|| no_such_remote(alias))?;
    match search.leader_answers(region, ctx) {
        LeaderAnswer::Answers => {}
        LeaderAnswer::Refuses => return Err(Fault::LookAgain("connect_transport_exception".into())),
        LeaderAnswer::Silent => return Err(Fault::NoAnswer),
    }
    let mut done_at = Ok(ctx.now);
    for name in names {
        let no = search.number(name);
        match start_one(search, region, connection, no, ctx.now) {
            Ok(at) => done_at = done_at.map(|_| at),
            Err(fault) => done_at = Err(fault),
        }
    }
    done_at
}

/// One `_start`, with the plugin's refusals (plugin source, `TransportReplicateIndexAction`, `ValidationUtil`).
pub(super) fn start_one(search: &mut Search, region: Ix, connection: usize, no: No, now: i64) -> Result<i64, Fault> {
    let name = search.name(no);
    match search.index(region, no).map(|index| &index.role) {
        Some(Role::Follower(_)) => return Ok(now),
        Some(Role::Own { .. }) => {
            return Err(Fault::Refused(format!("Cant use same index again for replication. Delete the index:{name}")));
        }
        None => {}
    }
    match search.index(1 - region.min(1), no).map(|index| &index.role) {
        Some(Role::Own { .. }) => {}
        Some(Role::Follower(_)) => return Err(Fault::Refused(format!("Cannot Replicate a Replicated Index {name}"))),
        None => return Err(Fault::NotFound(format!("index_not_found_exception: no such index [{name}]"))),
    }
    if search.version(region) < search.version(1 - region.min(1)) {
        return Err(Fault::Refused(format!("Leader index[{name}] is on higher version")));
    }
    if search.domains.get(region).is_some_and(|domain| domain.ghosts.contains(&no)) {
        return Err(Fault::Refused(format!("task with id {{replication:index:{name}}} already exist")));
    }
    let (_, accepted_at) = search.occupy(region, search.knobs.start_ms, now);
    let follow = Follow::copying(connection, accepted_at + search.knobs.bootstrap_ms);
    search.put(region, no, Some(Index::following(follow)));
    Ok(accepted_at)
}

/// `_close` and `_open`: mends a zombie, and makes one of an index whose `_stop` hangs (run on two nodes).
pub fn reopen(model: &mut Model, region: Ix, names: &[String], ctx: &mut Ctx<'_>) -> Result<(), Fault> {
    network_changed(model, ctx);
    let search = &mut model.search;
    search.must_answer(region)?;
    if search.snapshot_running(region, ctx.now) {
        let text = "snapshot_in_progress_exception: Cannot close indices that are being snapshotted";
        return Err(Fault::LookAgain(text.into()));
    }
    let mut refused = Ok(());
    for no in search.numbers_of(names) {
        let Some(index) = search.index_mut(region, no) else { continue };
        match &mut index.role {
            Role::Own { zombie } => *zombie = false,
            Role::Follower(follow) if follow.is_blocked(ctx.now) => refused = Err(search.blocked(no)),
            Role::Follower(follow) => {
                if let Some(stop) = follow.stop.as_mut().filter(|stop| stop.closed_at <= ctx.now) {
                    stop.opened = true;
                }
            }
        }
    }
    refused
}

/// A connection is gone: what hangs on it finishes, what runs pauses by itself.
pub(super) fn lose_connection(search: &mut Search, region: Ix, no: No, connection: usize, ctx: &mut Ctx<'_>) {
    // Measured 10.3 to 15.3 s; a task that already sits in back-off because its leader is dead does not notice for
    // longer (run on two nodes).
    let after_ms = match search.link_up {
        true => ctx.random.between(10_300, 15_300),
        false => ctx.random.between(20_000, 90_000),
    };
    let Some(follow) = search.follow_mut(region, no).filter(|follow| follow.connection == connection) else { return };
    release(follow, region, no, ctx);
    if follow.stop.is_none() && !follow.is_paused(ctx.now) {
        follow.pauses_at = Some(ctx.now + after_ms);
        search.stand(region, no, ctx.now);
    }
}

fn no_such_remote(alias: &str) -> Fault {
    Fault::NotFound(format!("no_such_remote_cluster_exception: no such remote cluster: [{alias}]"))
}
