//! What only the protocols remember: commands, parameter versions, posts by their ids. The model knows the rest.

use std::collections::{BTreeMap, BTreeSet};

use mmdr_world::network::Ix;

/// One command that Systems Manager was told to send.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub(crate) region: Ix,
    pub(crate) document: String,
    pub(crate) instances: Vec<String>,
    pub(crate) sent_at: i64,
    /// Whether it stops nodes; otherwise it starts them.
    pub(crate) stops: bool,
    /// Whether the node decides by itself whether it stops.
    pub(crate) fence_check: bool,
}

/// One batch replication job.
#[derive(Clone, Debug)]
pub(crate) struct BatchJob {
    pub(crate) id: String,
    pub(crate) source: Ix,
    pub(crate) token: String,
    pub(crate) description: String,
    pub(crate) role: String,
    pub(crate) priority: i64,
    pub(crate) created_at: i64,
    pub(crate) tasks: u64,
}

/// One post that came through this door; its id is the tag under which the model keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) channel: String,
    pub(crate) message: String,
    pub(crate) files: Vec<String>,
    pub(crate) created_at: i64,
}

/// One file that came through this door; its id is the tag under which the model keeps it.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) channel: String,
    pub(crate) name: String,
    pub(crate) content: Vec<u8>,
    pub(crate) created_at: i64,
}

/// Everything that is remembered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    /// By their ids.
    pub(crate) commands: BTreeMap<String, Command>,
    pub(crate) batch_jobs: Vec<BatchJob>,
    /// When and how often each Region's parameter was written.
    pub(crate) parameters: BTreeMap<Ix, (u64, i64)>,
    /// When each node was deregistered last.
    pub(crate) deregistered: BTreeMap<(Ix, String), i64>,
    /// Tasks that a service wants; the model knows only which there are.
    pub(crate) desired: BTreeMap<(Ix, String), u32>,
    /// By their ids.
    pub(crate) posts: BTreeMap<String, Post>,
    /// By their ids.
    pub(crate) files: BTreeMap<String, File>,
    /// Indices whose `_stop` was completed: the follower setting stays in them as JSON null (run on two nodes).
    pub(crate) stopped: BTreeSet<(Ix, String)>,
    made: u64,
}

impl Memory {
    /// A number that is given out once.
    pub(crate) fn number(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// An identifier as Mattermost makes them: 26 letters and digits.
    pub(crate) fn mattermost_id(&mut self) -> String {
        mattermost_id("w", self.number())
    }
}

/// 26 letters and digits that hold a number.
pub(crate) fn mattermost_id(kind: &str, number: u64) -> String {
    format!("{kind}{number:0>width$}", width = 26 - kind.len().min(26))
}

/// The number in such an identifier.
pub(crate) fn number_in(kind: &str, id: &str) -> Option<u64> {
    id.strip_prefix(kind).filter(|digits| digits.len() == 26 - kind.len()).and_then(|digits| digits.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_has_26_signs_and_gives_its_number_back() {
        let id = mattermost_id("j", 12);
        assert_eq!(id.len(), 26);
        assert_eq!(number_in("j", &id), Some(12));
        assert_eq!(number_in("k", &id), None);
        assert_eq!(number_in("j", "j12"), None);
    }
}
