//! Planned moves: fence the old leader, prove both sides equal; and the call-off, which only takes the fence away.
//!
//! The proof is per shard and by sequence numbers: leader max = local = global, follower the same, and equal, for the
//! same set of indices. Followers keep the leader's numbers (`TransportReplayChangesAction`), so this is a real proof
//! as long as the follower was never promoted; document counts and `_status` prove nothing.

use std::collections::BTreeMap;

use mmdr_core::ports::{DomainSeen, IndexSeen, ReplicationStatus, ShardSeen};
use mmdr_core::records::SearchProof;
use mmdr_core::{Region, Run, Seen, Verdict, records};

use crate::Said;
use crate::actions::Action;
use crate::names::month_of;
use crate::observed::{Indices, Observed};
use crate::words::{Refusal, Waiting};

/// Looks before what is still behind is paused and resumed once: 9 looks, 5 s apart, are the 45 s that a healthy
/// follower may need. A single write takes 10 s to arrive in most cases, because the leader's long poll wakes before
/// the translog sync and the follower backs off 10 s (`TransportGetChangesAction`).
pub(crate) const PATIENCE_LOOKS: u32 = 9;
/// A resume is asked for until this look, not for ever: a resume in a flaky network can remove a healthy retention
/// lease (plugin #1723).
const RESUME_UNTIL_LOOKS: u32 = PATIENCE_LOOKS + 3;

/// `domain` as not answering.
pub(crate) fn unseen<T>(region: &Region, seen: &Seen<T>) -> Said {
    Verdict::Wait(Waiting::DomainUnseen { region: region.clone(), why: seen.why().unwrap_or_default().to_owned() })
}

/// One call blocks writes to every index of the old leader; it is not propagated to followers and disturbs no reads.
pub(crate) fn fence(run: &Run, seen: &Observed) -> Said {
    if run.forward_only {
        return Verdict::Already;
    }
    for (region, domain) in [(run.other(), &seen.other_domain), (run.own(), &seen.own_domain)] {
        match domain.value() {
            None => return unseen(region, domain),
            Some(DomainSeen { snapshot_running: true, .. }) => {
                return Verdict::Wait(Waiting::SnapshotRunning { region: region.clone() });
            }
            Some(_) => {}
        }
    }
    let Some(leader) = seen.other.value() else { return unseen(run.other(), &seen.other) };
    if leader.values().all(|index| index.write_block) {
        return Verdict::Already;
    }
    Verdict::Act(Action::FenceWrites { region: run.other().clone() })
}

/// Writes the proof, or says what is in its way.
pub(crate) fn prove(run: &Run, seen: &Observed) -> Said {
    if run.forward_only {
        return Verdict::Already;
    }
    let Some(leader) = seen.other.value() else { return unseen(run.other(), &seen.other) };
    let Some(follower) = seen.own.value() else { return unseen(run.own(), &seen.own) };
    if let Some(refusal) = cannot_prove(run, leader, follower) {
        return Verdict::Refuse(refusal);
    }
    let missing = names(leader.values().filter(|index| !follower.contains_key(&index.name)));
    if !missing.is_empty() {
        return Verdict::Wait(Waiting::NotYetFollowed { names: missing });
    }
    let behind: Vec<&IndexSeen> =
        follower.values().filter(|index| leader.get(&index.name).is_some_and(|same| !equal(same, index))).collect();
    if !behind.is_empty() {
        return catch_up(run, seen.looks, &behind);
    }
    let indices: BTreeMap<String, Vec<ShardSeen>> =
        leader.values().map(|index| (index.name.clone(), index.shards.clone())).collect();
    if seen.proof.in_run.as_ref().is_some_and(|proof| proof.indices == indices) {
        return Verdict::Already;
    }
    let keys = vec![records::key(run, records::SEARCH_PROOF)];
    Verdict::Act(Action::WriteProof { region: run.own().clone(), keys, proof: SearchProof { at: seen.now, indices } })
}

