//! The actions, reasons to wait and reasons to stop of arm-dns.

use std::fmt;

use mmdr_core::{Kind, LookAgain, Region};
use serde::{Deserialize, Serialize};

/// One change in the exchange of the DNS roles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Clear a take-over flag.
    ClearFlag {
        /// The Region in which the flag lies.
        region: Region,
    },
    /// Make the writer's Region PRIMARY, watched by the standby's flag: Route 53's control plane in us-east-1.
    ExchangeRecords {
        /// The Region that PRIMARY is to hold.
        primary: Region,
    },
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClearFlag { region } => write!(f, "publishes that {region} has not taken over"),
            Self::ExchangeRecords { primary } => {
                write!(f, "makes {primary} PRIMARY, watched by the other Region's flag")
            }
        }
    }
}

impl LookAgain for Action {
    fn look_again_s(&self) -> u32 {
        10
    }
}

/// Why a look must be repeated. None of them stops a run: the bound makes a finding of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Waiting {
    /// Nothing proves that this Region is the writer.
    WriterUnknown {
        /// What was seen.
        why: String,
    },
    /// Route 53's control plane in us-east-1 does not answer; the name stays where it is.
    ControlPlaneSilent {
        /// Why.
        why: String,
    },
    /// A flag could not be looked at.
    FlagUnseen {
        /// Where it lies.
        region: Region,
        /// Why.
        why: String,
    },
    /// A flag was cleared and does not read back yet.
    FlagNotReadBack {
        /// Where it lies.
        region: Region,
    },
    /// The standby's ledger still says that it has taken over: its flag would come back within a minute.
    StandbyWouldTakeOver {
        /// The standby.
        region: Region,
    },
    /// The standby's ledger could not be read.
    StandbyLedgerUnseen {
        /// The standby.
        region: Region,
        /// Why.
        why: String,
    },
    /// The standby's flag is clear, but not long enough for a health check to have followed.
    FlagTooFresh {
        /// The standby.
        region: Region,
        /// For how many seconds it has been clear; none where nobody can tell.
        for_s: Option<i64>,
        /// For how many it must have been.
        needed_s: i64,
    },
    /// The records were asked to change and do not read back yet.
    RecordsNotReadBack,
    /// The records read back, but not every name server need have them yet: those without still watch the own flag.
    RecordsTooFresh {
        /// For how many seconds they have been as they are.
        for_s: i64,
        /// For how many they must have been.
        needed_s: i64,
    },
    /// Not every resolver gives the writer's address.
    ResolversDisagree {
        /// How many give the writer's.
        agree: usize,
        /// How many were asked.
        of: usize,
        /// From where they were asked.
        vantage: Region,
    },
    /// No resolver answered.
    ResolversUnseen {
        /// Why.
        why: String,
    },
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WriterUnknown { why } => write!(f, "arms nothing while nobody can tell who writes: {why}"),
            Self::ControlPlaneSilent { why } => write!(
                f,
                "Route 53's control plane in us-east-1 does not answer: {why}; the name stays where it is, unarmed"
            ),
            Self::FlagUnseen { region, why } => write!(f, "could not look at the take-over flag of {region}: {why}"),
            Self::FlagNotReadBack { region } => write!(f, "the cleared flag of {region} does not read back yet"),
            Self::StandbyWouldTakeOver { region } => write!(
                f,
                "the ledger of {region} still says that it has taken over: its flag would come back within a minute"
            ),
            Self::StandbyLedgerUnseen { region, why } => write!(f, "could not read the ledger of {region}: {why}"),
            Self::FlagTooFresh { region, for_s: Some(for_s), needed_s } => {
                write!(f, "the flag of {region} has been clear for {for_s} s; PRIMARY may watch it after {needed_s} s")
            }
            Self::FlagTooFresh { region, .. } => {
                write!(f, "nobody can tell since when the flag of {region} has been clear")
            }
            Self::RecordsNotReadBack => f.write_str("the records were asked to change and do not read back yet"),
            Self::RecordsTooFresh { for_s, needed_s } => write!(
                f,
                "the records were exchanged {for_s} s ago; the own flag is cleared after {needed_s} s, when every name \
                 server has them"
            ),
            Self::ResolversDisagree { agree, of, vantage } => {
                write!(f, "{agree} of {of} resolvers give the writer's address, asked from {vantage}")
            }
            Self::ResolversUnseen { why } => write!(f, "no resolver answered: {why}"),
        }
    }
}

impl LookAgain for Waiting {
    fn look_again_s(&self) -> u32 {
        match self {
            Self::ControlPlaneSilent { .. } | Self::FlagTooFresh { .. } | Self::StandbyWouldTakeOver { .. } => 30,
            _ => 10,
        }
    }
}

/// Why DNS must not be armed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// This Region is not the writer: PRIMARY would be a Region that cannot write.
    WriterElsewhere {
        /// What was seen.
        why: String,
    },
    /// Records are exchanged in peace time only.
    NotInPeace {
        /// The run's kind.
        kind: Kind,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WriterElsewhere { why } => write!(f, "arms no Region that cannot write: {why}"),
            Self::NotInPeace { kind } => write!(f, "records are exchanged in peace time only, not in a {kind}"),
        }
    }
}
