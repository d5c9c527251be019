//! Everything that request-approval looks at.

use mmdr_core::records::{ApprovalAnswer, Diagnosis, Question, SearchDivergence};
use mmdr_core::{Epoch, Time};
use serde::{Deserialize, Serialize};

use crate::reply::Reply;

/// What an act leaves: a hint for the next look.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// Digest of the question of which people were told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<String>,
    /// The waiting task was woken, or its token was dead.
    #[serde(default)]
    pub woken: bool,
}

/// What only the Region that returns has in its search domain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Divergent {
    /// Indices that hold divergent operations.
    pub indices: u64,
    /// Divergent operations, deletions included.
    pub operations: u64,
    /// Documents that were exported.
    pub documents: u64,
}

impl Divergent {
    /// The sum of the record that `swap-search-leader: divergence` left.
    pub fn of(record: &SearchDivergence) -> Self {
        let mut sum = Self::default();
        for index in record.indices.values() {
            sum.indices += u64::from(index.operations > 0);
            sum.operations += index.operations;
            sum.documents += index.documents;
        }
        sum
    }
}

/// Everything that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Now.
    pub now: Time,
    /// The epoch that stands above the run's own in the own ledger, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overtaken_by: Option<Epoch>,
    /// The latest diagnosis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<Diagnosis>,
    /// Reprotect: what was exported before anything is replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub divergent: Option<Divergent>,
    /// What was asked last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
    /// The token under which a task waits for the answer to that question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_token: Option<String>,
    /// The answer to that question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<ApprovalAnswer>,
    /// Whether it is written down that people were told of that question.
    #[serde(default)]
    pub told: bool,
    /// The token of this very task (`wait`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_token: Option<String>,
    /// What a person answers (`answer`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
    /// Whether the run that the reply names left any record in this Region (`answer`).
    #[serde(default)]
    pub run_is_known: bool,
    /// What the last act left.
    #[serde(default)]
    pub receipt: Receipt,
}
