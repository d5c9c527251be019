//! The same definition, input, seed and answers give the same history.

use crate::support::{Answer, Run, machine, run_seeded};
use serde_json::{Value, json};

fn definition() -> Value {
    let branch = |name: &str, pause: &str| {
        json!({"StartAt": name, "States": {
            name: {"Type": "Task", "Resource": "${F}", "Next": pause,
                "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 4, "MaxAttempts": 5, "JitterStrategy": "FULL"}]},
            pause: {"Type": "Wait", "Seconds": 3, "End": true}
        }})
    };
    json!({"StartAt": "both", "States": {
        "both": {"Type": "Parallel", "Branches": [branch("x", "rest x"), branch("y", "rest y")], "Next": "last"},
        "last": {"Type": "Pass", "End": true, "Parameters": {"joined.$": "$", "at.$": "$$.State.EnteredTime"}}
    }})
}

fn transcript(seed: u64) -> (Vec<String>, Run) {
    let run = run_seeded(&machine(&definition()), json!({"in": true}), seed, |task| {
        if task.attempt < 3 { Answer::Err(70, "Busy") } else { Answer::Ok(130, json!({"by": &*task.state})) }
    });
    (run.host.events.iter().map(|event| format!("{event:?}")).collect(), run)
}

#[test]
fn two_runs_with_one_seed_have_one_history() {
    let (first, run) = transcript(42);
    assert_eq!(first, transcript(42).0);
    assert!(run.output()["joined"].is_array());
}

#[test]
fn another_seed_moves_times_but_not_the_outcome() {
    let ((first, run), (other, other_run)) = (transcript(1), transcript(2));
    assert_ne!(first, other);
    assert_eq!(run.output()["joined"], other_run.output()["joined"]);
}

#[test]
fn parsing_twice_gives_one_machine() {
    let (first, second) = (machine(&definition()), machine(&definition()));
    assert_eq!(format!("{first:?}"), format!("{second:?}"));
}

#[test]
fn event_times_never_go_back() {
    let (_, run) = transcript(7);
    let times: Vec<i64> = run.host.events.iter().map(|event| event.at_ms).collect();
    assert!(times.is_sorted());
}
