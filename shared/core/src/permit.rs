//! The right to make one change, made by the core between decide and act, and by nobody else.

use crate::{Epoch, Phase, Run, RunId, Time};

/// Which run may act, under which epoch, as the own ledger said a moment ago.
///
/// The gap between the ledger's answer and the change is a few milliseconds and cannot be closed from outside
/// the services. Every change is therefore looked at again afterwards, and what has a name or a text of its own (executions,
/// job flags, records) carries the epoch.
#[derive(Clone, Debug)]
pub struct Permit {
    run: RunId,
    epoch: Epoch,
    phase: Phase,
    at: Time,
}

impl Permit {
    /// Only the core calls this, after it has read the own ledger.
    pub(crate) fn new(run: &Run, epoch: Epoch, phase: Phase, at: Time) -> Self {
        Self { run: run.id.clone(), epoch, phase, at }
    }

    /// The run that acts.
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// The epoch under which it acts: the run's own, or for a standing duty the settled one.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The phase of the run.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// When the permit was made.
    pub fn at(&self) -> Time {
        self.at
    }
}
