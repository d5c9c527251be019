//! The right to make one change, made by the core between decide and act, and by nobody else.

use crate::Time;

/// The run may act, under its epoch, as the own ledger said a moment ago.
///
/// The gap between the ledger's answer and the change is a few milliseconds and cannot be closed from outside
/// the services. Every change is therefore looked at again afterwards, and what has a name or a text of its own (executions,
/// job flags, records) carries the epoch.
#[derive(Clone, Debug)]
pub struct Permit {
    at: Time,
}

impl Permit {
    /// Only the core calls this, after it has read the own ledger.
    pub(crate) fn new(at: Time) -> Self {
        Self { at }
    }

    /// When the permit was made.
    pub fn at(&self) -> Time {
        self.at
    }
}
