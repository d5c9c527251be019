//! Retry and Catch.

use crate::support::{Answer, run, run_seeded, states, task, walk, with};
use mmdr_states::Machine;
use serde_json::{Value, json};
use std::sync::Arc;

/// A task with these fields; `caught` is where a Catch may lead, `done` where success leads.
fn tried(fields: Value) -> Arc<Machine> {
    let mut map = json!({"a": with(task("done"), fields.clone()), "done": {"Type": "Succeed"}});
    if fields.get("Catch").is_some() {
        map["caught"] = json!({"Type": "Pass", "End": true});
    }
    states(map)
}

fn retry(entry: Value) -> Value {
    json!({"Retry": [entry]})
}

fn catch(errors: &[&str]) -> Value {
    json!({"Catch": [{"ErrorEquals": errors, "Next": "caught"}]})
}

#[test]
fn a_retry_backs_off_by_its_rate() {
    let fields = retry(json!({"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 3}));
    let run = run(&tried(fields), json!({}), |_| Answer::Err(0, "Busy"));
    assert_eq!(run.starts_ms(), [0, 2_000, 8_000, 26_000]);
    assert_eq!(run.error(), "Busy");
}

#[test]
fn a_retry_without_numbers_tries_three_times_more_after_one_two_and_four_seconds() {
    let run = run(&tried(retry(json!({"ErrorEquals": ["Busy"]}))), json!({}), |_| Answer::Err(0, "Busy"));
    assert_eq!(run.starts_ms(), [0, 1_000, 3_000, 7_000]);
}

#[test]
fn a_retry_delay_grows_no_further_than_its_maximum() {
    let entry = json!({"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "MaxDelaySeconds": 5, "MaxAttempts": 4});
    let run = run(&tried(retry(entry)), json!({}), |_| Answer::Err(0, "Busy"));
    assert_eq!(run.starts_ms(), [0, 2_000, 6_000, 11_000, 16_000]);
}

#[test]
fn a_retry_of_no_attempts_never_retries() {
    let entry = json!({"ErrorEquals": ["Fatal"], "MaxAttempts": 0});
    assert_eq!(run(&tried(retry(entry)), json!({}), |_| Answer::Err(0, "Fatal")).starts_ms(), [0]);
}

#[test]
fn each_retry_entry_counts_its_own_attempts() {
    let fields = json!({"Retry": [
        {"ErrorEquals": ["A", "B"], "IntervalSeconds": 1, "BackoffRate": 2, "MaxAttempts": 2},
        {"ErrorEquals": ["C"], "IntervalSeconds": 5}
    ], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "caught"}]});
    let mut errors = ["A", "B", "C", "B"].into_iter();
    let run = run(&tried(fields), json!({}), |_| errors.next().map_or(Answer::Never, |error| Answer::Err(0, error)));
    assert_eq!(run.starts_ms(), [0, 1_000, 3_000, 8_000]);
    assert_eq!(run.output()["Error"], "B");
}

#[test]
fn attempts_are_numbered_from_one_and_the_context_counts_retries() {
    let fields = json!({
        "Parameters": {"retries.$": "$$.State.RetryCount"},
        "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 2}]
    });
    let run = run(&tried(fields), json!({}), |_| Answer::Err(0, "Busy"));
    let seen: Vec<_> = run.host.started.iter().map(|task| (task.attempt, task.payload["retries"].clone())).collect();
    assert_eq!(seen, [(1, json!(0)), (2, json!(1)), (3, json!(2))]);
}

#[test]
fn a_state_that_is_entered_again_has_all_its_attempts_again() {
    let machine = states(json!({
        "a": with(task("more"), retry(json!({"ErrorEquals": ["Busy"], "MaxAttempts": 1}))),
        "more": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericLessThan": 4, "Next": "a"}], "Default": "done"},
        "done": {"Type": "Succeed"}
    }));
    let mut calls = 0;
    let run = run(&machine, json!({}), |_| {
        calls += 1;
        if calls % 2 == 1 { Answer::Err(0, "Busy") } else { Answer::Ok(0, json!(calls)) }
    });
    assert_eq!((run.output(), run.starts_ms()), (&json!(4), vec![0, 1_000, 1_000, 2_000]));
}

#[test]
fn a_retry_enters_its_state_only_once() {
    let run = run(&tried(retry(json!({"ErrorEquals": ["Busy"]}))), json!({}), |task| {
        if task.attempt == 1 { Answer::Err(0, "Busy") } else { Answer::Ok(0, json!({})) }
    });
    assert_eq!(run.entered(), ["a", "done"]);
    assert_eq!(run.types().iter().filter(|name| *name == "TaskScheduled").count(), 2);
}

#[test]
fn full_jitter_stays_below_the_delay_and_follows_the_seed() {
    let entry = json!({"ErrorEquals": ["Busy"], "IntervalSeconds": 10, "BackoffRate": 1, "MaxAttempts": 20, "JitterStrategy": "FULL"});
    let machine = tried(retry(entry));
    let starts = |seed| run_seeded(&machine, json!({}), seed, |_| Answer::Err(0, "Busy")).starts_ms();
    assert!(starts(1).windows(2).all(|pair| (0..=10_000).contains(&(pair[1] - pair[0]))));
    assert_eq!(starts(1), starts(1));
    assert_ne!(starts(1), starts(2));
}

#[test]
fn a_catch_replaces_the_input_by_error_and_cause() {
    let run = run(&tried(catch(&["Busy"])), json!({"x": 1}), |_| Answer::Err(0, "Busy"));
    assert_eq!(run.output(), &json!({"Error": "Busy", "Cause": "it said so"}));
    assert_eq!(run.entered(), ["a", "caught"]);
}

#[test]
fn a_catch_with_a_result_path_keeps_the_input_as_it_came() {
    let fields = json!({
        "InputPath": "$.inner",
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.caught", "Next": "caught"}]
    });
    let run = run(&tried(fields), json!({"inner": {}, "run": 3}), |_| Answer::Err(0, "Busy"));
    assert_eq!(run.output()["caught"]["Error"], "Busy");
    assert_eq!(run.output()["run"], 3);
}

#[test]
fn a_catch_with_a_null_result_path_drops_the_error() {
    let fields = json!({"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": "caught"}]});
    assert_eq!(run(&tried(fields), json!({"x": 1}), |_| Answer::Err(0, "Busy")).output(), &json!({"x": 1}));
}

#[test]
fn the_first_catch_that_names_the_error_takes_it() {
    let machine = states(json!({
        "a": with(task("done"), json!({"Catch": [
            {"ErrorEquals": ["A"], "Next": "one"}, {"ErrorEquals": ["B", "A"], "Next": "two"},
            {"ErrorEquals": ["States.ALL"], "Next": "other"}
        ]})),
        "done": {"Type": "Succeed"}, "one": {"Type": "Succeed"}, "two": {"Type": "Succeed"}, "other": {"Type": "Succeed"}
    }));
    for (error, target) in [("A", "one"), ("B", "two"), ("C", "other")] {
        assert_eq!(run(&machine, json!({}), |_| Answer::Err(0, error)).entered(), ["a", target]);
    }
}

#[test]
fn a_catch_takes_over_only_when_the_retries_are_used_up() {
    let fields = json!({
        "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "caught"}]
    });
    let run = run(&tried(fields), json!({}), |_| Answer::Err(0, "Busy"));
    assert_eq!((run.starts_ms(), run.entered()), (vec![0, 1_000], vec!["a", "caught"]));
}

#[test]
fn names_of_errors_must_match_exactly() {
    assert_eq!(run(&tried(catch(&["busy"])), json!({}), |_| Answer::Err(0, "Busy")).error(), "Busy");
}

#[test]
fn task_failed_matches_any_error_but_a_time_out() {
    let fields = with(catch(&["States.TaskFailed"]), json!({"TimeoutSeconds": 5}));
    let machine = tried(fields);
    assert_eq!(run(&machine, json!({}), |_| Answer::Err(0, "Anything")).entered(), ["a", "caught"]);
    assert_eq!(run(&machine, json!({}), |_| Answer::Never).error(), "States.Timeout");
}

#[test]
fn a_missing_path_in_parameters_is_neither_retried_nor_caught() {
    let fields = json!({
        "Parameters": {"x.$": "$.gone"},
        "Retry": [{"ErrorEquals": ["States.ALL"]}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "caught"}]
    });
    let run = walk(&tried(fields), json!({}));
    assert_eq!((run.error(), run.ended_ms), ("States.ParameterPathFailure", 0));
}

#[test]
fn a_runtime_error_is_neither_retried_nor_caught() {
    let fields = json!({
        "InputPath": "$.gone",
        "Retry": [{"ErrorEquals": ["States.ALL"]}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "caught"}]
    });
    assert_eq!(walk(&tried(fields), json!({})).error(), "States.Runtime");
}

#[test]
fn a_result_path_that_does_not_fit_can_be_caught() {
    let fields = with(catch(&["States.ResultPathMatchFailure"]), json!({"ResultPath": "$.x.y"}));
    let run = run(&tried(fields), json!({"x": 1}), |_| Answer::Ok(0, json!(2)));
    assert_eq!(run.output()["Error"], "States.ResultPathMatchFailure");
}

#[test]
fn a_catch_whose_result_path_does_not_fit_fails_with_that() {
    let fields = json!({"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.x.y", "Next": "caught"}]});
    let run = run(&tried(fields), json!({"x": 1}), |_| Answer::Err(0, "Busy"));
    assert_eq!(run.error(), "States.ResultPathMatchFailure");
}
