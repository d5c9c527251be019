//! The limits of AWS.

use crate::support::{Answer, run, states, task, walk, with};
use mmdr_states::{DATA_LIMIT_BYTES, Execution, HISTORY_LIMIT, Start, StartRefused};
use serde_json::{Value, json};
use std::sync::Arc;

/// A text that measures this many bytes as JSON.
fn text(bytes: usize) -> Value {
    json!("x".repeat(bytes - 2))
}

fn start(name: &str, input: Value) -> Result<Execution, StartRefused> {
    let machine = states(json!({"a": {"Type": "Succeed"}}));
    let start = Start::named(&machine, name, input);
    Execution::start(Arc::clone(&machine), start, 0, 0)
}

#[test]
fn an_input_over_256_kib_starts_nothing() {
    assert!(start("fits", text(DATA_LIMIT_BYTES)).is_ok());
    assert_eq!(start("too-large", text(DATA_LIMIT_BYTES + 1)).err(), Some(StartRefused::InputTooLarge));
}

#[test]
fn a_name_that_aws_would_refuse_or_not_log_starts_nothing() {
    assert!(start(&"n".repeat(80), json!({})).is_ok());
    for name in ["", "a b", "é", "a:b", &"n".repeat(81)] {
        let refused = start(name, json!({})).err().map(|refused| refused.to_string());
        assert!(refused.is_some_and(|sentence| sentence.contains(name)));
    }
}

#[test]
fn a_task_result_over_256_kib_fails_the_task() {
    let machine = states(json!({"a": task("b"), "b": {"Type": "Succeed"}}));
    let fits = run(&machine, json!({}), |_| Answer::Ok(0, text(DATA_LIMIT_BYTES)));
    assert_eq!(fits.output(), &text(DATA_LIMIT_BYTES));
    let exceeds = run(&machine, json!({}), |_| Answer::Ok(0, text(DATA_LIMIT_BYTES + 1)));
    assert_eq!(exceeds.error(), "States.DataLimitExceeded");
}

#[test]
fn an_output_that_grows_over_256_kib_fails_the_state() {
    let machine = states(json!({"a": {"Type": "Pass", "Result": "xxxxxxxxxx", "ResultPath": "$.more", "End": true}}));
    let run = walk(&machine, json!({"much": text(DATA_LIMIT_BYTES - 20)}));
    assert_eq!(run.error(), "States.DataLimitExceeded");
}

#[test]
fn a_payload_that_grows_over_256_kib_fails_the_state() {
    let fields = json!({"Parameters": {"one.$": "$", "two.$": "$"}});
    let machine = states(json!({"a": with(task("b"), fields), "b": {"Type": "Succeed"}}));
    assert_eq!(walk(&machine, json!({"x": text(200_000)})).error(), "States.DataLimitExceeded");
}

#[test]
fn branches_that_join_to_more_than_256_kib_fail_the_parallel() {
    let branch = |name: &str| json!({"StartAt": name, "States": {name: {"Type": "Pass", "End": true}}});
    let machine = states(json!({"a": {"Type": "Parallel", "Branches": [branch("x"), branch("y")], "End": true}}));
    assert_eq!(walk(&machine, text(200_000)).error(), "States.DataLimitExceeded");
}

#[test]
fn too_much_data_is_caught_by_its_own_name_only() {
    for (name, caught) in [("States.ALL", false), ("States.TaskFailed", false), ("States.DataLimitExceeded", true)] {
        let fields = json!({"Catch": [{"ErrorEquals": [name], "Next": "b"}]});
        let machine = states(json!({"a": with(task("b"), fields), "b": {"Type": "Succeed"}}));
        let run = run(&machine, json!({}), |_| Answer::Ok(0, text(DATA_LIMIT_BYTES + 1)));
        assert_eq!(run.entered().contains(&"b"), caught, "{name}");
    }
}

#[test]
fn an_endless_loop_ends_at_the_history_limit() {
    let machine = states(json!({
        "a": {"Type": "Pass", "Next": "b"},
        "b": {"Type": "Choice", "Choices": [{"Variable": "$", "IsPresent": true, "Next": "a"}], "Default": "c"},
        "c": {"Type": "Succeed"}
    }));
    let run = walk(&machine, json!({}));
    assert_eq!((run.error(), run.host.events.len()), ("States.Runtime", HISTORY_LIMIT as usize));
    assert!(run.cause().contains("history events"));
    assert_eq!(run.types().last().map(String::as_str), Some("ExecutionFailed"));
}

#[test]
fn a_polling_loop_that_never_ends_is_stopped_by_the_history_limit_as_well() {
    let machine = states(json!({
        "a": with(task("b"), json!({"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "b"}]})),
        "b": {"Type": "Wait", "Seconds": 10, "Next": "a"}
    }));
    let run = run(&machine, json!({}), |_| Answer::Ok(100, json!({})));
    assert_eq!((run.error(), run.host.events.len()), ("States.Runtime", HISTORY_LIMIT as usize));
}
