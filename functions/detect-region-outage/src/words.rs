//! The words of this step: its parts, what it does, why it waits, why it stops.

use std::fmt;

use mmdr_core::records::Diagnosis;
use mmdr_core::{LookAgain, Region, Time, named};
use serde::{Deserialize, Serialize};

use crate::observed::Standing;

named!(
    /// Which occurrence of the step in its machine.
    Part, "a part of detect-region-outage" {
        /// Before a person is asked.
        Diagnose => "diagnose",
        /// After the approval, and whenever the promoting call finds its evidence too old.
        DiagnoseAgain => "diagnose-again",
    }
);

/// One change, with every argument.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// Write down what this look says, so that the next one can agree with it.
    NoteLook {
        /// The Region whose bucket holds it.
        region: Region,
        /// The key.
        key: String,
        /// What stands, since when.
        standing: Standing,
    },
    /// Record the diagnosis: it has stood for long enough.
    Record {
        /// The Region whose bucket holds it.
        region: Region,
        /// The key.
        key: String,
        /// The diagnosis.
        diagnosis: Box<Diagnosis>,
    },
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoteLook { standing, .. } => {
                write!(f, "notes the diagnosis {}; another look must agree", standing.code)
            }
            Self::Record { diagnosis, .. } => {
                write!(f, "records the diagnosis {}: {}", diagnosis.code, diagnosis.sentence)
            }
        }
    }
}

impl LookAgain for Action {
    fn look_again_s(&self) -> u32 {
        match self {
            Self::NoteLook { .. } => 30,
            Self::Record { .. } => 1,
        }
    }
}

/// Why it looks again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Waiting {
    /// The diagnosis has not stood for long enough.
    DoesNotStandYet {
        /// Its code.
        code: String,
        /// Since when it stands.
        since: Time,
        /// For how many seconds it must.
        needed_s: i64,
    },
    /// The diagnosis changes from look to look.
    Flapping {
        /// How often it has changed.
        returns: u32,
        /// What it says now.
        code: String,
    },
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DoesNotStandYet { code, since, needed_s } => {
                write!(f, "the diagnosis {code} stands since {since}; it must stand for {needed_s} s")
            }
            Self::Flapping { returns, code } => {
                write!(f, "the diagnosis comes and goes ({returns} returns) and says {code} now; it must settle first")
            }
        }
    }
}

impl LookAgain for Waiting {
    fn look_again_s(&self) -> u32 {
        15
    }
}

/// Why it stops. Nothing has been changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Refusal {
    /// The diagnosis does not permit this run to go on.
    NotPermitted {
        /// Its code.
        code: String,
        /// Its sentence.
        diagnosis: String,
        /// Whether a machine started the run.
        machine: bool,
    },
    /// Nobody can forecast what a failover would lose.
    UnknownLoss {
        /// The diagnosis that would have permitted it.
        diagnosis: String,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPermitted { diagnosis, machine: true, .. } => {
                write!(f, "{diagnosis}; a machine may not fail over on that")
            }
            Self::NotPermitted { diagnosis, machine: false, .. } => write!(
                f,
                "{diagnosis}; to fail over all the same, start again with accepts: [\"diagnosis\"] and a reason"
            ),
            Self::UnknownLoss { diagnosis } => write!(
                f,
                "{diagnosis}; no replication lag has been measured for 15 minutes, so nobody can say what would be \
                 lost: only a person who accepts \"unknown-loss\" may go on"
            ),
        }
    }
}
