//! What every definition keeps to, read off its text.

use std::collections::BTreeSet;

use close_run::{When, parts_of};
use mmdr_core::{Kind, LONGEST_FUNCTION_S, LONGEST_RUN_S, Outcome, Previous, StepError, StepName, codes};
use serde_json::{Value, json};

use crate::files::{File, MACHINES, StateText, files, folder};
use crate::stories::{CALL_OFF, OUTSIDE_THE_STORY};

const INVOKE: &str = "arn:aws:states:::lambda:invoke";
const FOR_TOKEN: &str = "arn:aws:states:::lambda:invoke.waitForTaskToken";
/// Errors after which a step may simply run again: nothing was decided, or nobody knows, and every step looks first.
const SAFE_TO_RETRY: [&str; 14] = [
    "Dr.OutOfTime",
    "Dr.ReadFailed",
    "Dr.RecordFailed",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    // A function in a VPC that nobody has called for weeks is inactive, and its first call only wakes it (Lambda, function states).
    "Lambda.ResourceNotReadyException",
    "Lambda.ENINotReadyException",
    "Lambda.ResourceConflictException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
    "States.Timeout",
];

fn waits_for_token(task: &StateText) -> bool {
    task.text("Resource") == FOR_TOKEN
}

fn payload(task: &StateText) -> &Value {
    &task.fields["Parameters"]["Payload"]
}

/// The step that a Task's function stands for: `${SwitchDatabaseFunctionArn}`.
fn step(task: &StateText) -> StepName {
    let function = task.fields["Parameters"]["FunctionName"].as_str().unwrap_or_default();
    let pascal = |step: &StepName| -> String {
        let words = step.as_str().split('-').map(|word| word[..1].to_uppercase() + &word[1..]);
        words.collect()
    };
    let found = StepName::ALL.iter().find(|step| format!("${{{}FunctionArn}}", pascal(step)) == function);
    *found.unwrap_or_else(|| panic!("{}: no step is called {function}", task.name))
}

fn each_task(check: impl Fn(&File, &StateText)) {
    for file in files() {
        file.tasks().iter().for_each(|task| check(&file, task));
    }
}

#[test]
fn every_definition_in_the_folder_is_known_to_these_tests() {
    let found: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .filter_map(|entry| Some(entry.unwrap().file_name().to_str()?.strip_suffix(".asl.json")?.to_owned()))
        .collect();
    assert_eq!(found, MACHINES.map(str::to_owned).into());
}

#[test]
fn every_machine_and_every_state_says_what_it_is_for() {
    for file in files() {
        assert!(file.machine.comment().is_some(), "{}", file.name);
        for state in file.states() {
            assert!(state.text("Comment").ends_with(['.', '?']), "{}: {} has no sentence", file.name, state.name);
        }
    }
}

#[test]
fn every_machine_has_an_end_in_time() {
    for file in files() {
        assert!(
            file.machine.timeout_s().is_some_and(|timeout_s| i64::from(timeout_s) <= LONGEST_RUN_S),
            "{}",
            file.name
        );
    }
}

#[test]
fn a_task_is_named_after_its_step_and_part_and_calls_that_function() {
    each_task(|file, task| {
        let part = payload(task)["part"].as_str().unwrap();
        let name = step(task).task(part);
        let again = format!("{name} again");
        assert!(task.name == name || task.name == again, "{}: {} is {name}", file.name, task.name);
        assert!(task.name == name || file.tasks().iter().any(|other| other.name == name), "{again} repeats nothing");
    });
}

#[test]
fn a_task_hands_over_run_previous_and_part_and_nothing_else() {
    each_task(|file, task| {
        let mut expected = json!({"run.$": "$.run", "previous.$": "$.previous", "part": payload(task)["part"]});
        if task.name == "open-run" {
            expected["execution.$"] = "$$.Execution.Id".into();
        }
        if waits_for_token(task) {
            expected["token.$"] = "$$.Task.Token".into();
        }
        assert_eq!(payload(task), &expected, "{}: {}", file.name, task.name);
    });
}

