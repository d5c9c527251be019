//! Tasks that wait for a token.

use crate::support::{Recorder, begin, begin_seeded, states};
use mmdr_states::{Execution, Machine, Status, TokenError, execution_of_token};
use serde_json::{Value, json};
use std::sync::Arc;

fn waiting(fields: Value) -> Arc<Machine> {
    let task = json!({
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "End": true,
        "Parameters": {"FunctionName": "${Ask}", "Payload": {"token.$": "$$.Task.Token", "part": "wait"}}
    });
    states(json!({"a": crate::support::with(task, fields)}))
}

fn asked(machine: &Arc<Machine>) -> (Execution, Recorder, String) {
    let (mut execution, mut host) = (begin(machine, json!({"x": 1})), Recorder::default());
    execution.poll(0, &mut host);
    let token = host.started[0].token.as_ref().unwrap().to_string();
    (execution, host, token)
}

fn failed_with(execution: &Execution) -> &str {
    match execution.status() {
        Status::Failed { error, .. } => error,
        other => panic!("expected a failure, found {other:?}"),
    }
}

#[test]
fn the_token_reaches_the_function_in_its_payload() {
    let (_, host, token) = asked(&waiting(json!({})));
    assert_eq!(host.started[0].payload["token"], json!(token));
    assert_eq!(execution_of_token(&token), Some("execution:machine:run-1"));
}

#[test]
fn what_comes_with_the_token_is_the_result_as_it_is() {
    let (mut execution, mut host, token) = asked(&waiting(json!({})));
    assert_eq!(execution.token_succeeded(&token, json!({"granted": true}), 10), Ok(()));
    execution.poll(10, &mut host);
    assert_eq!(execution.status(), &Status::Succeeded(Arc::new(json!({"granted": true}))));
}

#[test]
fn the_end_of_the_invocation_does_not_end_the_wait() {
    let (mut execution, mut host, token) = asked(&waiting(json!({"ResultPath": null})));
    assert!(execution.task_succeeded(host.started[0].task_id, json!("sent"), 5));
    assert!(!execution.task_succeeded(host.started[0].task_id, json!("again"), 5));
    execution.poll(5, &mut host);
    assert!(execution.is_running());
    assert_eq!(host.events.last().map(|event| event.kind.type_name()), Some("TaskSubmitted".to_owned()));
    execution.token_succeeded(&token, json!("answer"), 6).unwrap();
    execution.poll(6, &mut host);
    assert_eq!(execution.status(), &Status::Succeeded(Arc::new(json!({"x": 1}))));
}

#[test]
fn an_invocation_that_fails_ends_the_wait() {
    let (mut execution, mut host, token) = asked(&waiting(json!({})));
    execution.task_failed(host.started[0].task_id, "Lambda.Unknown", "crashed", 5);
    execution.poll(5, &mut host);
    assert_eq!(failed_with(&execution), "Lambda.Unknown");
    assert_eq!(execution.token_succeeded(&token, json!(1), 6), Err(TokenError::TaskTimedOut));
}

#[test]
fn a_token_can_be_answered_while_the_invocation_still_runs() {
    let (mut execution, mut host, token) = asked(&waiting(json!({})));
    execution.token_succeeded(&token, json!("fast"), 1).unwrap();
    assert!(!execution.task_succeeded(host.started[0].task_id, json!(1), 2));
    execution.poll(2, &mut host);
    assert_eq!(execution.status(), &Status::Succeeded(Arc::new(json!("fast"))));
}

#[test]
fn a_failure_with_the_token_fails_the_task() {
    let (mut execution, mut host, token) = asked(&waiting(json!({})));
    execution.token_failed(&token, "Denied", "by the operator", 5).unwrap();
    execution.poll(5, &mut host);
    assert_eq!(failed_with(&execution), "Denied");
}

#[test]
fn a_token_is_good_for_one_answer() {
    let (mut execution, mut host, token) = asked(&waiting(json!({})));
    execution.token_succeeded(&token, json!(1), 5).unwrap();
    assert_eq!(execution.token_succeeded(&token, json!(2), 5), Err(TokenError::TaskTimedOut));
    execution.poll(5, &mut host);
    assert_eq!(execution.token_failed(&token, "Late", "", 6), Err(TokenError::TaskTimedOut));
    assert_eq!(execution.token_heartbeat(&token, 6), Err(TokenError::TaskTimedOut));
}

