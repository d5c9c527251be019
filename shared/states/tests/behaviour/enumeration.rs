//! What can be read off a machine without running it.

use crate::support::machine;
use mmdr_states::{How, Machine, StateKind, substitution_name};
use serde_json::{Value, json};
use std::sync::Arc;

fn definition() -> Value {
    json!({
        "Comment": "an example", "StartAt": "first", "TimeoutSeconds": 7200, "Version": "1.0", "QueryLanguage": "JSONPath",
        "States": {
            "first": {
                "Type": "Task", "Comment": "looks", "Resource": "arn:aws:states:::lambda:invoke", "TimeoutSeconds": 60,
                "Parameters": {"FunctionName": "${SwapFunction}", "Payload": {
                    "run.$": "$.run", "previous.$": "$.previous", "step": "swap-search-leader", "part": "promote-hot"}},
                "OutputPath": "$.Payload", "Next": "both",
                "Retry": [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "MaxAttempts": 2}],
                "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.caught", "Next": "stopped"}]
            },
            "both": {"Type": "Parallel", "Next": "pick", "Branches": [
                {"StartAt": "left", "States": {"left": {"Type": "Task", "Resource": "${LeftArn}", "End": true}}},
                {"StartAt": "right", "States": {"right": {"Type": "Wait", "Seconds": 5, "End": true}}}
            ]},
            "pick": {"Type": "Choice", "Choices": [{"And": [
                {"Variable": "$[0].outcome", "StringEquals": "Already"}, {"Not": {"Variable": "$[1].n", "NumericLessThan": 3}}
            ], "Next": "done"}], "Default": "stopped"},
            "done": {"Type": "Succeed"},
            "stopped": {"Type": "Fail", "Error": "Stopped"}
        }
    })
}

fn example() -> Arc<Machine> {
    machine(&definition())
}

#[test]
fn the_top_level_can_be_read() {
    let machine = example();
    assert_eq!((&**machine.name(), &**machine.start_at(), machine.timeout_s()), ("machine", "first", Some(7_200)));
    assert_eq!(machine.comment().map(|comment| &**comment), Some("an example"));
}

#[test]
fn states_come_in_reading_order_with_those_of_branches_inside() {
    let states: Vec<_> = example().states().collect();
    let names: Vec<&str> = states.iter().map(|state| &*state.name).collect();
    assert_eq!(names, ["first", "both", "left", "right", "pick", "done", "stopped"]);
    let right = &states[3];
    assert_eq!((right.kind, right.ends), (StateKind::Wait, true));
    assert_eq!(right.branch.as_ref().map(|(name, number)| (&**name, *number)), Some(("both", 1)));
    assert_eq!(states[0].comment.as_deref(), Some("looks"));
    let ending: Vec<&str> = states.iter().filter(|state| state.ends).map(|state| &*state.name).collect();
    assert_eq!(ending, ["left", "right", "done", "stopped"]);
}

#[test]
fn tasks_tell_what_they_call_and_how_they_recover() {
    let tasks: Vec<_> = example().tasks().collect();
    assert_eq!(tasks.len(), 2);
    let first = &tasks[0];
    assert_eq!((&*first.state, substitution_name(&first.function)), ("first", "SwapFunction"));
    assert_eq!((first.step.as_deref(), first.part.as_deref()), (Some("swap-search-leader"), Some("promote-hot")));
    assert_eq!((first.timeout_s, first.heartbeat_s), (Some(60), None));
    assert_eq!((first.retry[0].max_attempts, &*first.retry[0].errors[0]), (2, "Lambda.TooManyRequestsException"));
    assert_eq!((&*first.catch[0].next, &*first.catch[0].errors[0]), ("stopped", "States.ALL"));
    assert_eq!((&*tasks[1].function, tasks[1].part.as_deref()), ("${LeftArn}", None));
}

#[test]
fn successors_tell_every_way_onwards() {
    let machine = example();
    let ways = |name: &str| -> Vec<(String, How)> {
        machine.successors(name).into_iter().map(|way| (way.name.to_string(), way.how)).collect()
    };
    assert_eq!(
        ways("first"),
        [("both".into(), How::Next), ("stopped".into(), How::Catch(vec![Arc::from("States.ALL")]))]
    );
    assert_eq!(
        ways("both"),
        [("left".into(), How::Branch(0)), ("right".into(), How::Branch(1)), ("pick".into(), How::Next)]
    );
    let condition = "($[0].outcome = \"Already\") and (not ($[1].n < 3))";
    assert_eq!(ways("pick"), [("done".into(), How::Rule(condition.into())), ("stopped".into(), How::Default)]);
    assert!(ways("done").is_empty() && ways("nowhere").is_empty());
}

#[test]
fn the_picture_is_the_same_for_the_same_definition() {
    assert_eq!(example().to_mermaid(), include_str!("example.mmd"));
}
