//! Rolling replacement: the old leader's indices become followers, a few at a time.
//!
//! Guard → delete → start → caught up → next. At any moment at most [`BATCH`] indices are missing or behind at the old
//! leader, a failed copy stops everything with the rest intact, and a run that died anywhere is continued by the next
//! look. The runbook's "delete all indices first" would leave the old Region without search for as long as all copies
//! take, and would delete before anything was compared.

use mmdr_core::ports::{IndexSeen, ReplicationStatus};
use mmdr_core::records::DeletionProof;
use mmdr_core::{Run, Time, Verdict, records};

use crate::actions::Action;
use crate::connect::{mend_followers, startable};
use crate::guard::{self, Condition, Deletable};
use crate::names::listed;
use crate::observed::{Indices, Observed};
use crate::prove::{names, unseen};
use crate::words::{Refusal, Waiting};
use crate::{Said, links};

/// Indices missing or behind at the old leader at any moment.
pub(crate) const BATCH: usize = 8;
/// The record that says since when the other domain is silent.
pub(crate) const SILENT_SINCE: &str = "search-silent-since";
/// Indices judged, probed and proven in one look: proofs are small and are looked at again before each deletion.
const WINDOW: usize = 40;

/// The next indices of the old leader to be judged: on both sides, and no follower there.
pub(crate) fn window(own: &Indices, other: &Indices) -> Vec<String> {
    names(plain(own, other).take(WINDOW))
}

fn plain<'a>(own: &'a Indices, other: &'a Indices) -> impl Iterator<Item = &'a IndexSeen> {
    other.values().filter(|index| index.follower_of.is_none() && own.contains_key(&index.name))
}

/// One thing per look, until every shared index follows.
pub(crate) fn follow_back(run: &Run, seen: &Observed) -> Said {
    followed_back(run, seen).unwrap_or_else(|said| said)
}

fn followed_back(run: &Run, seen: &Observed) -> Result<Said, Said> {
    let own = seen.own.value().ok_or_else(|| unseen(run.own(), &seen.own))?;
    let other = seen.other.value().ok_or_else(|| silent_domain(run, seen))?;
    if seen.silent_since.is_some() {
        return Err(note_silence(run, None));
    }
    let alias = links::active(run, &seen.other_connections, run.other(), run.own())?;
    if plain(own, other).any(|index| !index.write_block) {
        return Err(Verdict::Act(Action::FenceWrites { region: run.other().clone() }));
    }
    if let Some(said) = mend_followers(run, seen, own, other) {
        return Err(said);
    }
    let missing = names(startable(own, other).take(BATCH));
    if !missing.is_empty() {
        return Err(Verdict::Act(Action::Start { region: run.other().clone(), alias, names: missing }));
    }
    let behind = behind(run, own, other);
    let judged = judge(run, seen, own, other);
    if let Some(said) = replace(run, seen, &judged, &behind) {
        return Err(said);
    }
    if let Some(said) = links::no_rules(run, run.own(), &seen.own_rules, &seen.own_connections)
        .or_else(|| links::follower_rules(run, run.other(), &seen.other_rules, &alias))
    {
        return Err(said);
    }
    if !behind.is_empty() {
        return Err(Verdict::Wait(Waiting::CatchingUp { names: behind }));
    }
    if !judged.kept.is_empty() {
        return Err(Verdict::Refuse(Refusal::Kept { indices: judged.kept }));
    }
    // The old connection stays: it is the way back, and the next move must not need a control plane for it.
    Ok(Verdict::Already)
}

/// A Region that is lost in the middle of this is no reason to keep the run open for hours. One look that is not answered is
/// no loss: since when it is silent is written down, and forgotten as soon as it answers.
fn silent_domain(run: &Run, seen: &Observed) -> Said {
    let patience_s = i64::from(run.deployment.policy.bounds.other_s);
    match seen.silent_since {
        None => note_silence(run, Some(seen.now)),
        Some(since) if seen.now.since_s(since) <= patience_s => unseen(run.other(), &seen.other),
        Some(_) => Verdict::Refuse(Refusal::OtherSideSilent { region: run.other().clone() }),
    }
}

fn note_silence(run: &Run, since: Option<Time>) -> Said {
    let (own, key) = (run.own().clone(), records::key(run, SILENT_SINCE));
    Verdict::Act(Action::NoteSilence { own, key, other: run.other().clone(), since })
}

