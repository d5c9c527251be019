//! What reconcile can do.

use std::fmt;

use mmdr_core::ports::LedgerSeen;
use mmdr_core::{How, Kind, Ledger, LookAgain, Region, RunId, Settled, StartInput};
use serde::Serialize;

use crate::memory::Memory;
use crate::notes::Note;

/// One execution to be started here.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Start {
    /// The Region: always the own one.
    pub region: Region,
    /// Which machine.
    pub kind: Kind,
    /// The execution's name.
    pub name: RunId,
    /// Its input.
    pub input: StartInput,
}

/// The one kind of change of this minute. Each also hands its memory on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Action {
    /// Starts a run that takes over one that ended past its database call.
    Resume {
        /// What is started.
        start: Start,
        /// What is remembered.
        memory: Memory,
    },
    /// Writes what RDS shows at rest into the own ledger.
    Settle {
        /// The ledger as it is to be, and the version that it replaces; none where there was none.
        ledger: Box<Ledger>,
        /// The version.
        version: Option<String>,
        /// What is remembered.
        memory: Memory,
    },
    /// Closes the line of a run that died while it brought up the Region that writes.
    Close {
        /// Which.
        run: RunId,
        /// The ledger as it is to be.
        ledger: Box<Ledger>,
        /// The version that it replaces.
        version: Option<String>,
        /// What is remembered.
        memory: Memory,
    },
    /// Asks once more for a failover, because the diagnosis stands and an alarm's transition never recurs.
    AskAgain {
        /// What is started.
        start: Start,
        /// What is remembered.
        memory: Memory,
    },
    /// Starts reprotect: the lost Region answers again.
    Reprotect {
        /// What is started.
        start: Start,
        /// What is remembered.
        memory: Memory,
    },
    /// Tells people once what only they can mend.
    Tell {
        /// The Region of the topic.
        region: Region,
        /// At most 100 characters.
        subject: String,
        /// What only they can mend.
        note: Note,
        /// What is remembered.
        memory: Memory,
    },
    /// Nothing but the minute's keeping: publishes the take-over flag, hands the memory on.
    Keep {
        /// The own Region.
        region: Region,
        /// What the flag says; none while a run that moves the writer here is about to decide it.
        taken_over: Option<bool>,
        /// What is remembered.
        memory: Memory,
        /// Why nothing else was done.
        notes: Vec<Note>,
    },
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resume { start, .. } | Self::AskAgain { start, .. } | Self::Reprotect { start, .. } => {
                write!(f, "starts {} {}: {}", start.kind, start.name, start.input.reason)
            }
            Self::Settle { ledger, .. } => match &ledger.settled {
                Some(Settled { writer, epoch, how: How::Observed, .. }) => {
                    write!(f, "writes down that {writer} writes, epoch {epoch}, as RDS shows at rest in two looks")
                }
                Some(Settled { writer, epoch, how: How::Move, .. }) => {
                    write!(f, "learns from the other ledger that {writer} writes, epoch {epoch}")
                }
                None => f.write_str("writes the ledger"),
            },
            Self::Close { run, .. } => write!(f, "closes {run}, which ended without closing itself"),
            Self::Tell { note, .. } => write!(f, "tells people: {note}"),
            Self::Keep { taken_over, notes, .. } => {
                match taken_over {
                    Some(true) => f.write_str("publishes the take-over flag: taken over")?,
                    Some(false) => f.write_str("publishes the take-over flag: not taken over")?,
                    None => f.write_str("leaves the take-over flag as it is")?,
                }
                notes.iter().try_for_each(|note| write!(f, "; {note}"))
            }
        }
    }
}

impl LookAgain for Action {
    fn look_again_s(&self) -> u32 {
        60
    }
}

/// The ledger that an action replaces.
pub(crate) fn version(seen: Option<&LedgerSeen>) -> Option<String> {
    seen.map(|seen| seen.version.clone())
}

/// reconcile never waits: it comes again each minute.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Waiting {}

impl fmt::Display for Waiting {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl LookAgain for Waiting {
    fn look_again_s(&self) -> u32 {
        match *self {}
    }
}

/// reconcile never refuses: what it does not do it says in its notes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}
