//! What request-approval can do, wait for, and refuse.

use std::fmt;

use mmdr_core::records::{ApprovalAnswer, Decision, Question};
use mmdr_core::{Epoch, LookAgain, Region, RunId, Time, named};
use serde::{Serialize, Serializer};

named!(
    /// Which occurrence of the step this is.
    Part, "a part of request-approval" {
        /// Asks, and decides from the answer.
        Ask => "ask",
        /// The only task that waits for a token.
        Wait => "wait",
        /// Takes a person's answer, in a machine of its own.
        Answer => "answer",
    }
);

/// A task token: its bearer can wake the run. It is shown nowhere: not in evidence, a report or a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(pub String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl Serialize for Token {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(HIDDEN)
    }
}

const HIDDEN: &str = "(not shown)";

/// One kind of change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Action {
    /// Write the question to the run's prefix.
    WriteQuestion {
        /// The Region whose records are written.
        region: Region,
        /// Where.
        key: String,
        /// The question.
        question: Question,
        /// Digest of the diagnosis that it rests on.
        diagnosis: Option<String>,
    },
    /// Tell people that the run asks, and how to answer.
    Tell {
        /// The Region whose topic is told.
        region: Region,
        /// At most 100 characters; the same however often it is told.
        subject: String,
        /// The question's text.
        text: String,
        /// The question's digest.
        digest: String,
        /// Digest of the diagnosis that it rests on.
        diagnosis: Option<String>,
    },
    /// Write down that people were told, so that no later look tells them again.
    NoteTold {
        /// The Region whose records are written.
        region: Region,
        /// Where.
        key: String,
        /// When.
        at: Time,
        /// Why they could not be told.
        #[serde(skip_serializing_if = "Option::is_none")]
        not_told: Option<String>,
    },
    /// Keep the waiting task's token beside the question.
    KeepToken {
        /// The Region whose records are written.
        region: Region,
        /// Where it lies, and nowhere else: not with the question, which people read, so that no copy of that loses it.
        key: String,
        /// The token.
        token: Token,
    },
    /// Wake the waiting task.
    Wake {
        /// The Region in which it waits.
        region: Region,
        /// Its token.
        token: Token,
    },
    /// Create the answer object; the first one stands.
    CreateAnswer {
        /// The Region whose records are written.
        region: Region,
        /// Where.
        key: String,
        /// The run that asked.
        run: RunId,
        /// The answer.
        answer: ApprovalAnswer,
    },
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WriteQuestion { question, .. } => {
                write!(f, "writes down the question, which expires at {}", question.expires_at)
            }
            Self::Tell { region, subject, .. } => write!(f, "tells the topic in {region}: {subject}"),
            Self::NoteTold { not_told: None, .. } => f.write_str("writes down that people were told"),
            Self::NoteTold { not_told: Some(why), .. } => write!(f, "writes down that nobody could be told: {why}"),
            Self::KeepToken { .. } => f.write_str("keeps the waiting task's token beside the question"),
            Self::Wake { .. } => f.write_str("wakes the waiting task"),
            Self::CreateAnswer { run, answer, .. } => {
                write!(f, "writes down the answer to run {run}: {} ({})", answer.decision, answer.reason)
            }
        }
    }
}

impl LookAgain for Action {
    /// One second: each change is done when it answers.
    fn look_again_s(&self) -> u32 {
        1
    }
}

/// Why request-approval waits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Waiting {
    /// The question is asked and people were told: on to the task that waits for the answer.
    AwaitsAnswer {
        /// When the question expires.
        until: Time,
    },
    /// There is no diagnosis yet to ask about.
    NoDiagnosis,
    /// The answer stands; the task that it must wake has not shown its token yet.
    NobodyWaitsYet {
        /// The run that asked.
        run: RunId,
    },
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AwaitsAnswer { until } => write!(f, "a person must answer before {until}"),
            Self::NoDiagnosis => f.write_str("there is no diagnosis yet that a person could judge"),
            Self::NobodyWaitsYet { run } => {
                write!(f, "the answer stands, and run {run} has not shown yet where it waits for it")
            }
        }
    }
}

impl LookAgain for Waiting {
    fn look_again_s(&self) -> u32 {
        match self {
            Self::AwaitsAnswer { .. } | Self::NobodyWaitsYet { .. } => 3,
            Self::NoDiagnosis => 5,
        }
    }
}

/// Why request-approval stops.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Refusal {
    /// A person said no.
    Denied {
        /// Why.
        reason: String,
    },
    /// Nobody answered in time.
    Expired {
        /// When the question expired.
        at: Time,
    },
    /// Nobody can forecast the loss.
    UnknownLoss {
        /// Whether a person starts: they may accept it.
        person: bool,
    },
    /// A run with a higher epoch took over.
    Superseded {
        /// Its epoch.
        by: Epoch,
    },
    /// `wait` was called without a token.
    NoToken,
    /// `answer` was called without an answer.
    NoReply,
    /// No run of that name left a record in this Region.
    UnknownRun {
        /// The name given.
        run: RunId,
        /// This Region.
        region: Region,
    },
    /// The run exists and asks nothing.
    NothingAsked {
        /// The run.
        run: RunId,
    },
    /// The answer names another question than the one that is asked now.
    OtherQuestion {
        /// The run.
        run: RunId,
        /// Digest of the question that is asked now.
        asked: String,
    },
    /// Somebody answered before; the first answer stands.
    AlreadyAnswered {
        /// The run.
        run: RunId,
        /// What was answered.
        decision: Decision,
        /// Why.
        reason: String,
        /// When.
        at: Time,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied { reason } => write!(f, "a person said no: {reason}"),
            Self::Expired { at } => write!(f, "nobody answered before {at}"),
            Self::UnknownLoss { person: false } => f.write_str(
                "no replication lag was measured within 15 minutes, and no machine goes on without; a person may",
            ),
            Self::UnknownLoss { person: true } => f.write_str(
                "no replication lag was measured within 15 minutes: nobody can say how much would be lost; to go on \
                 all the same, start with accepts: [\"unknown-loss\"]",
            ),
            Self::Superseded { by } => write!(f, "a run with epoch {by} took over; nobody needs to answer"),
            Self::NoToken => f.write_str("this task was given no token to wait with"),
            Self::NoReply => f.write_str("this task was given no answer"),
            Self::UnknownRun { run, region } => write!(
                f,
                "no run {run} left a record in {region}: names are case-sensitive, and a run is answered in its own Region"
            ),
            Self::NothingAsked { run } => write!(f, "run {run} asks nothing"),
            Self::OtherQuestion { run, asked } => {
                write!(f, "run {run} asks another question by now, {asked}: read it before you answer")
            }
            Self::AlreadyAnswered { run, decision, reason, at } => {
                write!(f, "run {run} was answered at {at} already, and the first answer stands: {decision} ({reason})")
            }
        }
    }
}
