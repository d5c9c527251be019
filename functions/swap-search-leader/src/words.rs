//! The words of search: parts, reasons to wait, reasons to stop.

use std::fmt;

use mmdr_core::{LookAgain, Region, named};
use serde::{Deserialize, Serialize};

use crate::guard::Condition;
use crate::names::listed;

named!(
    /// Which occurrence of the step this is.
    Part, "a part of swap-search-leader" {
        /// Failover: keep the followers' sequence numbers before anything is promoted.
        Save => "save",
        /// Switchover: block writes at the old leader.
        Fence => "fence",
        /// Switchover: prove both sides equal, per shard.
        Prove => "prove",
        /// Promote what people feel first.
        PromoteHot => "promote-hot",
        /// Promote everything else.
        PromoteRest => "promote-rest",
        /// Ask Mattermost to index the window again.
        ReindexGap => "reindex-gap",
        /// Call-off: lift the block at the old leader.
        Unblock => "unblock",
        /// Make the old leader follow, index by index.
        FollowBack => "follow-back",
        /// Reprotect: count and export what only the old leader has.
        Divergence => "divergence",
        /// Protect: connections, followers and rules in peace time.
        Connect => "connect",
    }
);

/// Why it must look again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Waiting {
    /// The search domain of a Region did not answer.
    DomainUnseen {
        /// The Region.
        region: Region,
        /// Why.
        why: String,
    },
    /// The connections cannot be listed.
    ConnectionsUnseen {
        /// The follower's Region.
        region: Region,
        /// Why.
        why: String,
    },
    /// The auto-follow rules cannot be listed.
    RulesUnseen {
        /// The follower's Region.
        region: Region,
        /// Why.
        why: String,
    },
    /// Nobody knows whether the indices can be written to.
    ProbesUnseen {
        /// Why.
        why: String,
    },
    /// Mattermost's jobs cannot be listed.
    MattermostUnseen {
        /// Why.
        why: String,
    },
    /// A snapshot runs: `_stop` and DELETE would be refused, and a refused `_stop` has already dropped the block.
    SnapshotRunning {
        /// The Region.
        region: Region,
    },
    /// Indices that the follower does not have yet.
    NotYetFollowed {
        /// The indices.
        names: Vec<String>,
    },
    /// Indices whose shards are not equal yet.
    Behind {
        /// The indices.
        names: Vec<String>,
    },
    /// A `_stop` hangs between close and reopen; it ends by itself once the connection is gone.
    StopUnfinished {
        /// The indices.
        names: Vec<String>,
    },
    /// Primaries that have not started.
    PrimaryNotStarted {
        /// The indices.
        names: Vec<String>,
    },
    /// No follower, no fence of ours, and still no write is accepted.
    StillBlocked {
        /// The indices.
        names: Vec<String>,
    },
    /// A connection on its way to ACTIVE.
    ConnectionComing {
        /// Its alias.
        alias: String,
        /// Its state.
        status: String,
    },
    /// Followers that are being copied or trail behind.
    CatchingUp {
        /// The indices.
        names: Vec<String>,
    },
    /// The delete guard does not let go of an index yet.
    GuardHolds {
        /// The index.
        index: String,
        /// What does not hold yet.
        conditions: Vec<Condition>,
    },
}

impl LookAgain for Waiting {
    fn look_again_s(&self) -> u32 {
        match self {
            // It ends at most 2 s after the connection is gone.
            Self::StopUnfinished { .. } => 2,
            Self::SnapshotRunning { .. } | Self::ConnectionComing { .. } | Self::CatchingUp { .. } => 15,
            _ => crate::LOOK_S,
        }
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DomainUnseen { region, why } => write!(f, "the search domain in {region} was not seen: {why}"),
            Self::ConnectionsUnseen { region, why } => {
                write!(f, "the search connections of {region} were not seen: {why}")
            }
            Self::RulesUnseen { region, why } => write!(f, "the auto-follow rules in {region} were not seen: {why}"),
            Self::ProbesUnseen { why } => write!(f, "no write probe was answered: {why}"),
            Self::MattermostUnseen { why } => write!(f, "Mattermost's jobs were not seen: {why}"),
            Self::SnapshotRunning { region } => {
                write!(f, "a snapshot runs in {region}; nothing can be stopped or deleted meanwhile")
            }
            Self::NotYetFollowed { names } => write!(f, "the follower does not have {} yet", listed(names)),
            Self::Behind { names } => write!(f, "{} not equal on both sides yet: {}", indices(names), listed(names)),
            Self::StopUnfinished { names } => {
                write!(f, "the stop of {} has not finished; it must not be opened by hand", listed(names))
            }
            Self::PrimaryNotStarted { names } => write!(f, "primaries not started: {}", listed(names)),
            Self::StillBlocked { names } => write!(f, "promoted, but writes are still refused: {}", listed(names)),
            Self::ConnectionComing { alias, status } => write!(f, "connection {alias} is {status}"),
            Self::CatchingUp { names } => write!(f, "{} still catching up: {}", indices(names), listed(names)),
            Self::GuardHolds { index, conditions } => {
                write!(f, "{index} may not be deleted yet: {}", reasons(conditions))
            }
        }
    }
}