fn cannot_prove(run: &Run, leader: &Indices, follower: &Indices) -> Option<Refusal> {
    let open = names(leader.values().filter(|index| !index.write_block));
    if !open.is_empty() {
        return Some(Refusal::NotFenced { names: open });
    }
    let plain = names(follower.values().filter(|it| it.follower_of.is_none() && leader.contains_key(&it.name)));
    if !plain.is_empty() {
        return Some(Refusal::NotFollowers { names: plain });
    }
    let orphans = orphans(run, leader, follower);
    let only = names(follower.values().filter(|it| !leader.contains_key(&it.name) && !orphans.contains(&it.name)));
    (!only.is_empty()).then_some(Refusal::OnlyAtFollower { names: only })
}

/// Daily indices that only the follower has because the leader's aggregator turned them into a month.
pub(crate) fn orphans(run: &Run, leader: &Indices, follower: &Indices) -> Vec<String> {
    let prefix = &run.deployment.search.index_prefix;
    let month_is_there = |name: &str| month_of(prefix, name).is_some_and(|month| leader.contains_key(&month));
    names(follower.values().filter(|it| !leader.contains_key(&it.name) && month_is_there(&it.name)))
}

/// Once, after [`PATIENCE_LOOKS`], what is behind is paused and resumed, which makes it ask the leader at once
/// (measured: a tail of 8 s becomes 0.2 to 2 s). All of it happens before the proof; nothing afterwards.
fn catch_up(run: &Run, looks: u32, behind: &[&IndexSeen]) -> Said {
    let region = run.own().clone();
    let paused = names(behind.iter().copied().filter(|index| index.replication == ReplicationStatus::Paused));
    if !paused.is_empty() && looks <= RESUME_UNTIL_LOOKS {
        return Verdict::Act(Action::Resume { region, names: paused });
    }
    let syncing = names(behind.iter().copied().filter(|index| index.replication == ReplicationStatus::Syncing));
    if looks == PATIENCE_LOOKS && !syncing.is_empty() {
        return Verdict::Act(Action::Pause { region, names: syncing });
    }
    Verdict::Wait(Waiting::Behind { names: names(behind.iter().copied()) })
}

/// Same shards, all at rest, all started, same numbers. A follower ahead of its leader (plugin #900) is not equal.
fn equal(leader: &IndexSeen, follower: &IndexSeen) -> bool {
    let rests = |shard: &ShardSeen| {
        shard.started && shard.max_seq_no == shard.local_checkpoint && shard.local_checkpoint == shard.global_checkpoint
    };
    !leader.shards.is_empty()
        && leader.shards.len() == follower.shards.len()
        && leader.shards.iter().chain(&follower.shards).all(rests)
        && leader.shards.iter().all(|shard| {
            follower.shards.iter().any(|same| same.shard == shard.shard && same.max_seq_no == shard.max_seq_no)
        })
}

/// Call-off: the old leader takes writes again, and followers that the proof had paused go on.
pub(crate) fn unblock(run: &Run, seen: &Observed) -> Said {
    let Some(leader) = seen.other.value() else { return unseen(run.other(), &seen.other) };
    if leader.values().any(|index| index.write_block) {
        return Verdict::Act(Action::LiftFence { region: run.other().clone() });
    }
    let paused = |index: &&IndexSeen| {
        index.follower_of.is_some()
            && index.replication == ReplicationStatus::Paused
            && leader.contains_key(&index.name)
    };
    let paused = names(seen.own.value().into_iter().flat_map(Indices::values).filter(paused));
    if paused.is_empty() {
        return Verdict::Already;
    }
    Verdict::Act(Action::Resume { region: run.own().clone(), names: paused })
}

pub(crate) fn names<'a>(indices: impl Iterator<Item = &'a IndexSeen>) -> Vec<String> {
    indices.map(|index| index.name.clone()).collect()
}
