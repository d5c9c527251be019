//! What start-move can do, and why it does not.

use std::fmt;

use mmdr_core::{Kind, LookAgain, Region, RunId, StartInput, Time};
use serde::{Deserialize, Serialize};

/// The one change that start-move makes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Action {
    /// Starts an execution under a name that follows from the event alone.
    Start {
        /// The Region in which it is started: always the own one.
        region: Region,
        /// Which machine.
        kind: Kind,
        /// The execution's name.
        name: RunId,
        /// What the machine is started with; the same for every form of the same event.
        input: StartInput,
    },
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Start { region, kind, name, input } = self;
        write!(f, "starts {kind} {name} in {region}: {}", input.reason)
    }
}

impl LookAgain for Action {
    fn look_again_s(&self) -> u32 {
        60
    }
}

/// start-move never waits.
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

/// Why nothing was started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Refusal {
    /// The event is larger than an execution's input may be.
    Oversized {
        /// Its size in bytes.
        bytes: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// A field is missing or is not what it must be.
    Malformed {
        /// The field, with its path.
        field: String,
        /// What was expected.
        expected: String,
        /// What was found, shortened.
        found: String,
    },
    /// The event is of no form that start-move knows.
    UnknownEvent {
        /// What it says of itself, shortened.
        found: String,
    },
    /// The event is of another account.
    ForeignAccount {
        /// The account that was found.
        found: String,
        /// The Deployment's account.
        expected: String,
    },
    /// The event is of a Region in which this stack does not stand.
    ForeignRegion {
        /// The Region that was found.
        found: String,
        /// The own Region.
        own: Region,
    },
    /// The alarm is not one of this Deployment's.
    ForeignAlarm {
        /// The alarm's name.
        alarm: String,
        /// How this Deployment's alarms begin.
        prefix: String,
    },
    /// The database is not one of this Deployment's.
    ForeignDatabase {
        /// The ARN that was found.
        found: String,
    },
    /// The schedule's rule is not one of this Deployment's.
    ForeignRule {
        /// The rule's name.
        rule: String,
        /// How this Deployment's rules begin.
        prefix: String,
    },
    /// The alarm is this Deployment's, and no alarm that starts a move.
    NotATrigger {
        /// The alarm's name.
        alarm: String,
    },
    /// The alarm went to another state than ALARM.
    NotInAlarm {
        /// The alarm's name.
        alarm: String,
        /// Its state.
        state: String,
    },
    /// The alarm's actions were suppressed or muted; EventBridge tells of the transition all the same.
    Suppressed {
        /// The alarm's name.
        alarm: String,
        /// By what.
        by: String,
    },
    /// The event is about the own Region, whose loss cannot be judged from inside.
    AboutOwnRegion {
        /// The alarm's name.
        alarm: String,
        /// The own Region.
        own: Region,
    },
    /// The event is about a Region that the document does not name.
    AboutUnknownRegion {
        /// The alarm's name.
        alarm: String,
        /// The Region whose loss would be news here.
        other: Region,
    },
    /// The event is too old to be news.
    Stale {
        /// What it is about.
        what: String,
        /// When it happened.
        at: Time,
        /// Its age in seconds.
        age_s: i64,
        /// The greatest age in seconds.
        limit_s: i64,
    },
    /// The event happens after now.
    FromTheFuture {
        /// What it is about.
        what: String,
        /// When it is said to happen.
        at: Time,
        /// How far ahead, in seconds.
        ahead_s: i64,
    },
    /// The document lets no machine start a failover.
    MachineMayNotStart {
        /// What would have started it.
        what: String,
    },
    /// The database event is understood and starts nothing.
    NothingToStart {
        /// Its identifier.
        event_id: String,
    },
    /// A schedule may not start this kind of run.
    NotForASchedule {
        /// The kind.
        kind: String,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Oversized { bytes, limit } => write!(f, "the event: expected at most {limit} bytes, found {bytes}"),
            Self::Malformed { field, expected, found } => write!(f, "{field}: expected {expected}, found {found}"),
            Self::UnknownEvent { found } => write!(
                f,
                "the event: expected an alarm (direct, EventBridge or SNS), an RDS event or a schedule, found {found}"
            ),
            Self::ForeignAccount { found, expected } => {
                write!(f, "the event is of account {found}, this Deployment lives in {expected}")
            }
            Self::ForeignRegion { found, own } => write!(f, "the event is of {found}, this stack stands in {own}"),
            Self::ForeignAlarm { alarm, prefix } => {
                write!(f, "alarm {alarm} is not of this Deployment: its alarms begin with {prefix}")
            }
            Self::ForeignDatabase { found } => write!(f, "{found} is no database of this Deployment"),
            Self::ForeignRule { rule, prefix } => {
                write!(f, "rule {rule} is not of this Deployment: its rules begin with {prefix}")
            }
            Self::NotATrigger { alarm } => write!(f, "alarm {alarm} tells people and starts no move"),
            Self::NotInAlarm { alarm, state } => write!(f, "alarm {alarm} went to {state}: only ALARM starts anything"),
            Self::Suppressed { alarm, by } => write!(f, "alarm {alarm} is suppressed by {by}"),
            Self::AboutOwnRegion { alarm, own } => {
                write!(
                    f,
                    "alarm {alarm} is about {own} itself: a Region starts only moves to itself, when the other is lost"
                )
            }
            Self::AboutUnknownRegion { alarm, other } => {
                write!(f, "alarm {alarm} names no Region of the Deployment: the other Region here is {other}")
            }
            Self::Stale { what, at, age_s, limit_s } => {
                write!(f, "{what} is of {at}, {age_s} s ago: older than {limit_s} s starts nothing")
            }
            Self::FromTheFuture { what, at, ahead_s } => write!(f, "{what} is of {at}, {ahead_s} s ahead of now"),
            Self::MachineMayNotStart { what } => {
                write!(f, "{what}: policy.machine_may_start_failover is false, a person has to start the failover")
            }
            Self::NothingToStart { event_id } => write!(f, "{event_id} is understood and starts nothing"),
            Self::NotForASchedule { kind } => {
                write!(f, "a schedule starts verify-backups and check-readiness, not {kind}")
            }
        }
    }
}
