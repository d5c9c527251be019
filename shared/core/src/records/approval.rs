//! A question to a person, and the answer.

use serde::{Deserialize, Serialize};

use super::LossForecast;
use crate::{Epoch, Time, named};

/// A question to a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The run's epoch.
    pub epoch: Epoch,
    /// Digest of what is asked; an answer names it.
    pub digest: String,
    /// What is asked, in sentences.
    pub text: String,
    /// The loss forecast shown.
    pub forecast: Option<LossForecast>,
    /// When it was asked.
    pub asked_at: Time,
    /// When it expires.
    pub expires_at: Time,
}

impl Question {
    /// The [`super::ANSWER`] to this question, the first one.
    pub fn answer_name(&self) -> String {
        self.name_of(super::ANSWER)
    }

    /// Where it is written down that people were told of it.
    pub fn told_name(&self) -> String {
        self.name_of("approval-told")
    }

    /// Where the token of the Task lies that waits for the answer.
    pub fn token_name(&self) -> String {
        self.name_of("approval-token")
    }

    fn name_of(&self, what: &str) -> String {
        format!("{what}-{}-{}", self.epoch, self.digest)
    }
}

named!(
    /// What a person answered.
    Decision, "a decision" {
        /// Go on.
        Grant => "grant",
        /// Do not.
        Deny => "deny",
    }
);

/// The answer to a question; the first one stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApprovalAnswer {
    /// The question's epoch.
    pub epoch: Epoch,
    /// The question's digest.
    pub digest: String,
    /// The decision.
    pub decision: Decision,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Time,
}
