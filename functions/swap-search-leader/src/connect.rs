//! Protect, in peace time: connections both ways, every index followed, rules for days to come.
//!
//! The reverse connection is made now, so that no control plane is needed on the worst day. Existing indices are
//! started explicitly: a rule alone takes 6 a minute and skips existing names silently (plugin #327).

use mmdr_core::ports::{IndexSeen, ReplicationStatus};
use mmdr_core::{Run, Verdict};

use crate::actions::Action;
use crate::observed::{Indices, Observed};
use crate::prove::{names, unseen};
use crate::words::{Refusal, Waiting};
use crate::{Said, links};

/// Starts asked for in one look: 12 cluster-state updates each, as for a stop.
const START_BATCH: usize = 40;
/// Looks in which paused followers are resumed. Not for ever: a resume in a flaky network can remove a healthy lease
/// (plugin #1723).
const RESUME_LOOKS: u32 = 60;

/// Makes what is missing and mends what has drifted; one thing per look.
pub(crate) fn connect(run: &Run, seen: &Observed) -> Said {
    connected(run, seen).unwrap_or_else(|said| said)
}

fn connected(run: &Run, seen: &Observed) -> Result<Said, Said> {
    let own_domain = seen.own_domain.value().ok_or_else(|| unseen(run.own(), &seen.own_domain))?;
    let other_domain = seen.other_domain.value().ok_or_else(|| unseen(run.other(), &seen.other_domain))?;
    let own = seen.own.value().ok_or_else(|| unseen(run.own(), &seen.own))?;
    let other = seen.other.value().ok_or_else(|| unseen(run.other(), &seen.other))?;
    // A follower's version must be at least its leader's, in both directions in turn: so they must be the same
    // (plugin `ValidationUtil`; AWS guide, cross-cluster replication).
    if own_domain.engine_version != other_domain.engine_version {
        let (here, there) = (own_domain.engine_version.clone(), other_domain.engine_version.clone());
        return Err(Verdict::Refuse(Refusal::VersionsDiffer { here, there }));
    }
    let followers = names(own.values().filter(|index| index.follower_of.is_some()));
    if !followers.is_empty() {
        return Err(Verdict::Refuse(Refusal::LeaderFollows { names: followers }));
    }
    let alias = links::active(run, &seen.other_connections, run.other(), run.own())?;
    links::active(run, &seen.own_connections, run.own(), run.other())?;
    if let Some(said) = links::no_rules(run, run.own(), &seen.own_rules, &seen.own_connections) {
        return Err(said);
    }
    let missing = startable(own, other).take(START_BATCH);
    let names: Vec<String> = names(missing);
    if !names.is_empty() {
        return Err(Verdict::Act(Action::Start { region: run.other().clone(), alias, names }));
    }
    if let Some(said) = links::follower_rules(run, run.other(), &seen.other_rules, &alias) {
        return Err(said);
    }
    Ok(followed(run, seen, own, other))
}

/// Indices of the leader that the follower lacks and that can be followed now: "Cannot Replicate a Replicated Index",
/// and every primary must be active.
pub(crate) fn startable<'a>(own: &'a Indices, other: &'a Indices) -> impl Iterator<Item = &'a IndexSeen> {
    own.values().filter(|index| {
        !other.contains_key(&index.name)
            && index.follower_of.is_none()
            && index.open
            && !index.shards.is_empty()
            && index.shards.iter().all(|shard| shard.started)
    })
}

fn followed(run: &Run, seen: &Observed, own: &Indices, other: &Indices) -> Said {
    if let Some(said) = mend_followers(run, seen, own, other) {
        return said;
    }
    let shared = || other.values().filter(|index| own.contains_key(&index.name));
    let plain = names(shared().filter(|index| index.follower_of.is_none()));
    if !plain.is_empty() {
        return Verdict::Refuse(Refusal::NotFollowing { names: plain });
    }
    let copied = names(shared().filter(|index| index.replication == ReplicationStatus::Bootstrapping));
    if copied.is_empty() { Verdict::Already } else { Verdict::Wait(Waiting::CatchingUp { names: copied }) }
}

/// Followers in the other Region that stand still although the leader has the index. What the aggregator left behind
/// is paused for ever and is left alone.
pub(crate) fn mend_followers(run: &Run, seen: &Observed, own: &Indices, other: &Indices) -> Option<Said> {
    let standing = |status: ReplicationStatus| {
        let shared = other.values().filter(|index| index.follower_of.is_some() && own.contains_key(&index.name));
        names(shared.filter(|index| index.replication == status))
    };
    let failed = standing(ReplicationStatus::Failed);
    if !failed.is_empty() {
        return Some(Verdict::Refuse(Refusal::FollowersFailed { names: failed }));
    }
    let paused = standing(ReplicationStatus::Paused);
    if paused.is_empty() {
        return None;
    }
    if seen.looks >= RESUME_LOOKS {
        return Some(Verdict::Refuse(Refusal::FollowersFailed { names: paused }));
    }
    Some(Verdict::Act(Action::Resume { region: run.other().clone(), names: paused }))
}
