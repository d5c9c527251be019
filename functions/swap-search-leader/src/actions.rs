//! The changes that the step makes, each with every argument.

use std::fmt;

use mmdr_core::ports::RuleName;
use mmdr_core::records::{Checkpoints, DeletionProof, SearchDivergence, SearchProof};
use mmdr_core::{LookAgain, Region, Time};
use serde::{Deserialize, Serialize};

use crate::guard::Deletable;
use crate::names::listed;

/// One index whose divergent operations are exported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Export {
    /// The index.
    pub index: String,
    /// Shard and sequence number above which everything is exported.
    pub above: Vec<(u32, i64)>,
    /// Where the export goes, in the own Region's evidence.
    pub key: String,
}

/// One kind of change. All but the deletion can be repeated; the deletion names only what the guard let go.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Action {
    /// Write down since when the other domain is silent, or that it answers again.
    NoteSilence {
        /// The own Region, where the record lies.
        own: Region,
        /// The record's key.
        key: String,
        /// The other Region.
        other: Region,
        /// Since when; none where it answers.
        since: Option<Time>,
    },
    /// Write the followers' sequence numbers down.
    SaveCheckpoints {
        /// The own Region.
        region: Region,
        /// The records to write.
        keys: Vec<String>,
        /// What to write.
        checkpoints: Checkpoints,
    },
    /// Write down that both sides are equal.
    WriteProof {
        /// The own Region.
        region: Region,
        /// The records to write.
        keys: Vec<String>,
        /// What to write.
        proof: SearchProof,
    },
    /// Block writes to every index, in one call.
    FenceWrites {
        /// The Region whose search is fenced.
        region: Region,
    },
    /// Lift the block on writes, in one call.
    LiftFence {
        /// The Region whose search takes writes again.
        region: Region,
    },
    /// Pause what trails behind, so that its resumption asks the leader at once. Never contacts the leader.
    Pause {
        /// The follower's Region.
        region: Region,
        /// The indices.
        names: Vec<String>,
    },
    /// Resume what is paused.
    Resume {
        /// The follower's Region.
        region: Region,
        /// The indices.
        names: Vec<String>,
    },
    /// Delete auto-follow rules.
    DeleteRules {
        /// The follower's Region.
        region: Region,
        /// The rules.
        rules: Vec<RuleName>,
    },
    /// Create auto-follow rules for days to come.
    CreateRules {
        /// The follower's Region.
        region: Region,
        /// The rules.
        rules: Vec<RuleName>,
    },
    /// Stop one index that nobody misses, to learn whether the leader's silence makes stops hang.
    StopCanary {
        /// The follower's Region.
        region: Region,
        /// The index.
        name: String,
    },
    /// Stop following: the indices become writable.
    Stop {
        /// The follower's Region.
        region: Region,
        /// The indices.
        names: Vec<String>,
    },
    /// Close and open indices that are no followers and answer a probe with 500.
    Reopen {
        /// The Region.
        region: Region,
        /// The indices.
        names: Vec<String>,
    },
    /// Delete a connection; every hanging stop then ends by itself.
    DeleteConnection {
        /// The follower's Region.
        follower: Region,
        /// `ConnectionId`.
        id: String,
        /// Its alias.
        alias: String,
    },
    /// Ask for a connection, in the follower's Region.
    RequestConnection {
        /// The follower's Region.
        follower: Region,
        /// The leader's Region.
        leader: Region,
        /// The alias, with a generation never used before.
        alias: String,
    },
    /// Accept a connection, in the leader's Region.
    AcceptConnection {
        /// The leader's Region.
        leader: Region,
        /// `ConnectionId`, the same on both sides.
        id: String,
        /// Its alias.
        alias: String,
    },
    /// Begin to follow.
    Start {
        /// The follower's Region.
        region: Region,
        /// The connection's alias.
        alias: String,
        /// The indices.
        names: Vec<String>,
    },
    /// Ask Mattermost to index a window again, from the database.
    Reindex {
        /// The Region whose Mattermost is asked.
        region: Region,
        /// Start of the window.
        from: Time,
        /// End of the window.
        to: Time,
    },
    /// Export what only the old leader has, then write down how much that was.
    ExportDivergence {
        /// The old leader's Region.
        region: Region,
        /// The own Region, where the record lies.
        own: Region,
        /// What to export.
        exports: Vec<Export>,
        /// The record's key.
        key: String,
        /// The record, to which the exported counts are added.
        record: SearchDivergence,
    },
    /// Write down the divergence where nothing is left to export.
    WriteDivergence {
        /// The own Region.
        own: Region,
        /// The record's key.
        key: String,
        /// The record.
        record: SearchDivergence,
    },
    /// Write down, per index, why it may be deleted.
    WriteDeletionProofs {
        /// The own Region.
        own: Region,
        /// Key and proof of each index.
        proofs: Vec<(String, DeletionProof)>,
    },
    /// Delete exactly these indices of the old leader.
    DeleteIndices {
        /// The old leader's Region.
        region: Region,
        /// What the guard let go.
        names: Vec<Deletable>,
    },
}

