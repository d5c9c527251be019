//! The parts, actions, reasons to wait and reasons to stop of toggle-scheduler.

use std::fmt;
use std::str::FromStr;

use mmdr_core::ports::JobFlags;
use mmdr_core::{Epoch, Kind, LookAgain, Phase, Region};
use serde::{Deserialize, Serialize};

/// The occurrences of toggle-scheduler in the machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// After the database has moved and before nodes start: jobs run here.
    Activate,
    /// Switchover: the old side's jobs are switched off before its nodes are stopped.
    Quiesce,
    /// Call-off: the old side's jobs are switched on again.
    GiveBack,
}

impl Part {
    /// Every part.
    pub const ALL: &'static [Self] = &[Self::Activate, Self::Quiesce, Self::GiveBack];

    /// Its name in the machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Activate => "activate",
            Self::Quiesce => "quiesce",
            Self::GiveBack => "give-back",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Part {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|part| part.as_str() == text).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|part| part.as_str()).collect();
            format!("expected a part of toggle-scheduler ({}), found {text:?}", names.join(", "))
        })
    }
}

/// One change of who runs jobs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// Write the flags that a process reads at its next start.
    WriteFlags {
        /// Where.
        region: Region,
        /// Both flags, with the epoch beside them.
        flags: JobFlags,
        /// Whether a failed call is only a finding.
        best_effort: bool,
    },
    /// Scale the dedicated job server, which ignores the flags.
    ScaleJobServer {
        /// Where.
        region: Region,
        /// 1 or 0.
        replicas: u32,
        /// Whether a failed call is only a finding.
        best_effort: bool,
    },
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WriteFlags { region, flags, .. } => {
                let on = if flags.run_jobs && flags.run_scheduler { "on" } else { "off" };
                write!(f, "switches the job flags of {region} {on} (epoch {}), for the next start", flags.epoch)
            }
            Self::ScaleJobServer { region, replicas, .. } => {
                write!(f, "scales the job server of {region} to {replicas}")
            }
        }
    }
}

impl LookAgain for Action {
    fn look_again_s(&self) -> u32 {
        match self {
            // A parameter reads back at once; a service takes a moment to say its new size.
            Self::WriteFlags { .. } => 1,
            Self::ScaleJobServer { .. } => 5,
        }
    }
}

/// Why a look must be repeated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Waiting {
    /// The flags, or the job server, could not be looked at.
    FlagsUnseen {
        /// Whose.
        region: Region,
        /// Why.
        why: String,
    },
    /// The own ledger does not say how far this run has come.
    LedgerUnseen,
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FlagsUnseen { region, why } => write!(f, "could not look at who runs jobs in {region}: {why}"),
            Self::LedgerUnseen => f.write_str("the ledger does not say how far this run has come"),
        }
    }
}

impl LookAgain for Waiting {
    fn look_again_s(&self) -> u32 {
        5
    }
}

/// Why this must not be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Refusal {
    /// The part does not belong to a run of this kind.
    WrongKind {
        /// The part.
        part: String,
        /// The run's kind.
        kind: Kind,
    },
    /// The database call may have been sent: jobs are neither quiesced nor given back any more.
    PastTheCall {
        /// The phase of the run.
        phase: Phase,
    },
    /// A newer run wrote the flags; an older epoch never overwrites them.
    NewerFlags {
        /// Whose.
        region: Region,
        /// The epoch beside the flags.
        epoch: Epoch,
    },
    /// The document speaks of a dedicated job server, and there is none: nothing would be quiesced.
    NoJobServer {
        /// Where.
        region: Region,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongKind { part, kind } => write!(f, "{part} has no place in a {kind}"),
            Self::PastTheCall { phase } => {
                write!(f, "the run is {phase}, past its database call: jobs follow the database")
            }
            Self::NewerFlags { region, epoch } => {
                write!(f, "the job flags of {region} belong to the newer epoch {epoch}: this run is superseded")
            }
            Self::NoJobServer { region } => write!(
                f,
                "the document says that jobs run in a server of their own, and {region} has none: correct the document"
            ),
        }
    }
}
