//! Everything that close-run looks at.

use mmdr_core::ports::LedgerSeen;
use mmdr_core::records::{
    ApprovalAnswer, Backups, Diagnosis, Fencing, HandOverProof, LostMessages, Question, Readiness,
};
use mmdr_core::{Ending, Outcome, Previous, Run, RunLine, Seen, StepName, Time};
use serde::{Deserialize, Serialize};

/// What an act leaves: a hint for the next look.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// People were told.
    #[serde(default)]
    pub told: bool,
    /// Why the other Region's ledger could not be closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_not_closed: Option<String>,
    /// Why the topic refused to tell people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_told: Option<String>,
}

/// One look of another step, as its evidence says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Looked {
    /// The step.
    pub step: StepName,
    /// The part.
    pub part: String,
    /// The outcome.
    pub outcome: Outcome,
    /// The code.
    #[serde(default)]
    pub code: String,
    /// The sentence.
    pub sentence: String,
    /// When this step and part first looked in a row.
    pub first_look_at: Time,
    /// When.
    pub at: Time,
    /// What it saw, as JSON, shortened; kept of the last look of each part only.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub evidence: String,
    /// Where the whole evidence lies.
    #[serde(default)]
    pub key: String,
}

/// The report that is filed already.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Filed {
    /// How the run ended.
    pub ending: Ending,
    /// The notice's subject.
    pub subject: String,
    /// The notice's text.
    pub text: String,
}

/// Everything that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Now.
    pub now: Time,
    /// The own ledger.
    #[serde(default)]
    pub own: Option<LedgerSeen>,
    /// The other Region's ledger.
    pub other: Seen<Option<LedgerSeen>>,
    /// The report, where it is filed; the evidence is not read again then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filed: Option<Filed>,
    /// What the machine's last look before close-run said: a branch that was caught says so here only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Previous>,
    /// Every look of the run, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looks: Vec<Looked>,
    /// Evidence that could not be understood, by key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<String>,
    /// The last diagnosis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<Diagnosis>,
    /// The last question, without its token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
    /// Its answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<ApprovalAnswer>,
    /// How Aurora's fencing ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fencing: Option<Fencing>,
    /// The account that another step made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<LostMessages>,
    /// The hand-over proof of a switchover.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<HandOverProof>,
    /// The findings of check-readiness.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readiness: Option<Readiness>,
    /// The findings of verify-backups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backups: Option<Backups>,
    /// What the last act left.
    #[serde(default)]
    pub receipt: Receipt,
}

impl Observed {
    /// This run's line in the own ledger, where the ledger still names it under its epoch.
    pub fn own_line(&self, run: &Run) -> Option<&RunLine> {
        line(self.own.as_ref(), run)
    }

    /// This run's line in the other ledger.
    pub fn other_line(&self, run: &Run) -> Option<&RunLine> {
        line(self.other.value().and_then(Option::as_ref), run)
    }

    /// The last look of a part.
    pub fn last_look(&self, step: StepName, part: &str) -> Option<&Looked> {
        self.looks.iter().rev().find(|look| look.step == step && look.part == part)
    }

    /// Whether a part's last look says that it is so.
    pub fn is_done(&self, step: StepName, part: &str) -> bool {
        self.last_look(step, part).is_some_and(|look| matches!(look.outcome, Outcome::Already | Outcome::WouldAct))
    }
}

/// Of two claims of one epoch the execution tells whose line it is; a run that was refused at its opening has epoch 0
/// in its ticket and may still hold the line that it claimed.
fn line<'a>(ledger: Option<&'a LedgerSeen>, run: &Run) -> Option<&'a RunLine> {
    let line = ledger?.ledger.run.as_ref()?;
    let same_epoch = run.epoch.0 == 0 || line.epoch == run.epoch;
    (line.id == run.id && line.execution == run.execution && same_epoch).then_some(line)
}
