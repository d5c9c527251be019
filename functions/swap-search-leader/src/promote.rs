//! Promotion: save, then stop following, hot set first.
//!
//! `_stop` closes the index, asks the leader to drop a lease, and opens it again
//! (`TransportStopIndexReplicationAction`). With a leader that is dead it answers in half a second; with one that is
//! black-holed it hangs *between close and open* for as long as the connection exists. So one cold index goes first,
//! the canary; if it stalls, the connection is deleted, every hanging stop ends within 2 s, and only then comes the
//! hot set. Nothing is opened by hand meanwhile: that makes an index which answers every write with 500 for ever.

use std::collections::BTreeMap;

use mmdr_core::ports::{IndexSeen, ProbeAnswer, ReplicationStatus};
use mmdr_core::records::Checkpoints;
use mmdr_core::{Kind, Run, Verdict, records};

use crate::actions::Action;
use crate::observed::{Indices, Observed};
use crate::prove::{names, unseen};
use crate::words::Waiting;
use crate::{Said, links, names as index_names};

/// Stops asked for in one look. `_stop` costs about 12 cluster-state updates that one thread publishes one after the
/// other, 40 to 200 ms each, so 40 fit into a function's time; how many run at once is the adapter's business, and
/// more than 8 gain nothing (measured with 400 indices).
pub(crate) const BATCH: usize = 40;
/// Looks in which rules are deleted before anything is stopped. A rule that does not go away must not keep the hot
/// set from people: names that exist are skipped by rules anyway.
const RULE_LOOKS: u32 = 3;

/// Failover: the followers' numbers before anything is stopped. An index found promoted keeps what was saved for it
/// and never gets a new value: after its first write the same numbers mean other operations.
pub(crate) fn save(run: &Run, seen: &Observed) -> Said {
    let Some(own) = seen.own.value() else { return unseen(run.own(), &seen.own) };
    let followers = || own.values().filter(|index| index.follower_of.is_some());
    let kept = seen.checkpoints.in_run.as_ref();
    let inherited = seen.checkpoints.before.as_ref();
    let has = |name: &String| kept.is_some_and(|record| record.indices.contains_key(name));
    let inherited_all = inherited.is_none_or(|record| record.indices.keys().all(has));
    if kept.is_some() && inherited_all && followers().all(|index| has(&index.name)) {
        return Verdict::Already;
    }
    Verdict::Act(checkpoints(run, seen, own))
}

fn checkpoints(run: &Run, seen: &Observed, own: &Indices) -> Action {
    let (kept, before) = (seen.checkpoints.in_run.as_ref(), seen.checkpoints.before.as_ref());
    let mut indices = BTreeMap::new();
    for record in [before, kept].into_iter().flatten() {
        indices.extend(record.indices.clone());
    }
    let followers = own.values().filter(|index| index.follower_of.is_some());
    for index in followers {
        // A closed index or a primary that is not started may tell too little: what was saved before stands.
        let readable = index.open && !index.shards.is_empty() && index.shards.iter().all(|shard| shard.started);
        if readable || !indices.contains_key(&index.name) {
            indices.insert(index.name.clone(), index.shards.clone());
        }
    }
    // The window to index again begins where the first look at these followers was.
    let at = [before, kept].into_iter().flatten().map(|record| record.at).min().unwrap_or(seen.now);
    let mut keys = vec![records::key(run, records::CHECKPOINTS)];
    // A later run finds these by the move that the ledger names.
    let last = seen.last_move.iter().filter(|last| run.forward_only && **last != run.id);
    keys.extend(last.map(|last| format!("{}{}.json", records::prefix_of(last, run.dry_run), records::CHECKPOINTS)));
    let checkpoints = Checkpoints { at, epoch: run.epoch, indices };
    Action::SaveCheckpoints { region: run.own().clone(), keys, checkpoints }
}

/// What people feel first.
pub(crate) fn promote_hot(run: &Run, seen: &Observed) -> Said {
    let Some(own) = seen.own.value() else { return unseen(run.own(), &seen.own) };
    let hot = index_names::hot(&run.deployment.search.index_prefix, seen.now);
    let scope: Vec<&IndexSeen> = hot.iter().filter_map(|name| own.get(name)).collect();
    promote(run, seen, own, &scope)
}

/// Everything else: unfinished hot ones first, then the newest.
pub(crate) fn promote_rest(run: &Run, seen: &Observed) -> Said {
    let Some(own) = seen.own.value() else { return unseen(run.own(), &seen.own) };
    let hot = index_names::hot(&run.deployment.search.index_prefix, seen.now);
    let cold = own.values().rev().filter(|index| !hot.contains(&index.name));
    let scope: Vec<&IndexSeen> = hot.iter().filter_map(|name| own.get(name)).chain(cold).collect();
    match promote(run, seen, own, &scope) {
        Verdict::Already => links::no_rules(run, run.own(), &seen.own_rules, &seen.own_connections)
            .or_else(|| rules_unseen(run, seen))
            .unwrap_or(Verdict::Already),
        other => other,
    }
}

fn rules_unseen(run: &Run, seen: &Observed) -> Option<Said> {
    let why = seen.own_rules.why()?.to_owned();
    Some(Verdict::Wait(Waiting::RulesUnseen { region: run.own().clone(), why }))
}