/// Why it cannot, or must not, be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Refusal {
    /// The old leader takes writes: nothing can be proven.
    NotFenced {
        /// The indices without the block.
        names: Vec<String>,
    },
    /// Indices here that do not follow: their sequence numbers mean other operations.
    NotFollowers {
        /// The indices.
        names: Vec<String>,
    },
    /// Indices that only the follower has, and that are no orphans of the aggregator.
    OnlyAtFollower {
        /// The indices.
        names: Vec<String>,
    },
    /// The engines differ: one of the two directions cannot replicate.
    VersionsDiffer {
        /// Here.
        here: String,
        /// There.
        there: String,
    },
    /// The other Region's domain does not answer, and has not for a long time.
    OtherSideSilent {
        /// The Region.
        region: Region,
    },
    /// A connection that will not become ACTIVE.
    ConnectionFailed {
        /// Its alias.
        alias: String,
        /// Its state.
        status: String,
    },
    /// The writer Region's own indices follow the other Region.
    LeaderFollows {
        /// The indices.
        names: Vec<String>,
    },
    /// Indices in the other Region that do not follow: only a rolling replacement can make them.
    NotFollowing {
        /// The indices.
        names: Vec<String>,
    },
    /// Followers in state FAILED.
    FollowersFailed {
        /// The indices.
        names: Vec<String>,
    },
    /// Mattermost's job to index the window failed twice.
    ReindexFailed {
        /// The jobs.
        jobs: Vec<String>,
    },
    /// The delete guard kept indices of the old leader; everything else is done.
    Kept {
        /// The indices, each with what does not hold.
        indices: Vec<(String, Vec<Condition>)>,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFenced { names } => write!(f, "the old leader still takes writes to {}", listed(names)),
            Self::NotFollowers { names } => {
                write!(f, "no followers, so their sequence numbers prove nothing: {}", listed(names))
            }
            Self::OnlyAtFollower { names } => write!(f, "the old leader does not have {}", listed(names)),
            Self::VersionsDiffer { here, there } => {
                write!(
                    f,
                    "the search engines differ ({here} here, {there} there): replication works in one direction only"
                )
            }
            Self::OtherSideSilent { region } => {
                write!(f, "the search domain in {region} has been silent for too long; protect again when it answers")
            }
            Self::ConnectionFailed { alias, status } => {
                write!(f, "connection {alias} is {status}: remove it, then run protect again")
            }
            Self::LeaderFollows { names } => {
                write!(f, "still followers in the writer Region: {}; promote them first", listed(names))
            }
            Self::NotFollowing { names } => {
                write!(f, "in the other Region but not following: {}; reprotect replaces them", listed(names))
            }
            Self::FollowersFailed { names } => write!(f, "followers that failed: {}", listed(names)),
            Self::ReindexFailed { jobs } => write!(f, "indexing the window failed twice: jobs {}", listed(jobs)),
            Self::Kept { indices } => {
                let names: Vec<String> = indices.iter().map(|(name, _)| name.clone()).collect();
                let first = indices.first().map(|(_, conditions)| reasons(conditions)).unwrap_or_default();
                write!(f, "kept at the old leader: {} (the first because {first})", listed(&names))
            }
        }
    }
}

fn indices(names: &[String]) -> String {
    if names.len() == 1 { "1 index".into() } else { format!("{} indices", names.len()) }
}

fn reasons(conditions: &[Condition]) -> String {
    conditions.iter().map(|condition| condition.broken()).collect::<Vec<_>>().join("; ")
}
