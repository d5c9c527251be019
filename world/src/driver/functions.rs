//! Which handler a function name stands for, and how the world calls it: the same handlers as in the Lambdas.

use std::future::Future;
use std::pin::Pin;

use mmdr_core::{Place, StepName};
use serde_json::Value;

use crate::door::Door;

/// What a function answers: a value, or a stable error name with its cause.
pub type Finished = Result<Value, (String, String)>;

/// `switch-database` as it stands in a template: `SwitchDatabase`.
pub fn pascal_case(step: StepName) -> String {
    let mut text = String::new();
    for word in step.as_str().split('-') {
        let mut letters = word.chars();
        if let Some(first) = letters.next() {
            text.push(first.to_ascii_uppercase());
            text.push_str(letters.as_str());
        }
    }
    text
}

/// The step whose function is called `${SwitchDatabaseFunctionArn}` or the like.
pub(super) fn step_of(function: &str) -> Option<StepName> {
    let name = mmdr_states::substitution_name(function);
    StepName::ALL.iter().copied().find(|step| name.strip_prefix(&pascal_case(*step)).is_some_and(|rest| rest.starts_with("Function")))
}

/// Runs the handler of `step`.
pub(super) fn invoke(step: StepName, _door: Door, _place: Place, _payload: Value) -> Pin<Box<dyn Future<Output = Finished>>> {
    Box::pin(async move { Err(("Lambda.ResourceNotFoundException".to_owned(), format!("{step} is not wired"))) })
}

/// One line for the transcript.
pub(super) fn sentence_of(answer: &Value, region: &str) -> String {
    let previous = &answer["previous"];
    let text = |field: &str| previous.get(field).and_then(Value::as_str).unwrap_or("");
    let part = text("part");
    let name = if part == "whole" { text("step").to_owned() } else { format!("{}: {part}", text("step")) };
    format!("[{region}] {name}: {} ({})", text("sentence"), text("outcome"))
}
