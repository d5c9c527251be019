//! Time-outs, and time that the caller owns.

use crate::support::{Answer, Recorder, begin, machine, run, states, task, walk, with};
use mmdr_states::{Execution, Start, Status};
use serde_json::json;
use std::sync::Arc;

#[test]
fn a_task_that_runs_too_long_times_out_and_is_abandoned() {
    let machine = states(json!({"a": with(task("b"), json!({"TimeoutSeconds": 30})), "b": {"Type": "Succeed"}}));
    let run = run(&machine, json!({}), |_| Answer::Never);
    assert_eq!((run.error(), run.ended_ms), ("States.Timeout", 30_000));
    assert_eq!(run.host.abandoned, [run.host.started[0].task_id]);
    assert!(run.types().contains(&"TaskTimedOut".to_owned()));
}

#[test]
fn a_time_out_can_be_retried_and_each_attempt_has_its_whole_time() {
    let fields = json!({"TimeoutSeconds": 10, "Retry": [{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1}]});
    let machine = states(json!({"a": with(task("b"), fields), "b": {"Type": "Succeed"}}));
    let run =
        run(&machine, json!({}), |task| if task.attempt == 1 { Answer::Never } else { Answer::Ok(9_000, json!(1)) });
    assert_eq!((run.output(), run.ended_ms), (&json!(1), 20_000));
}

#[test]
fn an_answer_at_the_moment_of_the_time_out_comes_too_late() {
    let machine = states(json!({"a": with(task("b"), json!({"TimeoutSeconds": 10})), "b": {"Type": "Succeed"}}));
    let (mut execution, mut host) = (begin(&machine, json!({})), Recorder::default());
    execution.poll(0, &mut host);
    assert!(!execution.task_succeeded(host.started[0].task_id, json!(1), 10_000));
    execution.poll(10_000, &mut host);
    assert!(matches!(execution.status(), Status::Failed { .. }));
}

#[test]
fn a_machine_that_runs_too_long_times_out_as_a_whole() {
    let machine = machine(&json!({
        "StartAt": "a", "TimeoutSeconds": 60,
        "States": {"a": with(task("b"), json!({"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "b"}]})), "b": {"Type": "Succeed"}}
    }));
    let run = run(&machine, json!({}), |_| Answer::Never);
    assert_eq!((&run.status, run.ended_ms), (&Status::TimedOut, 60_000));
    assert_eq!(run.types().last().map(String::as_str), Some("ExecutionTimedOut"));
    assert_eq!(run.host.abandoned.len(), 1);
}

#[test]
fn no_execution_outlives_a_year() {
    let machine = states(json!({"a": task("b"), "b": {"Type": "Succeed"}}));
    let run = run(&machine, json!({}), |_| Answer::Never);
    assert_eq!((&run.status, run.ended_ms), (&Status::TimedOut, 365 * 86_400_000));
}

#[test]
fn a_late_poll_does_each_thing_at_its_own_time() {
    let machine = states(json!({
        "a": {"Type": "Wait", "Seconds": 10, "Next": "b"}, "b": {"Type": "Wait", "Seconds": 10, "Next": "c"}, "c": task("d"),
        "d": {"Type": "Succeed"}
    }));
    let (mut execution, mut host) = (begin(&machine, json!({})), Recorder::default());
    execution.poll(500_000, &mut host);
    assert_eq!((host.started[0].started_ms, host.started[0].entered_ms), (20_000, 20_000));
}

#[test]
fn nothing_happens_before_something_is_due() {
    let machine = states(json!({"a": {"Type": "Wait", "Seconds": 10, "Next": "b"}, "b": {"Type": "Succeed"}}));
    let (mut execution, mut host) = (begin(&machine, json!({})), Recorder::default());
    assert_eq!(execution.next_due(), Some(0));
    execution.poll(0, &mut host);
    let events = host.events.len();
    execution.poll(9_999, &mut host);
    assert_eq!((host.events.len(), execution.next_due()), (events, Some(10_000)));
    execution.poll(10_000, &mut host);
    assert_eq!(execution.next_due(), None);
}

#[test]
fn an_execution_that_starts_later_is_not_entered_before() {
    let machine = states(json!({"a": {"Type": "Succeed"}}));
    let start = Start::named(&machine, "later", json!({}));
    let mut execution = Execution::start(Arc::clone(&machine), start, 5_000, 0).unwrap();
    let mut host = Recorder::default();
    execution.poll(4_999, &mut host);
    assert!(host.events.is_empty());
    execution.poll(5_000, &mut host);
    assert!(!execution.is_running());
}

#[test]
fn stopping_aborts_the_execution_and_abandons_its_tasks() {
    let machine = states(json!({"a": task("b"), "b": {"Type": "Succeed"}}));
    let (mut execution, mut host) = (begin(&machine, json!({})), Recorder::default());
    execution.poll(0, &mut host);
    execution.stop("Operator", "changed my mind", 70, &mut host);
    assert!(matches!(execution.status(), Status::Aborted { error, cause }
        if &**error == "Operator" && &**cause == "changed my mind"));
    assert_eq!(host.abandoned, [host.started[0].task_id]);
    let names: Vec<String> = host.events.iter().rev().take(2).map(|event| event.kind.type_name()).collect();
    assert_eq!(names, ["ExecutionAborted", "TaskStateAborted"]);
    assert_eq!(host.events.last().map(|event| event.at_ms), Some(70));
}

#[test]
fn an_execution_that_has_ended_cannot_be_stopped_or_answered() {
    let machine = states(json!({"a": {"Type": "Succeed"}}));
    let (mut execution, mut host) = (begin(&machine, json!(1)), Recorder::default());
    execution.poll(0, &mut host);
    execution.stop("Operator", "", 1, &mut host);
    assert!(matches!(execution.status(), Status::Succeeded(_)));
    let events = host.events.len();
    execution.poll(2, &mut host);
    assert_eq!(host.events.len(), events);
}

#[test]
fn a_wait_in_seconds_counts_from_when_it_was_entered() {
    let machine = states(json!({
        "a": {"Type": "Wait", "Seconds": 1, "Next": "b"}, "b": {"Type": "Wait", "Seconds": 2, "Next": "c"}, "c": {"Type": "Succeed"}
    }));
    assert_eq!(walk(&machine, json!({})).ended_ms, 3_000);
}