/// Followers that are being copied or trail by more than a live index does.
fn behind(run: &Run, own: &Indices, other: &Indices) -> Vec<String> {
    let limit = i64::try_from(run.deployment.policy.search_lag_limit).unwrap_or(i64::MAX);
    let trails = |leader: &IndexSeen, follower: &IndexSeen| {
        leader.shards.iter().any(|shard| {
            let same = follower.shards.iter().find(|same| same.shard == shard.shard);
            same.is_none_or(|same| {
                !same.started || shard.global_checkpoint.saturating_sub(same.local_checkpoint) > limit
            })
        })
    };
    names(other.values().filter(|index| {
        index.follower_of.is_some()
            && own
                .get(&index.name)
                .is_some_and(|leader| index.replication == ReplicationStatus::Bootstrapping || trails(leader, index))
    }))
}

/// What the guard says of the window.
#[derive(Default)]
struct Judged {
    deletable: Vec<Deletable>,
    unproven: Vec<String>,
    held: Vec<(String, Vec<Condition>)>,
    kept: Vec<(String, Vec<Condition>)>,
}

fn judge(run: &Run, seen: &Observed, own: &Indices, other: &Indices) -> Judged {
    let mut judged = Judged::default();
    for name in window(own, other) {
        match guard::judge(run, seen, &name) {
            Ok(deletable) => judged.deletable.push(deletable),
            Err(broken) if broken == [Condition::ProofRecorded] => judged.unproven.push(name),
            Err(mut broken) => {
                // Of course there is no proof of what does not hold.
                broken.retain(|condition| *condition != Condition::ProofRecorded);
                let waits = broken.iter().all(|condition| condition.may_come());
                if waits { &mut judged.held } else { &mut judged.kept }.push((name, broken));
            }
        }
    }
    judged
}

/// The next change, as long as fewer than [`BATCH`] indices are on their way.
fn replace(run: &Run, seen: &Observed, judged: &Judged, behind: &[String]) -> Option<Said> {
    if !judged.unproven.is_empty() {
        let proofs = judged.unproven.iter().filter_map(|name| proof(run, seen, name)).collect();
        return Some(Verdict::Act(Action::WriteDeletionProofs { own: run.own().clone(), proofs }));
    }
    let room = BATCH.saturating_sub(behind.len());
    if !judged.deletable.is_empty() {
        let names: Vec<Deletable> = judged.deletable.iter().take(room).cloned().collect();
        return Some(if names.is_empty() {
            Verdict::Wait(Waiting::CatchingUp { names: behind.to_vec() })
        } else {
            Verdict::Act(Action::DeleteIndices { region: run.other().clone(), names })
        });
    }
    let (index, conditions) = judged.held.first()?.clone();
    if seen.other_domain.value().is_some_and(|domain| domain.snapshot_running) {
        return Some(Verdict::Wait(Waiting::SnapshotRunning { region: run.other().clone() }));
    }
    Some(Verdict::Wait(Waiting::GuardHolds { index, conditions }))
}

fn proof(run: &Run, seen: &Observed, name: &str) -> Option<(String, DeletionProof)> {
    let old = seen.other.value()?.get(name)?;
    let export = seen.divergence.value().and_then(|record| record.indices.get(name)).and_then(|it| it.export.clone());
    let conditions = Condition::ALL.iter().filter(|condition| **condition != Condition::ProofRecorded);
    let proof = DeletionProof {
        index: name.to_owned(),
        region: run.other().clone(),
        epoch: run.epoch,
        at: seen.now,
        old: old.shards.clone(),
        saved: seen.saved(name).unwrap_or_default().to_vec(),
        export,
        conditions: conditions.map(|condition| format!("{condition:?}")).collect(),
    };
    Some((records::key(run, &format!("{}-{name}", records::DELETION_PROOF)), proof))
}

/// One sentence for the end, with what was left alone.
pub(crate) fn summary(run: &Run, seen: &Observed) -> String {
    let (Some(own), Some(other)) = (seen.own.value(), seen.other.value()) else { return "followed back".into() };
    let followers = other.values().filter(|index| index.follower_of.is_some()).count();
    let only_there = names(other.values().filter(|index| !own.contains_key(&index.name)));
    let from = run.other();
    if only_there.is_empty() {
        return format!("{from} follows with all {followers} indices");
    }
    format!("{from} follows with {followers} indices; left alone because only {from} has them: {}", listed(&only_there))
}
