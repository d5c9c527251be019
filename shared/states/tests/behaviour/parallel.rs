//! Parallel states.

use crate::support::{Answer, Recorder, begin, run, states, walk, with};
use mmdr_states::Status;
use serde_json::{Value, json};

fn branch(name: &str) -> Value {
    json!({"StartAt": name, "States": {name: {"Type": "Task", "Resource": "${F}", "End": true}}})
}

fn parallel(branches: Value, fields: Value) -> Value {
    with(json!({"Type": "Parallel", "Branches": branches, "End": true}), fields)
}

#[test]
fn every_branch_gets_the_input_and_the_outputs_join_in_the_order_of_the_branches() {
    let machine = states(json!({"a": parallel(json!([branch("slow"), branch("fast")]), json!({}))}));
    let run = run(&machine, json!({"x": 1}), |task| {
        assert_eq!(*task.payload, json!({"x": 1}));
        Answer::Ok(if &*task.state == "slow" { 900 } else { 100 }, json!(&*task.state))
    });
    assert_eq!((run.output(), run.ended_ms), (&json!(["slow", "fast"]), 900));
}

#[test]
fn a_parallel_shapes_its_input_and_its_result() {
    let fields = json!({
        "Parameters": {"y.$": "$.x"}, "ResultSelector": {"first.$": "$[0].y"}, "ResultPath": "$.joined", "OutputPath": "$.joined"
    });
    let pass = json!({"StartAt": "p", "States": {"p": {"Type": "Pass", "End": true}}});
    let machine = states(json!({"a": parallel(json!([pass]), fields)}));
    assert_eq!(walk(&machine, json!({"x": 4})).output(), &json!({"first": 4}));
}

#[test]
fn a_failing_branch_cancels_the_others_and_the_host_is_told() {
    let machine = states(json!({"a": parallel(json!([branch("fails"), branch("runs")]), json!({}))}));
    let run = run(&machine, json!({}), |task| {
        if &*task.state == "fails" { Answer::Err(50, "Broken") } else { Answer::Ok(9_000, json!(1)) }
    });
    assert_eq!((run.error(), run.ended_ms), ("Broken", 50));
    assert_eq!(run.host.abandoned, [run.host.started[1].task_id]);
    let types = run.types();
    let tail: Vec<&str> = types.iter().rev().take(4).rev().map(String::as_str).collect();
    assert_eq!(tail, ["TaskFailed", "TaskStateAborted", "ParallelStateFailed", "ExecutionFailed"]);
}

#[test]
fn a_cancelled_branch_neither_waits_nor_answers_any_more() {
    let waiting = json!({"StartAt": "w", "States": {"w": {"Type": "Wait", "Seconds": 500, "End": true}}});
    let fields = json!({"Catch": [{"ErrorEquals": ["Broken"], "Next": "after"}]});
    let machine = states(json!({
        "a": parallel(json!([branch("fails"), branch("runs"), waiting]), fields),
        "after": {"Type": "Wait", "Seconds": 1, "End": true}
    }));
    let (mut execution, mut host) = (begin(&machine, json!({})), Recorder::default());
    execution.poll(0, &mut host);
    execution.task_failed(host.started[0].task_id, "Broken", "", 10);
    execution.poll(10, &mut host);
    assert!(!execution.task_succeeded(host.started[1].task_id, json!(1), 20));
    assert_eq!(execution.next_due(), Some(1_010));
}

#[test]
fn an_answer_that_was_accepted_is_dropped_when_its_branch_is_cancelled_first() {
    let machine = states(json!({"a": parallel(json!([branch("fails"), branch("runs")]), json!({}))}));
    let (mut execution, mut host) = (begin(&machine, json!({})), Recorder::default());
    execution.poll(0, &mut host);
    execution.task_failed(host.started[0].task_id, "Broken", "", 10);
    assert!(execution.task_succeeded(host.started[1].task_id, json!(1), 10));
    execution.poll(10, &mut host);
    assert!(matches!(execution.status(), Status::Failed { .. }));
}

#[test]
fn a_parallel_catches_the_error_of_its_branch_by_name() {
    let fail = json!({"StartAt": "f", "States": {"f": {"Type": "Fail", "Error": "Broken", "Cause": "why"}}});
    let fields = json!({"Catch": [{"ErrorEquals": ["Broken"], "ResultPath": "$.caught", "Next": "after"}]});
    let machine = states(json!({"a": parallel(json!([fail]), fields), "after": {"Type": "Succeed"}}));
    assert_eq!(
        walk(&machine, json!({"x": 1})).output(),
        &json!({"x": 1, "caught": {"Error": "Broken", "Cause": "why"}})
    );
}

