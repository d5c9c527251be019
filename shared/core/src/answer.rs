//! What goes into a Task and what comes back.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::{Assumption, Outcome, StepName, Ticket, Time, Whole};

/// What the state machine hands to a Task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payload {
    /// The run's ticket; for the first step of a machine the start input, not yet checked.
    pub run: Value,
    /// What the step before answered.
    #[serde(default)]
    pub previous: Option<Previous>,
    /// Which occurrence of the step this is.
    pub part: String,
    /// The execution's ARN; only open-run gets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution: Option<String>,
    /// The task token, where the state waits for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

impl Payload {
    /// The payload of a standing duty, which no machine calls: no run, nothing before, the whole step.
    pub fn standing() -> Self {
        Self { run: Value::Null, previous: None, part: Whole.to_string(), execution: None, token: None }
    }
}

/// The last look: small, and the only thing that a Choice looks at. Evidence never travels in state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Previous {
    /// The step.
    pub step: StepName,
    /// The part.
    pub part: String,
    /// The outcome.
    pub outcome: Outcome,
    /// Name of the action, reason to wait, or reason to stop; empty for `Already`.
    pub code: String,
    /// One sentence for a person.
    pub sentence: String,
    /// How often this step and part has looked in a row, this look included.
    pub looks: u32,
    /// When it first looked.
    pub first_look_at: Time,
    /// Seconds until the next look.
    pub look_again_s: u32,
    /// What the last act left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Value>,
}

impl Previous {
    /// Most that a look may add to the machine's state, in bytes.
    pub const BYTES: usize = 4_096;

    /// As it may travel in state: a long sentence is cut, and a receipt that is too large is left out, since it is only a
    /// hint. The evidence keeps both whole.
    pub fn fitting(mut self) -> Self {
        let size = |it: &Self| serde_json::to_string(it).map_or(0, |text| text.len());
        const LETTERS: usize = 700;
        if size(&self) > Self::BYTES && self.sentence.chars().count() > LETTERS {
            self.sentence = self.sentence.chars().take(LETTERS).chain(['…']).collect();
        }
        if size(&self) > Self::BYTES {
            self.receipt = None;
        }
        self
    }
}

/// What a Task answers: it replaces the machine's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The run.
    pub run: Ticket,
    /// The look that was just made.
    pub previous: Previous,
}

/// One look, kept under the run's prefix in the own Region's ledger bucket. What was looked at stays text: hundreds of
/// looks are written in a run, and one of each part is ever read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Evidence {
    /// The look's summary.
    pub previous: Previous,
    /// When it was made.
    pub at: Time,
    /// The execution that made it.
    pub execution: String,
    /// Everything that was looked at.
    pub observed: Box<RawValue>,
    /// The verdict with all its arguments.
    pub verdict: Box<RawValue>,
    /// Dry run: what was assumed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumed: Vec<Assumption>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_travels_in_state_is_four_kibibytes_at_most() {
        let previous = Previous {
            step: StepName::SwapSearchLeader,
            part: "promote-rest".into(),
            outcome: Outcome::Wait,
            code: "StillBlocked".into(),
            sentence: "öffne ".repeat(2_000),
            looks: 3,
            first_look_at: Time(5),
            look_again_s: 5,
            receipt: Some(serde_json::json!(vec!["posts_2026_11_21"; 500])),
        };
        let fitting = previous.fitting();
        assert!(serde_json::to_string(&fitting).unwrap().len() <= Previous::BYTES);
        assert!(fitting.sentence.starts_with("öffne ") && fitting.receipt.is_none());
    }

    #[test]
    fn evidence_is_read_back_as_it_was_written() {
        let previous = r#"{"step":"flip-dns","part":"whole","outcome":"Already","code":"","sentence":"so","looks":1"#;
        let previous = format!(r#"{previous},"first_look_at":5,"look_again_s":0}}"#);
        let rest = r#""at":5,"execution":"arn","observed":{"now":5},"verdict":"Already""#;
        let text = format!(r#"{{"previous":{previous},{rest}}}"#);
        let evidence: Evidence = serde_json::from_str(&text).unwrap();
        assert_eq!(evidence.observed.get(), r#"{"now":5}"#);
        assert_eq!(serde_json::to_string(&evidence).unwrap(), text);
    }
}
