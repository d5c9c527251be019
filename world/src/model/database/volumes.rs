//! Which rows lie where: replication is computed when somebody asks, not row by row. And which promotion left which rows
//! behind.

use super::Database;
use crate::network::Ix;

/// Rows that outlived their volume, and under which name.
#[derive(Clone, Debug)]
pub struct Kept<'a> {
    /// Snapshot or cluster.
    pub name: &'a str,
    /// The rows.
    pub rows: &'a [u32],
}

/// By which of Aurora's ways the writer came to another Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// SwitchoverGlobalCluster: nothing is lost.
    Switchover,
    /// FailoverGlobalCluster.
    Failover,
    /// RemoveFromGlobalCluster.
    Detach,
}

/// One change of the writer Region, as it happened, whoever asked for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Promotion {
    /// When it was asked for, in milliseconds since the epoch.
    pub asked_ms: i64,
    /// When the target took writes, in milliseconds since the epoch.
    pub at_ms: i64,
    /// From which Region.
    pub from: Ix,
    /// To which.
    pub to: Ix,
    /// How.
    pub way: Way,
    /// The rows that only the old volume had: those that had not arrived, and those that it took afterwards because nobody
    /// had fenced it. In the order of their commits.
    pub lost: Vec<u32>,
}

impl Database {
    /// How many rows of the writer's volume have reached the other side by now.
    pub fn replicated(&self, writer: Ix, now: i64) -> usize {
        let Some(volume) = self.volumes.get(writer) else { return 0 };
        let heard_ms = self.link_lost_ms.unwrap_or(now).min(now) - self.lag_ms;
        volume.rows.partition_point(|row| self.commits.get(*row as usize).is_some_and(|commit| *commit <= heard_ms))
    }

    /// Whether a row is in the volume of `region`.
    pub fn holds(&self, region: Ix, row: u32) -> bool {
        // Rows are numbered in the order of their commits, whichever volume took them.
        self.volumes.get(region).is_some_and(|volume| volume.rows.binary_search(&row).is_ok())
    }

    /// Rows that lie in snapshots, by their name.
    pub fn kept(&self) -> impl Iterator<Item = Kept<'_>> {
        self.snapshots.iter().flatten().map(|snapshot| Kept { name: &snapshot.id, rows: &snapshot.rows })
    }

    /// The target's volume becomes what had reached it; gives how many rows had not.
    pub(super) fn promote(&mut self, way: Way, to: Ix, asked_ms: i64, now: i64) -> usize {
        let from = 1 - to;
        let arrived = if way == Way::Switchover { usize::MAX } else { self.replicated(from, now) };
        let Some(source) = self.volumes.get(from) else { return 0 };
        let (rows, lost) = source.rows.split_at(arrived.min(source.rows.len()));
        let (rows, lost) = (rows.to_vec(), lost.to_vec());
        if let Some(target) = self.volumes.get_mut(to) {
            target.rows = rows;
        }
        let count = lost.len();
        self.promotions.push(Promotion { asked_ms, at_ms: now, from, to, way, lost });
        count
    }

    /// An old writer that nobody fenced takes a row that the new one will never have.
    pub(super) fn note_left_behind(&mut self, region: Ix, row: u32) {
        if let Some(last) = self.promotions.last_mut()
            && last.from == region
            && last.way != Way::Switchover
        {
            last.lost.push(row);
        }
    }
}
