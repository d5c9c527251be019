//! OpenSearch in both Regions, with cross-cluster replication between them (plugin 2.19).
//!
//! An index's operations are a sorted vector at the side that owns them. A follower owns none: its content is the prefix
//! of its leader's operations that lies far enough in the past. Promotion is what makes it an owner, of that prefix.
//! "Run on two nodes" names observations on two 2.19.4 nodes with the plugin; "plugin source" is branch 2.19.

mod connections;
mod deletion;
mod follow;
mod index;
mod peace;
mod reads;
mod replication;
mod writes;

use std::collections::BTreeMap;

use mmdr_core::Time;
use mmdr_core::ports::RuleName;

use super::{Ctx, Model};
use crate::network::Ix;

pub use connections::{accept_connection, create_rule, delete_connection, delete_rule, request_connection};
pub use deletion::{delete_indices, export_divergence, read_operations, sabotage_delete};
pub use follow::network_changed;
pub use replication::{StopBegun, pause, reopen, resume, start, stop};
pub use writes::{index_file, index_post, reindex, set_write_block};

use connections::Connection;
use follow::Follow;
use index::{Index, Role};

/// Number of an index; both domains use the same numbers.
type No = usize;
/// One operation: when the leader took it, and what it writes.
type Operation = (i64, u32);

/// Numbers of `channels` and `files`: `users` comes first, the daily indices come after.
const CHANNELS: No = 1;
const FILES: No = 2;
/// Operations of before the story, of files and of channels carry a mark, so that none is taken for a message.
const MARK: u32 = 1 << 31;
const DAY_MS: i64 = 86_400_000;

/// One domain.
#[derive(Debug, Default)]
struct Domain {
    indices: Vec<Option<Index>>,
    rules: Vec<RuleName>,
    /// Indices whose task outlived them: a follower deleted without its block.
    ghosts: Vec<No>,
    /// Until when the one thread of the cluster manager is busy.
    busy_until: i64,
    /// A snapshot that somebody runs by hand, until when.
    snapshot_until: i64,
    /// Whether the domain's nodes are dead: the machines refuse connections.
    down: bool,
    /// Where each message was indexed here: index and time.
    homes: BTreeMap<u32, (No, i64)>,
    /// Messages that Mattermost wrote here in vain.
    lost: Vec<Operation>,
}

/// Both domains and what connects them.
#[derive(Debug)]
pub struct Search {
    names: Vec<String>,
    numbers: BTreeMap<String, No>,
    domains: [Domain; 2],
    connections: Vec<Connection>,
    prefix: String,
    /// Today's posts index, and until when it is today's.
    today: (No, i64),
    link_up: bool,
    knobs: Knobs,
}

/// What the story sets.
#[derive(Debug)]
struct Knobs {
    tail_ms: i64,
    stop_ms: i64,
    start_ms: i64,
    bootstrap_ms: i64,
    snapshot_minutes: [i64; 2],
    snapshot_ms: i64,
    versions: [String; 2],
    connection_ms: i64,
    inbound_late_ms: i64,
    refuses: bool,
}

impl Search {
    /// Whether a search at this Region's domain finds the message `row` now.
    pub fn finds(&self, region: Ix, row: u32, now: i64) -> bool {
        // A search over a pattern leaves closed indices out silently (run on two nodes).
        [region, 1 - region.min(1)].into_iter().any(|side| {
            let Some((no, at)) = self.domains.get(side).and_then(|domain| domain.homes.get(&row)) else { return false };
            let content = self.content(region, *no, now);
            let from = content.partition_point(|(time, _)| time < at);
            let found = content.get(from..).unwrap_or_default().iter();
            found.take_while(|(time, _)| time == at).any(|(_, found)| *found == row)
                && self.index(region, *no).is_some_and(|index| index.is_open(now))
        })
    }

    /// Messages that Mattermost tried to index at this domain in vain: nobody will find them until a re-index.
    pub fn lost(&self, region: Ix) -> &[(i64, u32)] {
        self.domains.get(region).map_or(&[], |domain| &domain.lost)
    }

    /// The cluster manager takes a snapshot by hand until `until_ms`.
    pub fn run_snapshot(&mut self, region: Ix, until_ms: i64) {
        if let Some(domain) = self.domains.get_mut(region) {
            domain.snapshot_until = until_ms;
        }
    }

    /// The operations that a reader of this domain would find in the index now.
    fn content(&self, region: Ix, no: No, now: i64) -> &[Operation] {
        let Some(index) = self.index(region, no) else { return &[] };
        match &index.role {
            Role::Follower(follow) if !follow.orphaned => {
                let leader = self.own_operations(1 - region.min(1), no);
                leader.get(..follow.count(leader, now, self.knobs.tail_ms)).unwrap_or(leader)
            }
            _ => &index.operations,
        }
    }