fn promote(run: &Run, seen: &Observed, own: &Indices, scope: &[&IndexSeen]) -> Said {
    let rules = links::no_rules(run, run.own(), &seen.own_rules, &seen.own_connections);
    if let Some(said) = rules.filter(|_| seen.looks < RULE_LOOKS) {
        return said;
    }
    if let Some(said) = unfinished(run, seen, own) {
        return said;
    }
    let followers: Vec<&IndexSeen> = scope.iter().copied().filter(|index| index.follower_of.is_some()).collect();
    let halves: Vec<&IndexSeen> = scope.iter().copied().filter(|index| half_stopped(seen, index)).collect();
    if !followers.is_empty() || !halves.is_empty() {
        return stop(run, seen, own, &followers, &halves);
    }
    mend(run, seen, scope)
}

/// A closed follower is a stop that has not come back: without the connection it ends by itself.
///
/// Removing the connection costs nothing any more, since the old leader must be built anew in any case; before the
/// decision to promote it would have been irreversible on AWS.
fn unfinished(run: &Run, seen: &Observed, own: &Indices) -> Option<Said> {
    let closed = names(own.values().filter(|index| index.follower_of.is_some() && !index.open));
    if closed.is_empty() {
        return None;
    }
    let Some(connections) = seen.own_connections.value() else {
        let why = seen.own_connections.why().unwrap_or_default().to_owned();
        return Some(Verdict::Wait(Waiting::ConnectionsUnseen { region: run.own().clone(), why }));
    };
    let Some(live) = links::live(connections, run.other()) else {
        return Some(Verdict::Wait(Waiting::StopUnfinished { names: closed }));
    };
    let (follower, id, alias) = (run.own().clone(), live.id.clone(), live.alias.clone());
    Some(Verdict::Act(Action::DeleteConnection { follower, id, alias }))
}

fn stop(run: &Run, seen: &Observed, own: &Indices, followers: &[&IndexSeen], halves: &[&IndexSeen]) -> Said {
    // Unseen goes on: a stop that a snapshot refuses is asked again, and outside a snapshot nothing is lost.
    if seen.own_domain.value().is_some_and(|domain| domain.snapshot_running) {
        return Verdict::Wait(Waiting::SnapshotRunning { region: run.own().clone() });
    }
    if followers.iter().any(|index| seen.saved(&index.name).is_none()) {
        return Verdict::Act(checkpoints(run, seen, own));
    }
    let region = run.own().clone();
    let unknown = !followers.is_empty() && !path_is_known(run, seen, own);
    if let Some(name) = canary(run, seen, own, followers).filter(|_| unknown) {
        return Verdict::Act(Action::StopCanary { region, name });
    }
    let names = names(halves.iter().chain(followers).copied().take(BATCH));
    Verdict::Act(Action::Stop { region, names })
}

/// Whether a stop is known not to hang: the old leader of a planned move answers, or no connection to it is left, or
/// one of the saved followers is promoted already.
fn path_is_known(run: &Run, seen: &Observed, own: &Indices) -> bool {
    let answers = run.kind == Kind::Switchover && seen.other.value().is_some();
    let gone = seen.own_connections.value().is_some_and(|found| links::live(found, run.other()).is_none());
    answers || gone || own.values().any(|it| it.follower_of.is_none() && it.open && seen.saved(&it.name).is_some())
}

/// The index that nobody misses while it hangs: a cold one that is saved and not being copied (a stop during the copy
/// deletes the index), else the last of the hot ones.
fn canary(run: &Run, seen: &Observed, own: &Indices, followers: &[&IndexSeen]) -> Option<String> {
    let hot = index_names::hot(&run.deployment.search.index_prefix, seen.now);
    let fit = |index: &&IndexSeen| {
        index.follower_of.is_some()
            && index.replication != ReplicationStatus::Bootstrapping
            && seen.saved(&index.name).is_some()
    };
    let cold = own.values().filter(|index| !hot.contains(&index.name)).find(fit);
    cold.or_else(|| followers.iter().copied().rfind(fit)).map(|index| index.name.clone())
}

/// The setting is gone, yet the stop did not come to its end: block left over, or the plugin still knows it as running.
/// Asking again ends it (seen after killing the follower in the middle of 40 stops).
fn half_stopped(seen: &Observed, index: &IndexSeen) -> bool {
    let running = !matches!(index.replication, ReplicationStatus::NotInProgress | ReplicationStatus::Unknown);
    let broken = !index.open || seen.probe(&index.name) == Some(ProbeAnswer::Broken);
    index.follower_of.is_none() && (index.replication_block || running && broken)
}

/// Nothing in scope follows any more: now each must be open, unblocked, started, and take a write.
fn mend(run: &Run, seen: &Observed, scope: &[&IndexSeen]) -> Said {
    let region = run.own().clone();
    if scope.iter().any(|index| index.write_block) {
        return Verdict::Act(Action::LiftFence { region });
    }
    let probe = |index: &IndexSeen| seen.probe(&index.name);
    let broken = |index: &&IndexSeen| !index.open || probe(index) == Some(ProbeAnswer::Broken);
    let broken = names(scope.iter().copied().filter(broken).take(BATCH));
    if !broken.is_empty() {
        return Verdict::Act(Action::Reopen { region, names: broken });
    }
    let started = |index: &IndexSeen| !index.shards.is_empty() && index.shards.iter().all(|shard| shard.started);
    let waiting = names(scope.iter().copied().filter(|index| !started(index)));
    if !waiting.is_empty() {
        return Verdict::Wait(Waiting::PrimaryNotStarted { names: waiting });
    }
    if let Some(why) = seen.probes.why().filter(|_| !scope.is_empty()) {
        return Verdict::Wait(Waiting::ProbesUnseen { why: why.to_owned() });
    }
    let blocked = names(scope.iter().copied().filter(|index| probe(index) != Some(ProbeAnswer::Writable)));
    if blocked.is_empty() { Verdict::Already } else { Verdict::Wait(Waiting::StillBlocked { names: blocked }) }
}