#[test]
fn a_tasks_answer_replaces_the_state_except_where_only_a_token_is_awaited() {
    each_task(|file, task| {
        let place = format!("{}: {}", file.name, task.name);
        if waits_for_token(task) {
            assert_eq!(task.name, "request-approval: wait", "{place}");
            assert_eq!(task.fields.get("ResultPath"), Some(&Value::Null), "{place}");
        } else {
            assert_eq!(task.text("Resource"), INVOKE, "{place}");
            assert_eq!(task.text("OutputPath"), "$.Payload", "{place}");
            assert!(task.fields.get("ResultPath").is_none(), "{place}");
        }
    });
}

#[test]
fn a_task_waits_longer_than_its_function_runs() {
    each_task(|file, task| {
        let timeout_s = task.fields["TimeoutSeconds"].as_i64().unwrap_or(0);
        assert!(timeout_s > LONGEST_FUNCTION_S, "{}: {}", file.name, task.name);
    });
}

#[test]
fn a_task_is_retried_on_safe_errors_only_a_bounded_number_of_times_and_spread_out() {
    let own: BTreeSet<&str> = SAFE_TO_RETRY.into_iter().filter(|name| name.starts_with("Dr.")).collect();
    assert_eq!(own, StepError::RETRYABLE.iter().copied().collect());
    each_task(|file, task| {
        let place = format!("{}: {}", file.name, task.name);
        let retriers = task.fields["Retry"].as_array().unwrap();
        assert!(!retriers.is_empty(), "{place}");
        for retrier in retriers {
            for error in retrier["ErrorEquals"].as_array().unwrap() {
                assert!(SAFE_TO_RETRY.contains(&error.as_str().unwrap()), "{place}: {error}");
            }
            assert!((1..=10).contains(&retrier["MaxAttempts"].as_u64().unwrap()), "{place}");
            assert!(retrier["BackoffRate"].as_f64().unwrap() > 1.0, "{place}");
            assert!(retrier["MaxDelaySeconds"].as_u64().unwrap() <= 30, "{place}");
            assert_eq!(retrier["JitterStrategy"], "FULL", "{place}");
        }
    });
}

#[test]
fn what_must_not_hold_up_a_failover_is_not_retried_after_a_time_out() {
    let file = crate::files::file("failover");
    for name in ["roll-nodes: fence-lost", "roll-nodes: fence-lost-beside", "swap-search-leader: save"] {
        let task = file.state(name);
        let text = task.fields["Retry"].to_string();
        assert!(!text.contains("Timeout") && !text.contains("Timedout"), "{name}");
    }
}

#[test]
fn a_task_that_gives_no_answer_is_exhausted_by_name() {
    each_task(|file, task| {
        if waits_for_token(task) {
            return;
        }
        let place = format!("{}: {}", file.name, task.name);
        let rebuilt = format!("no answer: {}", task.name);
        assert_eq!(
            task.fields["Catch"],
            json!([{"ErrorEquals": ["States.ALL"], "ResultPath": "$.caught", "Next": rebuilt}]),
            "{place}"
        );
        let pass = file.state(&rebuilt);
        assert_eq!(pass.fields["Parameters"]["run.$"], "$.run", "{place}");
        let previous: Previous = serde_json::from_value(pass.fields["Parameters"]["previous"].clone()).unwrap();
        assert_eq!((previous.step, previous.outcome), (step(task), Outcome::Exhausted), "{place}");
        assert_eq!(payload(task)["part"], previous.part.as_str(), "{place}");
        assert_eq!(previous.code, codes::NO_ANSWER, "{place}");
        assert_eq!(pass.text("Next"), task.text("Next"), "{place}: judged by the same question");
    });
}

