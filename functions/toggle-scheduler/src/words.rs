//! The parts, actions, reasons to wait and reasons to stop of toggle-scheduler.

use std::fmt;

use mmdr_core::ports::JobFlags;
use mmdr_core::{Epoch, Kind, LookAgain, Phase, Region, named};
use serde::{Deserialize, Serialize};

named!(
    /// The occurrences of toggle-scheduler in the machines.
    Part, "a part of toggle-scheduler" {
        /// After the database has moved and before nodes start: jobs run here.
        Activate => "activate",
        /// Switchover: the old side's jobs are switched off before its nodes are stopped.
        Quiesce => "quiesce",
        /// Call-off: the old side's jobs are switched on again.
        GiveBack => "give-back",
    }
);

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
