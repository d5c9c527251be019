//! The report's model. It is stored as JSON under the run's prefix; every list has the order in which people read it.

use mmdr_core::records::{ApprovalAnswer, Diagnosis, LostMessages, Question};
use mmdr_core::{Ending, Epoch, Kind, Outcome, Region, RunId, StartedBy, StepName, Time};
use serde::{Deserialize, Serialize};

/// Everything about one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// The Deployment.
    pub deployment: String,
    /// The run.
    pub run: RunId,
    /// What it did.
    pub kind: Kind,
    /// The Region that was left, or that protects.
    pub from: Region,
    /// The Region in which it ran.
    pub to: Region,
    /// Its epoch; 0 where it took none.
    pub epoch: Epoch,
    /// Who started it.
    pub by: StartedBy,
    /// Why.
    pub reason: String,
    /// Whether it changed nothing.
    pub dry_run: bool,
    /// The run that it continued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumes: Option<RunId>,
    /// When it was opened.
    pub opened_at: Time,
    /// When the report was made.
    pub closed_at: Time,
    /// How it ended.
    pub ending: Ending,
    /// How it ended, in one sentence.
    pub sentence: String,
    /// The figures that people ask for first.
    pub headline: Headline,
    /// What somebody must look at.
    pub findings: Vec<String>,
    /// Every part of the machine, in its order, whether it left evidence or not.
    pub parts: Vec<PartReport>,
    /// The last diagnosis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<Diagnosis>,
    /// What was asked and answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// The lost-message account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<LostMessages>,
}

/// The figures that people ask for first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Headline {
    /// Milliseconds from the opening until the public name served from the target Region; none where it never did.
    pub recovered_in_ms: Option<i64>,
    /// The same time, split by the parts on its critical path; the shares add up to the whole.
    pub split: Vec<Share>,
    /// At least so many seconds of writes were lost; none where nobody knows or nothing could be lost.
    pub loss_at_least_s: Option<i64>,
    /// Where the rows lie that did not arrive.
    pub kept_in: Option<String>,
    /// Why two writers are possible, where they are.
    pub two_writers: Option<String>,
}

/// One part's share of the time to recover.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// The step.
    pub step: StepName,
    /// The part.
    pub part: String,
    /// Milliseconds until the next part on the critical path began.
    pub ms: i64,
}

/// How one part of the machine answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartAnswer {
    /// It is so.
    Done,
    /// Dry run: it would act.
    WouldAct,
    /// It refused, or its bound was reached.
    Stopped,
    /// Its last look asked for another one, which never came.
    Unfinished,
    /// It left no evidence.
    DidNotAnswer,
    /// It left no evidence and was not needed: nothing was asked or called off, or the run ended before it.
    NotNeeded,
}

/// One part of the machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartReport {
    /// The step.
    pub step: StepName,
    /// The part.
    pub part: String,
    /// How it answered.
    pub answer: PartAnswer,
    /// What its last look said.
    pub sentence: String,
    /// When it first looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Time>,
    /// When it last looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Time>,
    /// Whether the time to recover depended on it.
    #[serde(default)]
    pub critical: bool,
    /// Its looks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trail: Vec<Trail>,
    /// What its last look saw, as JSON, shortened where it is long.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub evidence: String,
    /// Where the whole evidence of its last look lies.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub evidence_key: String,
}

/// One look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trail {
    /// When.
    pub at: Time,
    /// Its outcome.
    pub outcome: Outcome,
    /// Its sentence.
    pub sentence: String,
}

/// What was asked and answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// The last question; its token is left out.
    pub question: Question,
    /// Its answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<ApprovalAnswer>,
}

impl PartReport {
    /// The part's name in the machine: the step alone where it occurs once.
    pub fn name(&self) -> String {
        self.step.task(&self.part)
    }

    /// Milliseconds between its first and last look.
    pub fn lasted_ms(&self) -> Option<i64> {
        Some(self.ended_at?.since_ms(self.started_at?))
    }
}

impl Share {
    /// The part's name in the machine.
    pub fn name(&self) -> String {
        self.step.task(&self.part)
    }
}

impl RunReport {
    /// The parts that had to leave evidence and left none.
    pub fn did_not_answer(&self) -> impl Iterator<Item = &PartReport> {
        self.parts.iter().filter(|part| part.answer == PartAnswer::DidNotAnswer)
    }
}