#[test]
fn a_token_that_was_never_given_out_is_told_apart_from_nonsense() {
    let (mut execution, _, token) = asked(&waiting(json!({})));
    assert_eq!(execution.token_succeeded("nonsense", json!(1), 1), Err(TokenError::InvalidToken));
    let other_task = token.replacen(":1:", ":77:", 1);
    assert_eq!(execution.token_succeeded(&other_task, json!(1), 1), Err(TokenError::TaskDoesNotExist));
    let other_execution = format!("{token}-other");
    assert_eq!(execution.token_heartbeat(&other_execution, 1), Err(TokenError::TaskDoesNotExist));
}

#[test]
fn a_wait_for_a_token_times_out_and_the_token_dies_with_it() {
    let (mut execution, mut host, token) = asked(&waiting(json!({"TimeoutSeconds": 60})));
    assert_eq!(execution.next_due(), Some(60_000));
    execution.poll(60_000, &mut host);
    assert_eq!(failed_with(&execution), "States.Timeout");
    assert_eq!(execution.token_succeeded(&token, json!(1), 60_000), Err(TokenError::TaskTimedOut));
}

#[test]
fn silence_beyond_the_heartbeat_has_an_error_of_its_own() {
    let (mut execution, mut host, _) = asked(&waiting(json!({"TimeoutSeconds": 60, "HeartbeatSeconds": 20})));
    execution.poll(20_000, &mut host);
    assert_eq!(failed_with(&execution), "States.HeartbeatTimeout");
    assert_eq!(host.abandoned, [host.started[0].task_id]);
}

#[test]
fn heartbeats_keep_a_task_alive_until_its_time_out() {
    let (mut execution, mut host, token) = asked(&waiting(json!({"TimeoutSeconds": 60, "HeartbeatSeconds": 20})));
    for at_ms in [15_000, 30_000, 45_000] {
        execution.poll(at_ms, &mut host);
        assert_eq!(execution.token_heartbeat(&token, at_ms), Ok(()));
    }
    execution.poll(60_000, &mut host);
    assert_eq!(failed_with(&execution), "States.Timeout");
}

#[test]
fn a_catch_for_time_outs_takes_a_missed_heartbeat_as_well() {
    for name in ["States.Timeout", "States.HeartbeatTimeout", "States.ALL"] {
        let mut definition = json!({"StartAt": "a", "States": {"b": {"Type": "Succeed"}, "a": {
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "Next": "b",
            "Parameters": {"FunctionName": "${Ask}", "Payload": {"token.$": "$$.Task.Token"}},
            "TimeoutSeconds": 60, "HeartbeatSeconds": 20
        }}});
        definition["States"]["a"]["Catch"] = json!([{"ErrorEquals": [name], "Next": "b"}]);
        let (mut execution, mut host, _) = asked(&crate::support::machine(&definition));
        execution.poll(20_000, &mut host);
        assert!(matches!(execution.status(), Status::Succeeded(_)), "{name}");
    }
}

#[test]
fn each_attempt_has_a_token_of_its_own_and_the_seed_does_not_change_it() {
    let machine = waiting(json!({"Retry": [{"ErrorEquals": ["Again"], "IntervalSeconds": 1}]}));
    let tokens = |seed| {
        let (mut execution, mut host) = (begin_seeded(&machine, json!({}), seed), Recorder::default());
        execution.poll(0, &mut host);
        let first = host.started[0].token.clone().unwrap();
        execution.token_failed(&first, "Again", "", 0).unwrap();
        execution.poll(1_000, &mut host);
        let second = host.started[1].token.clone().unwrap();
        assert_eq!(execution.token_succeeded(&first, json!(1), 1_000), Err(TokenError::TaskTimedOut));
        assert_eq!(execution.token_succeeded(&second, json!(1), 1_000), Ok(()));
        (first, second)
    };
    assert_ne!(tokens(1).0, tokens(1).1);
    assert_eq!(tokens(1), tokens(2));
}

#[test]
fn the_token_of_a_stopped_execution_is_dead() {
    let (mut execution, mut host, token) = asked(&waiting(json!({})));
    execution.stop("Operator", "", 1, &mut host);
    assert_eq!(execution.token_succeeded(&token, json!(1), 2), Err(TokenError::TaskTimedOut));
}
