//! The edge of answer-approval: `{run, decision, reason, digest}` as a person typed it.

use mmdr_core::records::Decision;
use mmdr_core::{RunId, StepError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The fields of an answer.
const FIELDS: [&str; 4] = ["run", "decision", "reason", "digest"];
/// Longest reason, in characters.
const REASON_CHARACTERS: usize = 500;
/// Longest part of a value that a sentence repeats, in characters.
const SHOWN_CHARACTERS: usize = 60;

/// What a person answers, from the console or a command line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The run that asked.
    pub run: RunId,
    /// The decision.
    pub decision: Decision,
    /// Why.
    pub reason: String,
    /// The question that it answers; a grant must name it, so that it grants no other one that took its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

impl Reply {
    /// Reads an answer. Errors: [`StepError::BadInput`] with one sentence per mistake; nothing is written then.
    pub fn parse(input: &Value) -> Result<Self, StepError> {
        let Value::Object(given) = input else {
            let sentence = format!("expected an object with run, decision, reason and digest, found {}", shown(input));
            return Err(bad(&[sentence]));
        };
        let mut mistakes: Vec<String> =
            given.keys().filter(|name| !FIELDS.contains(&name.as_str())).map(|name| unknown(name)).collect();
        let mut text = |field: &str, expected: &str, needed: bool| match given.get(field) {
            Some(Value::String(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            None if !needed => None,
            found => {
                let found = found.map_or_else(|| "nothing".into(), shown);
                mistakes.push(format!("{field}: expected {expected}, found {found}"));
                None
            }
        };
        let run = text("run", "the name of the run that asks", true);
        let decision = text("decision", "grant or deny", true);
        let reason = text("reason", "why, in a few words", true);
        let digest = text("digest", "the digest of the question", false);
        let decision = decision.and_then(|text| decide(&text, &mut mistakes));
        if let Some(reason) = reason.as_ref().filter(|reason| reason.chars().count() > REASON_CHARACTERS) {
            let found = reason.chars().count();
            mistakes.push(format!("reason: expected at most {REASON_CHARACTERS} characters, found {found}"));
        }
        // The forecast may have grown since the notice, and then another question stands. Who denies denies any.
        if decision == Some(Decision::Grant) && digest.is_none() && !given.contains_key("digest") {
            mistakes.push("digest: expected that of the question, as its notice shows it, found nothing".into());
        }
        match (run, decision, reason) {
            (Some(run), Some(decision), Some(reason)) if mistakes.is_empty() => {
                Ok(Self { run: RunId(run), decision, reason, digest })
            }
            _ => Err(bad(&mistakes)),
        }
    }
}

fn decide(text: &str, mistakes: &mut Vec<String>) -> Option<Decision> {
    let plain = text.to_lowercase();
    match Decision::ALL.iter().copied().find(|decision| decision.as_str() == plain) {
        Some(decision) if decision.as_str() == text => Some(decision),
        Some(decision) => {
            mistakes.push(format!("decision: expected it written {decision}, found {text:?}"));
            None
        }
        None => {
            mistakes.push(format!("decision: expected grant or deny, found {}", shown(&Value::from(text))));
            None
        }
    }
}

fn unknown(name: &str) -> String {
    let plain = name.to_lowercase();
    let shown: String = name.chars().take(SHOWN_CHARACTERS).collect();
    if FIELDS.contains(&plain.as_str()) {
        format!("{shown}: expected the field written {plain}, found another spelling")
    } else {
        format!("{shown}: expected one of run, decision, reason and digest, found an unknown field")
    }
}

fn bad(mistakes: &[String]) -> StepError {
    StepError::BadInput(format!("nothing was answered: {}", mistakes.join("; ")))
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => {
            let beginning: String = text.chars().take(SHOWN_CHARACTERS).collect();
            if beginning.len() < text.len() { format!("{beginning:?} and more") } else { format!("{beginning:?}") }
        }
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_from_the_console_is_read() {
        let reply = Reply::parse(&json!({"run": "fo-1", "decision": "deny", "reason": "both on call agree"})).unwrap();
        assert_eq!((reply.run.0.as_str(), reply.decision, reply.digest), ("fo-1", Decision::Deny, None));
    }

    #[test]
    fn each_mistake_in_an_answer_gets_one_sentence() {
        let table = [
            (json!("grant"), "expected an object with run, decision, reason and digest, found \"grant\""),
            (
                json!({"run": "fo-1", "decision": "Grant", "reason": "x"}),
                "decision: expected it written grant, found \"Grant\"",
            ),
            (
                json!({"run": "fo-1", "decision": "grant", "reason": "x"}),
                "digest: expected that of the question, as its notice shows it, found nothing",
            ),
            (
                json!({"run": "fo-1", "decision": "yes", "reason": "x"}),
                "decision: expected grant or deny, found \"yes\"",
            ),
            (json!({"run": "fo-1", "decision": true, "reason": "x"}), "decision: expected grant or deny, found true"),
            (json!({"run": "fo-1", "decision": "deny"}), "reason: expected why, in a few words, found nothing"),
            (
                json!({"run": 7, "decision": "deny", "reason": "x"}),
                "run: expected the name of the run that asks, found 7",
            ),
            (
                json!({"Run": "fo-1", "run": "fo-1", "decision": "deny", "reason": "x"}),
                "Run: expected the field written run, found another spelling",
            ),
            (
                json!({"run": "fo-1", "decision": "deny", "reason": "x", "force": true}),
                "force: expected one of run, decision, reason and digest, found an unknown field",
            ),
        ];
        for (input, sentence) in table {
            let error = Reply::parse(&input).unwrap_err();
            assert_eq!((error.name(), error.to_string()), ("Dr.BadInput", format!("nothing was answered: {sentence}")));
        }
    }
}
