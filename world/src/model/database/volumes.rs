//! Which rows lie where: replication is computed when somebody asks, not row by row.

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

    /// The target's volume becomes what had reached it; gives the rows that had not.
    pub(super) fn promote(&mut self, from: Ix, to: Ix, all: bool, now: i64) -> usize {
        let arrived = if all { usize::MAX } else { self.replicated(from, now) };
        let Some(source) = self.volumes.get(from) else { return 0 };
        let arrived = arrived.min(source.rows.len());
        let lost = source.rows.len() - arrived;
        let rows = source.rows.get(..arrived).map(<[u32]>::to_vec).unwrap_or_default();
        if let Some(target) = self.volumes.get_mut(to) {
            target.rows = rows;
        }
        lost
    }
}
