//! Pass, Succeed, Fail, Wait and the order of events.

use crate::support::{Answer, Recorder, begin, machine, run, states, task, walk};
use mmdr_states::Status;
use serde_json::json;

#[test]
fn a_pass_hands_its_input_on() {
    let machine = states(json!({"a": {"Type": "Pass", "End": true}}));
    assert_eq!(walk(&machine, json!({"x": [1, 2]})).output(), &json!({"x": [1, 2]}));
}

#[test]
fn a_pass_with_a_result_puts_it_where_its_result_path_says() {
    let machine = states(json!({"a": {"Type": "Pass", "Result": {"y": 2}, "ResultPath": "$.made.here", "End": true}}));
    assert_eq!(walk(&machine, json!({"x": 1})).output(), &json!({"x": 1, "made": {"here": {"y": 2}}}));
}

#[test]
fn keys_that_end_in_a_path_mark_are_plain_data_inside_a_result() {
    let machine = states(json!({"a": {"Type": "Pass", "Result": {"y.$": "$.x"}, "End": true}}));
    assert_eq!(walk(&machine, json!({"x": 1})).output(), &json!({"y.$": "$.x"}));
}

#[test]
fn succeed_ends_the_execution_with_what_its_paths_select() {
    let machine = states(json!({"a": {"Type": "Succeed", "InputPath": "$.x", "OutputPath": "$.y"}}));
    assert_eq!(walk(&machine, json!({"x": {"y": 3}})).output(), &json!(3));
}

#[test]
fn fail_ends_the_execution_with_its_error_and_cause() {
    let machine = states(json!({"a": {"Type": "Fail", "Error": "NotToday", "Cause": "closed"}}));
    let run = walk(&machine, json!({}));
    assert_eq!((run.error(), run.cause()), ("NotToday", "closed"));
    assert_eq!(run.types(), ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]);
}

#[test]
fn fail_takes_error_and_cause_from_its_input_where_paths_say_so() {
    let machine = states(json!({"a": {"Type": "Fail", "ErrorPath": "$.e", "CausePath": "$$.State.Name"}}));
    let run = walk(&machine, json!({"e": "FromInput"}));
    assert_eq!((run.error(), run.cause()), ("FromInput", "a"));
}

#[test]
fn an_error_path_that_leads_to_no_text_is_a_runtime_error() {
    let machine = states(json!({"a": {"Type": "Fail", "ErrorPath": "$.e"}}));
    assert_eq!(walk(&machine, json!({"e": 5})).error(), "States.Runtime");
}

#[test]
fn a_wait_lets_exactly_its_seconds_pass() {
    let machine = states(json!({"a": {"Type": "Wait", "Seconds": 90, "Next": "b"}, "b": {"Type": "Succeed"}}));
    let run = walk(&machine, json!({"x": 1}));
    assert_eq!((run.ended_ms, run.output()), (90_000, &json!({"x": 1})));
}

#[test]
fn a_wait_of_no_seconds_goes_on_in_the_same_poll() {
    let machine = states(json!({"a": {"Type": "Wait", "Seconds": 0, "End": true}}));
    let mut execution = begin(&machine, json!(1));
    execution.poll(0, &mut Recorder::default());
    assert!(matches!(execution.status(), Status::Succeeded(_)));
}

#[test]
fn a_wait_takes_its_seconds_from_its_effective_input() {
    let machine = states(json!({
        "a": {"Type": "Wait", "InputPath": "$.inner", "SecondsPath": "$.look_again_s", "OutputPath": "$.keep", "End": true}
    }));
    let run = walk(&machine, json!({"inner": {"look_again_s": 15, "keep": "k"}}));
    assert_eq!((run.ended_ms, run.output()), (15_000, &json!("k")));
}

#[test]
fn seconds_that_are_missing_negative_or_no_whole_number_are_a_runtime_error() {
    let machine = states(json!({"a": {"Type": "Wait", "SecondsPath": "$.s", "End": true}}));
    for input in [json!({}), json!({"s": -1}), json!({"s": 1.5}), json!({"s": "1"}), json!({"s": 1_u64 << 40})] {
        assert_eq!(walk(&machine, input).error(), "States.Runtime");
    }
}

#[test]
fn events_come_in_the_order_and_with_the_types_of_aws() {
    let machine = states(json!({
        "a": task("b"),
        "b": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": true, "Next": "c"}], "Default": "d"},
        "c": {"Type": "Succeed"},
        "d": {"Type": "Fail", "Error": "No"}
    }));
    let run = run(&machine, json!({}), |_| Answer::Ok(5, json!({"x": 1})));
    assert_eq!(
        run.types(),
        [
            "ExecutionStarted",
            "TaskStateEntered",
            "TaskScheduled",
            "TaskStarted",
            "TaskSucceeded",
            "TaskStateExited",
            "ChoiceStateEntered",
            "ChoiceStateExited",
            "SucceedStateEntered",
            "SucceedStateExited",
            "ExecutionSucceeded"
        ]
    );
    let ids: Vec<u32> = run.host.events.iter().map(|event| event.id).collect();
    assert_eq!(ids, (1..=11).collect::<Vec<u32>>());
}

#[test]
fn a_machine_may_loop_through_a_wait_until_its_task_says_enough() {
    let machine = machine(&json!({
        "StartAt": "look",
        "States": {
            "look": {"Type": "Task", "Resource": "${Look}", "Next": "enough"},
            "enough": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.outcome", "StringEquals": "Already", "Next": "done"}],
                "Default": "pause"
            },
            "pause": {"Type": "Wait", "SecondsPath": "$.look_again_s", "Next": "look"},
            "done": {"Type": "Succeed"}
        }
    }));
    let mut looks = 0;
    let run = run(&machine, json!({}), |_| {
        looks += 1;
        let outcome = if looks == 4 { "Already" } else { "Wait" };
        Answer::Ok(100, json!({"outcome": outcome, "look_again_s": 10}))
    });
    assert_eq!((looks, run.ended_ms), (4, 3 * 10_000 + 4 * 100));
}
