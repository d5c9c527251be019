//! The words of this step: what it does, why it waits, why it stops.

use std::fmt;

use mmdr_core::ports::JobFlags;
use mmdr_core::{Epoch, LookAgain, Region, Time};
use mmdr_fence::Proof;
use serde::{Deserialize, Serialize};

/// One change, with every argument. None of them starts anything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// Note that RDS names another writer, so that the next invocation can agree; or forget it.
    Note {
        /// The Region whose bucket holds it.
        region: Region,
        /// When RDS named another writer first; none to forget.
        elsewhere_since: Option<Time>,
    },
    /// Stop live nodes; each repeats the check before it stops.
    StopNodes {
        /// The Region.
        region: Region,
        /// Their names.
        ids: Vec<String>,
        /// The epoch named in the command.
        epoch: Epoch,
        /// What proves that another Region writes.
        proof: Proof,
    },
    /// Write the job flags off, so that a process that starts later runs no jobs.
    FlagsOff {
        /// The Region.
        region: Region,
        /// The flags.
        flags: JobFlags,
        /// What proves that another Region writes.
        proof: Proof,
    },
    /// Scale the dedicated job server, which ignores the flags, to none.
    NoJobServer {
        /// The Region.
        region: Region,
        /// What proves that another Region writes.
        proof: Proof,
    },
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Note { elsewhere_since: Some(_), region } => {
                write!(
                    f,
                    "notes that RDS in {region} names another writer while nodes or jobs are on here; a second look must agree"
                )
            }
            Self::Note { elsewhere_since: None, .. } => {
                f.write_str("forgets an earlier look that named another writer")
            }
            Self::StopNodes { region, ids, proof, .. } => {
                write!(f, "stops {} in {region}, each after its own check: {proof}", ids.join(", "))
            }
            Self::FlagsOff { region, proof, .. } => write!(f, "writes the job flags off in {region}: {proof}"),
            Self::NoJobServer { region, proof } => write!(f, "stops the job server in {region}: {proof}"),
        }
    }
}

impl LookAgain for Action {
    fn look_again_s(&self) -> u32 {
        60
    }
}

/// Why it looks again, at the next minute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Waiting {
    /// The first look that named another writer is too young for a second one.
    SecondLook {
        /// The writer that RDS names.
        writer: Region,
        /// When the first look was.
        since: Time,
    },
    /// Another Region writes, and nobody can see whether anything runs here.
    CannotSee {
        /// What proves that another Region writes.
        proof: Proof,
        /// What is unseen, and why.
        why: String,
    },
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SecondLook { writer, since } => {
                write!(f, "RDS has named {writer} as the only writer since {since}; a second look must agree")
            }
            Self::CannotSee { proof, why } => write!(f, "{proof}, and nobody can see what runs here: {why}"),
        }
    }
}

impl LookAgain for Waiting {
    fn look_again_s(&self) -> u32 {
        60
    }
}

/// This duty never refuses: it looks again each minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}
