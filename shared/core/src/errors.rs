//! What can go wrong with a call and with a step.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Region;

/// Why a call to the outside did not give what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// No answer within the call's time-out. Whether a change was made is unknown.
    NoAnswer,
    /// The service asked to slow down.
    Throttled,
    /// The service says "not now": read the state and look again. The text is the service's.
    LookAgain(String),
    /// What was named does not exist.
    NotFound(String),
    /// A conditional write found another value.
    Conflict,
    /// The caller may not do this.
    Denied(String),
    /// The service refuses for good; the text is the service's own sentence.
    Refused(String),
    /// An answer that is not understood; its first line.
    Unreadable(String),
    /// Of several things that were asked for, some are done and some are not; which, and why.
    Partly(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAnswer => f.write_str("no answer in time"),
            Self::Throttled => f.write_str("throttled"),
            Self::LookAgain(text) => write!(f, "not now: {text}"),
            Self::NotFound(what) => write!(f, "not found: {what}"),
            Self::Conflict => f.write_str("somebody else wrote first"),
            Self::Denied(text) => write!(f, "not allowed: {text}"),
            Self::Refused(text) => write!(f, "refused: {text}"),
            Self::Partly(text) => write!(f, "done in part: {text}"),
            Self::Unreadable(line) => write!(f, "an answer that is not understood: {line}"),
        }
    }
}

/// A call that failed: which, asked in which Region, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallError {
    /// Name of the call as in [`crate::calls`], for example `rds:SwitchoverGlobalCluster`.
    pub call: String,
    /// The Region whose endpoint was asked.
    pub region: Region,
    /// Why.
    pub fault: Fault,
}

impl CallError {
    /// Whether the change may or may not have been made, or will be possible later: look again.
    pub fn is_look_again(&self) -> bool {
        matches!(self.fault, Fault::NoAnswer | Fault::Throttled | Fault::LookAgain(_) | Fault::Conflict)
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}: {}", self.call, self.region, self.fault)
    }
}

impl std::error::Error for CallError {}

/// Why a step could not even give a verdict. The names are stable: `Retry` and `Catch` match on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepError {
    /// The payload, part or record does not have the form it must have. Never retried.
    BadInput(String),
    /// A read without which nothing can be decided was not answered. Safe to retry.
    ReadFailed(CallError),
    /// A write of our own records or ledger was not answered. Safe to retry: all are conditional or idempotent.
    RecordFailed(CallError),
    /// The deployment document cannot be used. Never retried.
    BadDeployment(String),
    /// The function gave up shortly before it would have been killed. Safe to retry: every step looks before it acts.
    OutOfTime(String),
}

impl StepError {
    /// Every stable name, for the test that holds the state machines against them.
    pub const NAMES: &'static [&'static str] =
        &["Dr.BadInput", "Dr.ReadFailed", "Dr.RecordFailed", "Dr.BadDeployment", "Dr.OutOfTime"];
    /// The names that a `Retry` may list.
    pub const RETRYABLE: &'static [&'static str] = &["Dr.ReadFailed", "Dr.RecordFailed", "Dr.OutOfTime"];

    /// The stable name of this error.
    pub fn name(&self) -> &'static str {
        match self {
            Self::BadInput(_) => "Dr.BadInput",
            Self::ReadFailed(_) => "Dr.ReadFailed",
            Self::RecordFailed(_) => "Dr.RecordFailed",
            Self::BadDeployment(_) => "Dr.BadDeployment",
            Self::OutOfTime(_) => "Dr.OutOfTime",
        }
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadInput(sentence) | Self::BadDeployment(sentence) | Self::OutOfTime(sentence) => {
                f.write_str(sentence)
            }
            Self::ReadFailed(call) => write!(f, "could not look: {call}"),
            Self::RecordFailed(call) => write!(f, "could not write down: {call}"),
        }
    }
}

impl std::error::Error for StepError {}
