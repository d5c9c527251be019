//! One index of one domain.

use super::Operation;
use super::follow::Follow;

/// Whose operations an index holds.
#[derive(Debug)]
pub(super) enum Role {
    /// Its own.
    Own {
        /// Open, and on the follower's engine: every write answers 500 until it is closed and opened again.
        zombie: bool,
    },
    /// Its leader's.
    Follower(Follow),
}

/// One index.
#[derive(Debug)]
pub(super) struct Index {
    /// Its own operations; those of a follower lie at its leader, unless that is gone.
    pub(super) operations: Vec<Operation>,
    pub(super) role: Role,
    /// `index.blocks.write`.
    pub(super) write_block: bool,
    /// Positions of its operations that were exported.
    pub(super) exported: Option<(usize, usize)>,
}

impl Index {
    /// An index that takes writes.
    pub(super) fn owning(operations: Vec<Operation>) -> Self {
        Self { operations, role: Role::Own { zombie: false }, write_block: false, exported: None }
    }

    /// A follower.
    pub(super) fn following(follow: Follow) -> Self {
        Self { operations: Vec::new(), role: Role::Follower(follow), write_block: false, exported: None }
    }

    /// Whether it is open.
    pub(super) fn is_open(&self, now: i64) -> bool {
        match &self.role {
            Role::Own { .. } => true,
            Role::Follower(follow) => follow.is_open(now),
        }
    }

    /// Whether a client's write is taken.
    pub(super) fn takes_writes(&self) -> bool {
        !self.write_block && matches!(self.role, Role::Own { zombie: false })
    }
}