#[test]
fn a_parallel_retries_all_its_branches_from_its_own_input() {
    let fields = json!({"Retry": [{"ErrorEquals": ["Broken"], "IntervalSeconds": 3}]});
    let machine = states(json!({"a": parallel(json!([branch("x"), branch("y")]), fields)}));
    let mut failed = false;
    let run = run(&machine, json!({"in": 1}), |task| {
        assert_eq!(*task.payload, json!({"in": 1}));
        if &*task.state == "x" && !std::mem::replace(&mut failed, true) {
            Answer::Err(10, "Broken")
        } else {
            Answer::Ok(20, json!(&*task.state))
        }
    });
    assert_eq!(run.starts_ms(), [0, 0, 3_010, 3_010]);
    assert_eq!(run.output(), &json!(["x", "y"]));
}

#[test]
fn an_error_caught_inside_a_branch_stays_there() {
    let inner = json!({"StartAt": "try", "States": {
        "try": {"Type": "Task", "Resource": "${F}", "End": true,
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.caught", "Next": "rebuild"}]},
        "rebuild": {"Type": "Pass", "Parameters": {"outcome": "Exhausted"}, "End": true}
    }});
    let machine = states(json!({"a": parallel(json!([branch("good"), inner]), json!({}))}));
    let run = run(&machine, json!({}), |task| {
        if &*task.state == "try" { Answer::Err(1, "Broken") } else { Answer::Ok(500, json!("fine")) }
    });
    assert_eq!(run.output(), &json!(["fine", {"outcome": "Exhausted"}]));
}

#[test]
fn parallels_nest_and_a_failure_inside_cancels_down_to_the_innermost_task() {
    let inner = json!({"StartAt": "in", "States": {"in": parallel(json!([branch("x"), branch("y")]), json!({}))}});
    let machine = states(json!({"a": parallel(json!([inner, branch("fails")]), json!({}))}));
    let run = run(
        &machine,
        json!({}),
        |task| {
            if &*task.state == "fails" { Answer::Err(50, "Broken") } else { Answer::Never }
        },
    );
    assert_eq!(run.error(), "Broken");
    assert_eq!(run.host.abandoned.len(), 2);
    assert_eq!(run.types().iter().filter(|name| *name == "ParallelStateAborted").count(), 1);
}

#[test]
fn nested_outputs_join_level_by_level() {
    let pass = |name: &str| json!({"StartAt": name, "States": {name: {"Type": "Pass", "Result": name, "End": true}}});
    let inner = json!({"StartAt": "in", "States": {"in": parallel(json!([pass("x"), pass("y")]), json!({}))}});
    let machine = states(json!({"a": parallel(json!([inner, pass("z")]), json!({}))}));
    assert_eq!(walk(&machine, json!({})).output(), &json!([["x", "y"], "z"]));
}

#[test]
fn a_runtime_error_in_a_branch_fails_the_execution_past_every_catch() {
    let broken = json!({"StartAt": "p", "States": {"p": {"Type": "Pass", "InputPath": "$.gone", "End": true}}});
    let fields = json!({"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "after"}]});
    let machine = states(json!({"a": parallel(json!([branch("runs"), broken]), fields), "after": {"Type": "Succeed"}}));
    let run = run(&machine, json!({}), |_| Answer::Never);
    assert_eq!((run.error(), run.host.abandoned.len()), ("States.Runtime", 1));
}

#[test]
fn a_succeed_ends_its_branch_only() {
    let early = json!({"StartAt": "s", "States": {"s": {"Type": "Succeed"}}});
    let machine = states(json!({"a": parallel(json!([early, branch("x")]), json!({}))}));
    assert_eq!(run(&machine, json!(5), |_| Answer::Ok(100, json!(6))).output(), &json!([5, 6]));
}

#[test]
fn the_states_that_an_execution_is_in_can_be_asked() {
    let machine = states(json!({"a": parallel(json!([branch("x"), branch("y")]), json!({}))}));
    let mut execution = begin(&machine, json!({}));
    execution.poll(0, &mut Recorder::default());
    let names: Vec<String> = execution.current_states().iter().map(|name| name.to_string()).collect();
    assert_eq!(names, ["a", "x", "y"]);
}