impl LookAgain for Action {
    fn look_again_s(&self) -> u32 {
        match self {
            Self::RequestConnection { .. } | Self::AcceptConnection { .. } => 15,
            Self::NoteSilence { since: Some(_), .. } => 10,
            Self::CreateRules { .. } | Self::DeleteRules { .. } | Self::Start { .. } | Self::Reindex { .. } => 5,
            // Records and stops are done when they are answered.
            _ => 1,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SaveCheckpoints { checkpoints, .. } => {
                write!(f, "save the sequence numbers of {} indices", checkpoints.indices.len())
            }
            Self::WriteProof { proof, .. } => {
                write!(f, "write down that {} indices are equal on both sides", proof.indices.len())
            }
            Self::NoteSilence { other, since: Some(_), .. } => {
                write!(f, "notes that the search domain in {other} does not answer")
            }
            Self::NoteSilence { other, since: None, .. } => {
                write!(f, "notes that the search domain in {other} answers again")
            }
            Self::FenceWrites { region } => write!(f, "block search writes in {region}"),
            Self::LiftFence { region } => write!(f, "let search in {region} take writes again"),
            Self::Pause { names, .. } => write!(f, "pause what trails behind: {}", listed(names)),
            Self::Resume { names, .. } => write!(f, "resume {}", listed(names)),
            Self::DeleteRules { region, rules } => write!(f, "delete {} auto-follow rules in {region}", rules.len()),
            Self::CreateRules { region, rules } => write!(f, "create {} auto-follow rules in {region}", rules.len()),
            Self::StopCanary { name, .. } => write!(f, "stop {name} first, to see whether stops hang"),
            Self::Stop { names, .. } => write!(f, "stop following: {}", listed(names)),
            Self::Reopen { names, .. } => write!(f, "close and open {}", listed(names)),
            Self::DeleteConnection { alias, .. } => write!(f, "delete connection {alias}"),
            Self::RequestConnection { follower, leader, alias } => {
                write!(f, "request connection {alias}: {follower} follows {leader}")
            }
            Self::AcceptConnection { leader, alias, .. } => write!(f, "accept connection {alias} in {leader}"),
            Self::Start { region, names, .. } => write!(f, "{region} begins to follow {}", listed(names)),
            Self::Reindex { from, to, .. } => write!(f, "ask Mattermost to index {from} to {to} again"),
            Self::ExportDivergence { exports, .. } => {
                let names: Vec<String> = exports.iter().map(|export| export.index.clone()).collect();
                write!(f, "export what only the old leader has in {}", listed(&names))
            }
            Self::WriteDivergence { record, .. } => {
                let operations: u64 = record.indices.values().map(|index| index.operations).sum();
                write!(f, "write down {operations} divergent operations in {} indices", record.indices.len())
            }
            Self::WriteDeletionProofs { proofs, .. } => {
                write!(f, "write down why {} indices of the old leader may be deleted", proofs.len())
            }
            Self::DeleteIndices { region, names } => {
                let names: Vec<String> = names.iter().map(|name| name.as_str().to_owned()).collect();
                write!(f, "delete in {region}, proven redundant: {}", listed(&names))
            }
        }
    }
}

/// What an act left: only a hint, every look finds its way without it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// Indices whose stop did not answer in time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stalled: Vec<String>,
    /// The job that was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
}
