//! The actions, reasons to wait and reasons to stop of flip-dns.

use std::fmt;

use mmdr_core::{LookAgain, Region};
use serde::{Deserialize, Serialize};

/// One change of where the public name points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Publish a Region's take-over flag: data plane only.
    PublishFlag {
        /// The Region in which the flag lies.
        region: Region,
        /// What it says.
        taken_over: bool,
    },
    /// Change the records themselves: Route 53's control plane in us-east-1, only where policy says so.
    ExchangeRecords {
        /// The Region that PRIMARY is to hold.
        primary: Region,
    },
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PublishFlag { region, taken_over: true } => write!(f, "publishes that {region} has taken over"),
            Self::PublishFlag { region, .. } => {
                write!(
                    f,
                    "publishes that {region} has not taken over, so that its old flag draws no traffic from PRIMARY"
                )
            }
            Self::ExchangeRecords { primary } => {
                write!(f, "makes {primary} PRIMARY by Route 53's control plane in us-east-1, as policy says")
            }
        }
    }
}

impl LookAgain for Action {
    fn look_again_s(&self) -> u32 {
        5
    }
}

/// Why a look must be repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Waiting {
    /// Nothing proves that this Region can write; DNS is never pointed at a Region on a guess.
    WriterUnknown {
        /// What was seen.
        why: String,
    },
    /// No node of this Region serves.
    NodesNotServing {
        /// What was seen.
        why: String,
    },
    /// The flag was published and does not read back yet.
    FlagNotReadBack {
        /// What was seen.
        why: String,
    },
    /// PRIMARY is this Region, and a flag elsewhere that cannot be cleared keeps the traffic away.
    FlagOutOfReach {
        /// Where the flag lies.
        region: Region,
        /// What was seen.
        why: String,
    },
    /// Some resolvers still give the other Region's address.
    ResolversDisagree {
        /// How many give this Region's.
        agree: usize,
        /// How many were asked.
        of: usize,
        /// From where they were asked.
        vantage: Region,
    },
    /// The flag was published and the health check watches another one; a person must arm the records.
    NobodyWatches {
        /// The Region whose flag is watched.
        watched: Region,
    },
    /// No resolver answered.
    ResolversUnseen {
        /// Why.
        why: String,
    },
    /// The records were asked to change and do not read back yet.
    RecordsNotReadBack {
        /// What was seen.
        why: String,
    },
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WriterUnknown { why } => write!(f, "does not point DNS at a Region on a guess: {why}"),
            Self::NodesNotServing { why } => write!(f, "no node serves here: {why}"),
            Self::FlagNotReadBack { why } => {
                write!(f, "the take-over flag was published and does not read back: {why}")
            }
            Self::FlagOutOfReach { region, why } => write!(
                f,
                "PRIMARY is this Region, and the take-over flag of {region} keeps the traffic there: {why}; clear that \
                 flag, or change the records"
            ),
            Self::ResolversDisagree { agree, of, vantage } => {
                write!(f, "{agree} of {of} resolvers give this Region's address, asked from {vantage}")
            }
            Self::NobodyWatches { watched } => write!(
                f,
                "the flag is published, and PRIMARY's health check watches the one in {watched}: the records must be \
                 changed by a person"
            ),
            Self::ResolversUnseen { why } => write!(f, "no resolver answered: {why}"),
            Self::RecordsNotReadBack { why } => write!(
                f,
                "the records were asked to change and do not read back: {why} (policy \"records\" depends on us-east-1)"
            ),
        }
    }
}

impl LookAgain for Waiting {
    fn look_again_s(&self) -> u32 {
        // The last step that users wait for.
        5
    }
}

/// Why DNS must not be flipped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// This Region's database cannot write, by a positive reading.
    CannotWrite {
        /// What was seen.
        why: String,
    },
    /// PRIMARY's health check does not watch this Region's flag: publishing it would change nothing.
    ArmedWrongly {
        /// The Region that PRIMARY holds.
        primary: Region,
        /// The Region whose flag is watched.
        watched: Region,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CannotWrite { why } => write!(f, "no DNS towards a Region that cannot write: {why}"),
            Self::ArmedWrongly { primary, watched } => write!(
                f,
                "PRIMARY is {primary} and its health check watches the flag in {watched}: publishing this Region's \
                 flag changes nothing; run protect in the Region that wrote, or change the records"
            ),
        }
    }
}