    /// The operations of an index that is its own master; none for a follower.
    fn own_operations(&self, region: Ix, no: No) -> &[Operation] {
        match self.index(region, no) {
            Some(Index { role: Role::Own { .. }, operations, .. }) => operations,
            _ => &[],
        }
    }

    fn index(&self, region: Ix, no: No) -> Option<&Index> {
        self.domains.get(region)?.indices.get(no)?.as_ref()
    }

    fn index_mut(&mut self, region: Ix, no: No) -> Option<&mut Index> {
        self.domains.get_mut(region)?.indices.get_mut(no)?.as_mut()
    }

    fn follow_mut(&mut self, region: Ix, no: No) -> Option<&mut Follow> {
        match &mut self.index_mut(region, no)?.role {
            Role::Follower(follow) => Some(follow),
            Role::Own { .. } => None,
        }
    }

    fn put(&mut self, region: Ix, no: No, index: Option<Index>) {
        let Some(domain) = self.domains.get_mut(region) else { return };
        if domain.indices.len() <= no {
            domain.indices.resize_with(no + 1, || None);
        }
        if let Some(slot) = domain.indices.get_mut(no) {
            *slot = index;
        }
    }

    fn numbers_of(&self, names: &[String]) -> Vec<No> {
        names.iter().filter_map(|name| self.numbers.get(name).copied()).collect()
    }

    fn name(&self, no: No) -> &str {
        self.names.get(no).map_or("", String::as_str)
    }

    /// The number of a name, given out at its first use.
    fn number(&mut self, name: &str) -> No {
        if let Some(no) = self.numbers.get(name) {
            return *no;
        }
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), self.names.len() - 1);
        self.names.len() - 1
    }

    /// `<prefix>posts_YYYY_MM_DD` (Mattermost source, index names).
    fn daily(&self, day: i64) -> String {
        let (year, month, date) = Time(day).date();
        format!("{}posts_{year:04}_{month:02}_{date:02}", self.prefix)
    }

    /// Whether a snapshot runs: AWS takes one each hour, and somebody may take one by hand.
    fn snapshot_running(&self, region: Ix, now: i64) -> bool {
        let minute = self.knobs.snapshot_minutes.get(region).copied().unwrap_or(0);
        let into = (now - minute * 60_000).rem_euclid(3_600_000);
        into < self.knobs.snapshot_ms || self.domains.get(region).is_some_and(|domain| now < domain.snapshot_until)
    }

    /// Occupies the cluster manager for `ms`: it publishes one state after another, so that parallel calls do not speed
    /// anything up (run on two nodes: 400 stops take as long at width 1 as at width 32). Gives start and end.
    fn occupy(&mut self, region: Ix, ms: i64, now: i64) -> (i64, i64) {
        let Some(domain) = self.domains.get_mut(region) else { return (now, now) };
        let start = domain.busy_until.max(now);
        domain.busy_until = start + ms;
        (start, domain.busy_until)
    }
}

/// What search does by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// A `_stop` has come to the end of its turn.
    Stopped(Ix, usize),
    /// A deleted connection is gone from the follower's nodes.
    Gone(usize),
    /// The rules of this domain make a pass.
    Pass(Ix),
}

/// Schedules what happens by itself: nothing in peace, rules only wake for new indices.
pub fn begin(_model: &mut Model, _ctx: &mut Ctx<'_>) {}

/// A domain's nodes die, or are back. Connections to dead nodes are refused, not swallowed.
pub fn set_domain_down(model: &mut Model, region: Ix, down: bool, ctx: &mut Ctx<'_>) {
    if let Some(domain) = model.search.domains.get_mut(region) {
        domain.down = down;
    }
    network_changed(model, ctx);
}

/// A whole domain restarts: every block 1000 is lost, replication goes on (run on two nodes).
pub fn restart_domain(model: &mut Model, region: Ix) {
    let Some(domain) = model.search.domains.get_mut(region) else { return };
    domain.ghosts.clear();
    for index in domain.indices.iter_mut().flatten() {
        if let Role::Follower(follow) = &mut index.role {
            follow.block = false;
        }
    }
}

/// Does what the agenda says.
pub fn handle(model: &mut Model, timer: &Timer, ctx: &mut Ctx<'_>) {
    match *timer {
        Timer::Stopped(region, no) => replication::finish_stop(model, region, no, ctx),
        Timer::Gone(connection) => connections::gone(model, connection, ctx),
        Timer::Pass(region) => connections::pass(model, region, ctx),
    }
}

#[cfg(test)]
mod tests;
