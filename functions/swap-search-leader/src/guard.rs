//! The delete guard: when an index of the old leader may be deleted.
//!
//! An existing index can never become a follower (plugin `TransportReplicateIndexAction`: "Cant use same index again
//! for replication. Delete the index"), so the old leader's indices must go, one small batch after the other. What
//! goes cannot come back: every condition below must hold for the very index, as seen in the same look, and one
//! missing answer keeps it. The conditions are a list on purpose: a test takes each one out and shows that some
//! wrongful deletion then gets through.

use mmdr_core::Run;
use mmdr_core::ports::{ConnectionStatus, IndexSeen, ProbeAnswer, ShardSeen};
use mmdr_core::records::IndexDivergence;
use serde::{Deserialize, Serialize};

use crate::links;
use crate::names::{is_exact, is_known};
use crate::observed::Observed;

/// One thing that must hold before an index of the old leader is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Condition {
    /// The name is exact: no wildcard, list or exclusion.
    ExactName,
    /// The name is the prefix and a base that Mattermost is known to use.
    KnownBase,
    /// The Region is not the one whose search leads: every readable ledger has settled the new leader's as the writer.
    NotTheLeadersRegion,
    /// The new leader has an index of this name.
    LeaderHasIt,
    /// There its follower setting is no string: it is promoted.
    LeaderPromoted,
    /// There it is open.
    LeaderOpen,
    /// There no block lies on it, the plugin's or ours.
    LeaderUnblocked,
    /// There every primary is started.
    LeaderStarted,
    /// There the write probe says that it takes writes.
    LeaderWritable,
    /// There every shard has reached the checkpoint saved before its promotion.
    LeaderHoldsSaved,
    /// Every operation of the old index above that checkpoint is exported, as recorded.
    RestExported,
    /// The old index follows nothing: a follower's task outlives its deletion and blocks the name.
    OldIsNoFollower,
    /// The old index takes no writes: nothing can be added after the proof.
    OldFenced,
    /// No snapshot runs in the old domain: a DELETE would fail.
    NoSnapshot,
    /// The connection through which it will follow is ACTIVE.
    ConnectionActive,
    /// Engine and service software are the same on both sides, so that it can follow.
    VersionsEqual,
    /// This run's deletion proof lies in the records and describes the index as it is now.
    ProofRecorded,
}

impl Condition {
    /// Every condition, in the order in which they are told.
    pub const ALL: [Self; 17] = [
        Self::ExactName,
        Self::KnownBase,
        Self::NotTheLeadersRegion,
        Self::LeaderHasIt,
        Self::LeaderPromoted,
        Self::LeaderOpen,
        Self::LeaderUnblocked,
        Self::LeaderStarted,
        Self::LeaderWritable,
        Self::LeaderHoldsSaved,
        Self::RestExported,
        Self::OldIsNoFollower,
        Self::OldFenced,
        Self::NoSnapshot,
        Self::ConnectionActive,
        Self::VersionsEqual,
        Self::ProofRecorded,
    ];

    /// Whether waiting alone can make it true.
    pub fn may_come(self) -> bool {
        matches!(
            self,
            Self::LeaderStarted
                | Self::LeaderWritable
                | Self::OldFenced
                | Self::NoSnapshot
                | Self::ConnectionActive
                | Self::ProofRecorded
        )
    }

    /// What is wrong where it does not hold.
    pub fn broken(self) -> &'static str {
        match self {
            Self::ExactName => "its name could mean more than one index",
            Self::KnownBase => "its name is none of Mattermost's",
            Self::NotTheLeadersRegion => {
                "search leads in that Region, or a ledger does not say that the new leader's Region writes"
            }
            Self::LeaderHasIt => "the new leader does not have it",
            Self::LeaderPromoted => "it is still a follower at the new leader",
            Self::LeaderOpen => "it is closed at the new leader",
            Self::LeaderUnblocked => "it is blocked at the new leader",
            Self::LeaderStarted => "a primary is not started at the new leader",
            Self::LeaderWritable => "the new leader was not seen to take writes to it",
            Self::LeaderHoldsSaved => "the new leader has less than was saved before the promotion",
            Self::RestExported => "it holds operations that are not exported",
            Self::OldIsNoFollower => "it is a follower",
            Self::OldFenced => "it still takes writes",
            Self::NoSnapshot => "a snapshot runs, or nobody knows",
            Self::ConnectionActive => "the connection for following is not ACTIVE",
            Self::VersionsEqual => "the two domains do not run the same version, or nobody knows",
            Self::ProofRecorded => "its deletion proof is not recorded",
        }
    }

    fn holds(self, case: &Case<'_>) -> bool {
        let Case { run, seen, name, old, leader } = *case;
        let prefix = &run.deployment.search.index_prefix;
        // Without an index at the leader only `LeaderHasIt` speaks, so that each condition stands for one thing.
        let at_leader = |holds: fn(&IndexSeen) -> bool| leader.is_none_or(holds);
        match self {
            Self::ExactName => is_exact(name),
            Self::KnownBase => is_known(prefix, name),
            Self::NotTheLeadersRegion => run.other() != run.own() && settled_at_leader(run, seen),
            Self::LeaderHasIt => leader.is_some(),
            Self::LeaderPromoted => at_leader(|index| index.follower_of.is_none()),
            Self::LeaderOpen => at_leader(|index| index.open),
            Self::LeaderUnblocked => at_leader(|index| !index.replication_block && !index.write_block),
            Self::LeaderStarted => {
                at_leader(|index| !index.shards.is_empty() && index.shards.iter().all(|shard| shard.started))
            }
            Self::LeaderWritable => seen.probe(name) == Some(ProbeAnswer::Writable),
            Self::LeaderHoldsSaved => leader.is_none_or(|leader| holds_saved(leader, seen.saved(name))),
            Self::RestExported => rest_exported(old, seen.saved(name), exported(seen, name)),
            Self::OldIsNoFollower => old.follower_of.is_none(),
            Self::OldFenced => old.write_block,
            Self::NoSnapshot => seen.other_domain.value().is_some_and(|domain| !domain.snapshot_running),
            Self::ConnectionActive => connection_active(run, seen),
            Self::VersionsEqual => versions_equal(seen),
            Self::ProofRecorded => proof_recorded(case),
        }
    }
}

