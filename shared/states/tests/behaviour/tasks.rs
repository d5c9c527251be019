//! Task states without tokens.

use crate::support::{Answer, Recorder, begin, run, states, task, with};
use mmdr_states::{Call, TaskId};
use serde_json::{Value, json};

fn invoke(payload: Value) -> Value {
    json!({
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
        "Parameters": {"FunctionName": "${FlipDnsFunction}", "Payload": payload}
    })
}

#[test]
fn an_invocation_hands_the_function_its_payload_alone() {
    let machine = states(json!({"a": invoke(json!({"run.$": "$.run", "part": "flip"}))}));
    let run = run(&machine, json!({"run": 7, "more": 8}), |_| Answer::Ok(0, json!(null)));
    let task = &run.host.started[0];
    assert_eq!(*task.payload, json!({"run": 7, "part": "flip"}));
    assert_eq!((&*task.function, &*task.state, task.call), ("${FlipDnsFunction}", "a", Call::Invoke));
}

#[test]
fn an_invocation_can_hand_on_its_whole_input() {
    let mut invoke = invoke(json!({}));
    invoke["Parameters"] = json!({"FunctionName": "${F}", "Payload.$": "$"});
    let run = run(&states(json!({"a": invoke})), json!({"all": true}), |_| Answer::Ok(0, json!(null)));
    assert_eq!(*run.host.started[0].payload, json!({"all": true}));
}

#[test]
fn the_result_of_an_invocation_is_wrapped_as_aws_wraps_it() {
    let machine = states(json!({"a": invoke(json!({}))}));
    let run = run(&machine, json!({}), |_| Answer::Ok(0, json!({"x": 1})));
    assert_eq!(run.output()["Payload"], json!({"x": 1}));
    assert_eq!((&run.output()["StatusCode"], &run.output()["ExecutedVersion"]), (&json!(200), &json!("$LATEST")));
    assert!(run.output()["SdkHttpMetadata"].is_object());
}

#[test]
fn an_output_path_unwraps_the_answer_of_an_invocation() {
    let machine = states(json!({"a": with(invoke(json!({})), json!({"OutputPath": "$.Payload"}))}));
    assert_eq!(run(&machine, json!({}), |_| Answer::Ok(0, json!({"x": 1}))).output(), &json!({"x": 1}));
}

#[test]
fn a_result_selector_unwraps_the_answer_of_an_invocation() {
    let fields = json!({"ResultSelector": {"run.$": "$.Payload.run", "code.$": "$.StatusCode"}});
    let machine = states(json!({"a": with(invoke(json!({})), fields)}));
    let run = run(&machine, json!({}), |_| Answer::Ok(0, json!({"run": 4})));
    assert_eq!(run.output(), &json!({"run": 4, "code": 200}));
}

#[test]
fn a_direct_task_gets_its_effective_input_and_its_answer_stays_as_it_is() {
    let machine =
        states(json!({"a": with(task("b"), json!({"Parameters": {"x.$": "$.y"}})), "b": {"Type": "Succeed"}}));
    let run = run(&machine, json!({"y": 2}), |_| Answer::Ok(0, json!("plain")));
    assert_eq!((&*run.host.started[0].payload, run.output()), (&json!({"x": 2}), &json!("plain")));
    assert_eq!(run.host.started[0].call, Call::Direct);
}

#[test]
fn a_function_is_named_by_its_arn_too() {
    let arn = "arn:aws:lambda:eu-central-1:123456789012:function:flip-dns:live";
    let machine = states(json!({"a": {"Type": "Task", "Resource": arn, "End": true}}));
    let run = run(&machine, json!({}), |_| Answer::Ok(0, json!(1)));
    assert_eq!(&*run.host.started[0].function, arn);
}

#[test]
fn a_task_that_fails_uncaught_fails_the_execution_with_its_own_error() {
    let machine = states(json!({"a": task("b"), "b": {"Type": "Succeed"}}));
    let run = run(&machine, json!({}), |_| Answer::Err(10, "Observe.Database"));
    assert_eq!((run.error(), run.cause(), run.ended_ms), ("Observe.Database", "it said so", 10));
    assert!(run.types().contains(&"TaskFailed".to_owned()));
}

#[test]
fn an_answer_takes_effect_at_the_next_poll_and_is_due_at_once() {
    let machine = states(json!({"a": task("b"), "b": {"Type": "Succeed"}}));
    let (mut execution, mut host) = (begin(&machine, json!({})), Recorder::default());
    execution.poll(0, &mut host);
    assert!(execution.task_succeeded(host.started[0].task_id, json!(1), 40));
    assert!(execution.is_running());
    assert_eq!(execution.next_due(), Some(40));
    execution.poll(40, &mut host);
    assert!(!execution.is_running());
}

#[test]
fn a_second_answer_and_an_answer_to_nobody_are_dropped() {
    let machine = states(json!({"a": task("b"), "b": {"Type": "Succeed"}}));
    let (mut execution, mut host) = (begin(&machine, json!({})), Recorder::default());
    assert!(!execution.task_succeeded(TaskId(1), json!(1), 0), "nothing runs before the first poll");
    execution.poll(0, &mut host);
    assert!(!execution.task_succeeded(TaskId(9), json!(1), 0));
    assert!(execution.task_succeeded(host.started[0].task_id, json!(1), 0));
    assert!(!execution.task_failed(host.started[0].task_id, "Late", "", 0));
    execution.poll(0, &mut host);
    assert!(!execution.task_succeeded(host.started[0].task_id, json!(1), 0));
}

#[test]
fn answers_are_worked_on_in_the_order_of_their_times() {
    let branch =
        |name: &str| json!({"StartAt": name, "States": {name: {"Type": "Task", "Resource": "${F}", "End": true}}});
    let machine = states(json!({"a": {"Type": "Parallel", "Branches": [branch("x"), branch("y")], "End": true}}));
    let (mut execution, mut host) = (begin(&machine, json!({})), Recorder::default());
    execution.poll(0, &mut host);
    execution.task_failed(host.started[0].task_id, "Later", "", 20);
    execution.task_failed(host.started[1].task_id, "Sooner", "", 10);
    execution.poll(30, &mut host);
    assert!(matches!(execution.status(), mmdr_states::Status::Failed { error, .. } if &**error == "Sooner"));
}