#[test]
fn a_task_that_acted_or_waits_looks_again_when_it_said() {
    each_task(|file, task| {
        if waits_for_token(task) || task.name.ends_with(" again") {
            return;
        }
        let place = format!("{}: {}", file.name, task.name);
        let wait = format!("look again: {}", task.name);
        let question = file.state(task.text("Next"));
        assert!(question.is("Choice") && question.name.ends_with('?'), "{place}");
        let expected = json!({
            "Or": [
                {"Variable": "$.previous.outcome", "StringEquals": "Acted"},
                {"Variable": "$.previous.outcome", "StringEquals": "Wait"},
            ],
            "Next": wait,
        });
        assert!(question.fields["Choices"].as_array().unwrap().contains(&expected), "{place}");
        let pause = file.state(&wait);
        assert!(pause.is("Wait"), "{place}");
        assert_eq!(pause.text("SecondsPath"), "$.previous.look_again_s", "{place}");
        assert_eq!(pause.text("Next"), task.name, "{place}");
    });
}

#[test]
fn every_question_has_an_answer_for_everything() {
    for file in files() {
        for state in file.states().iter().filter(|state| state.is("Choice")) {
            assert!(!state.text("Default").is_empty(), "{}: {}", file.name, state.name);
        }
    }
}

#[test]
fn answer_and_time_out_of_the_only_token_task_both_lead_back_to_ask() {
    for file in files() {
        for task in file.tasks().iter().filter(|task| waits_for_token(task)) {
            let place = format!("{}: {}", file.name, task.name);
            assert_eq!(task.text("Next"), "request-approval: ask", "{place}");
            let catch = task.fields["Catch"].as_array().unwrap();
            let expected =
                [("States.Timeout", "request-approval: ask"), ("States.ALL", "look again: request-approval: ask")];
            assert_eq!(catch.len(), expected.len(), "{place}");
            for (entry, (error, next)) in catch.iter().zip(expected) {
                assert_eq!(entry["ErrorEquals"], json!([error]), "{place}");
                assert_eq!(entry["Next"], next, "{place}");
                assert_eq!(entry.get("ResultPath"), Some(&Value::Null), "{place}: the state must stay as it is");
            }
        }
    }
}

#[test]
fn every_failing_end_has_a_name_of_ours_and_a_sentence() {
    for file in files() {
        for state in file.states().iter().filter(|state| state.is("Fail")) {
            assert!(state.text("Error").starts_with("Dr."), "{}: {}", file.name, state.name);
            assert!(state.text("Cause").ends_with('.'), "{}: {}", file.name, state.name);
        }
    }
}

#[test]
fn a_machine_begins_by_making_the_start_input_the_run() {
    for file in files() {
        let first = file.state(file.machine.start_at());
        assert!(first.is("Pass"), "{}", file.name);
        assert_eq!(first.fields["Parameters"], json!({"run.$": "$", "previous": null}), "{}", file.name);
    }
}

#[test]
fn close_run_looks_for_the_evidence_of_exactly_the_parts_that_a_machine_has() {
    for kind in Kind::ALL.iter().filter(|kind| **kind != Kind::Standing) {
        let file = files().into_iter().find(|file| file.name == kind.machine()).unwrap();
        let tasks = file.tasks().into_iter().map(|task| task.name).filter(|name| !name.ends_with(" again"));
        let parts = parts_of(*kind).iter().map(|it| (it.step.task(it.part), it.when));
        let when = |name: &str| match name {
            _ if CALL_OFF.contains(&name) => When::CalledOff,
            _ if OUTSIDE_THE_STORY.contains(&name) => When::Asked,
            _ => When::Always,
        };
        let expected: Vec<(String, When)> = tasks.map(|name| (name.clone(), when(&name))).collect();
        let mut found: Vec<(String, When)> = parts.collect();
        assert_eq!(found.len(), expected.len(), "{kind}");
        found.retain(|part| !expected.contains(part));
        assert!(found.is_empty(), "{kind}: {found:?}");
    }
}
