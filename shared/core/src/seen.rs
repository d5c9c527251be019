//! What was looked at, and what could not be.

use serde::{Deserialize, Serialize};

use crate::{CallError, Time};

/// A value with the time at which it was true, or the reason why nobody knows.
///
/// "Cannot tell" is an answer: it is never a default, and it never promotes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seen<T> {
    /// The value, and when it was true.
    Seen {
        /// The value.
        value: T,
        /// When it was true.
        at: Time,
    },
    /// Nobody answered, or the answer could not be understood.
    Unseen {
        /// Why, in a few words.
        why: String,
    },
}

impl<T> Seen<T> {
    /// A value seen at `at`.
    #[expect(clippy::self_named_constructors, reason = "it reads as a sentence beside `unseen`")]
    pub fn seen(value: T, at: Time) -> Self {
        Self::Seen { value, at }
    }

    /// Nothing was seen.
    pub fn unseen(why: impl Into<String>) -> Self {
        Self::Unseen { why: why.into() }
    }

    /// The value seen now, or `Unseen` with the call's fault.
    pub fn from_call(result: Result<T, CallError>, now: Time) -> Self {
        match result {
            Ok(value) => Self::seen(value, now),
            Err(error) => Self::unseen(error.to_string()),
        }
    }

    /// The value, where one was seen.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Seen { value, .. } => Some(value),
            Self::Unseen { .. } => None,
        }
    }

    /// The value if it was true at most `age_s` seconds before `now`; see [`Time::is_within`].
    pub fn fresh(&self, now: Time, age_s: i64) -> Option<&T> {
        match self {
            Self::Seen { value, at } if now.is_within(age_s, *at) => Some(value),
            _ => None,
        }
    }

    /// Why nothing was seen.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Seen { .. } => None,
            Self::Unseen { why } => Some(why),
        }
    }
}

/// One data point of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The value, in the unit that the reading port names.
    pub value: f64,
    /// When it was measured.
    pub at: Time,
}