/// What the guard judges: one index of the old leader in one look.
struct Case<'a> {
    run: &'a Run,
    seen: &'a Observed,
    name: &'a str,
    old: &'a IndexSeen,
    leader: Option<&'a IndexSeen>,
}

/// The exact name of an index that the guard let go. Nothing else can make one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Deletable(String);

impl Deletable {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Judges `name` at the old leader, `run.from`: lets it go, or names every condition that does not hold.
pub fn judge(run: &Run, seen: &Observed, name: &str) -> Result<Deletable, Vec<Condition>> {
    let broken = broken(&Condition::ALL, run, seen, name);
    if broken.is_empty() { Ok(Deletable(name.to_owned())) } else { Err(broken) }
}

/// Which of `conditions` do not hold for `name`; all of them where the old leader was not seen to have it.
pub(crate) fn broken(conditions: &[Condition], run: &Run, seen: &Observed, name: &str) -> Vec<Condition> {
    let Some(old) = seen.other.value().and_then(|indices| indices.get(name)) else { return conditions.to_vec() };
    let leader = seen.own.value().and_then(|indices| indices.get(name));
    let case = Case { run, seen, name, old, leader };
    conditions.iter().copied().filter(|condition| !condition.holds(&case)).collect()
}

/// Search leads where the writer is. After a detach the abandoned Region believes itself to be the writer.
fn settled_at_leader(run: &Run, seen: &Observed) -> bool {
    !seen.settled.is_empty() && seen.settled.iter().all(|writer| writer == run.own())
}

fn exported<'a>(seen: &'a Observed, name: &str) -> Option<&'a IndexDivergence> {
    seen.divergence.value().and_then(|record| record.indices.get(name))
}

/// After the promotion the leader's numbers only grow, so fewer than saved means another index of the same name.
fn holds_saved(leader: &IndexSeen, saved: Option<&[ShardSeen]>) -> bool {
    saved.unwrap_or_default().iter().all(|saved| {
        leader.shards.iter().any(|shard| shard.shard == saved.shard && shard.max_seq_no >= saved.local_checkpoint)
    })
}

/// Per shard: nothing above the saved checkpoint, or all of it exported from there to the highest number.
fn rest_exported(old: &IndexSeen, saved: Option<&[ShardSeen]>, exported: Option<&IndexDivergence>) -> bool {
    let known = !old.shards.is_empty();
    known
        && old.shards.iter().all(|shard| {
            let checkpoint = checkpoint(saved, shard.shard);
            shard.max_seq_no <= checkpoint && saved.is_some()
                || exported.is_some_and(|record| {
                    number(&record.above, shard.shard).is_some_and(|above| above <= checkpoint)
                        && number(&record.exported_to, shard.shard).is_some_and(|to| to >= shard.max_seq_no)
                })
        })
}

/// The saved local checkpoint of a shard; −1 where nothing was saved: then everything is above it.
pub(crate) fn checkpoint(saved: Option<&[ShardSeen]>, shard: u32) -> i64 {
    let found = saved.unwrap_or_default().iter().find(|saved| saved.shard == shard);
    found.map_or(-1, |saved| saved.local_checkpoint)
}

fn number(pairs: &[(u32, i64)], shard: u32) -> Option<i64> {
    pairs.iter().find(|(number, _)| *number == shard).map(|(_, value)| *value)
}

fn connection_active(run: &Run, seen: &Observed) -> bool {
    let stem = &run.deployment.search.connection_alias;
    seen.other_connections.value().is_some_and(|connections| {
        connections.iter().any(|connection| {
            connection.status == ConnectionStatus::Active
                && connection.leader == *run.own()
                && links::generation(&connection.alias, stem).is_some()
        })
    })
}

fn versions_equal(seen: &Observed) -> bool {
    let (Some(own), Some(other)) = (seen.own_domain.value(), seen.other_domain.value()) else { return false };
    own.engine_version == other.engine_version && own.service_software == other.service_software
}

/// A proof of another run, another Region or another state of the index proves nothing.
fn proof_recorded(case: &Case<'_>) -> bool {
    let Case { run, seen, name, old, .. } = *case;
    seen.deletion_proofs.get(name).is_some_and(|proof| {
        proof.index == name
            && proof.epoch == run.epoch
            && proof.region == *run.other()
            && proof.old == old.shards
            && proof.saved == seen.saved(name).unwrap_or_default()
    })
}
