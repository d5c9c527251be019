//! Decision cases, bad events, sample events, and the hand-over to Step Functions.

use std::fs;
use std::path::Path;

use mmdr_cases::{InMemory, Nobody, at_once, place};
use mmdr_core::records::Decision;
use mmdr_core::{RunId, StartInput, Time};
use serde::Deserialize;
use serde_json::json;

use super::*;

const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events");
/// Thirty seconds after the sample events.
const NOW: Time = Time(1_795_255_230_000);

fn sample(name: &str) -> Value {
    let path = Path::new(EVENTS).join(format!("{name}.json"));
    read(&path)
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Delivers an event; start-move writes no ledger, no record, and wakes nobody.
fn deliver(store: &InMemory, event: Value) -> Result<Answer, StepError> {
    let answer = at_once(handle(store, &Nobody, store, &place("us-east-1", NOW), event));
    assert!(store.ledgers.borrow().is_empty() && store.records.borrow().is_empty() && store.woken.borrow().is_empty());
    answer
}

#[test]
fn every_decision_case_holds() {
    assert!(mmdr_cases::check::<StartMove<Nobody, Nobody>>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases")) >= 15);
}

#[test]
fn every_bad_event_gets_its_one_sentence_and_starts_nothing() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/bad"));
    let mut events: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    events.retain(|path| path.extension().is_some_and(|ending| ending == "event"));
    events.sort();
    assert!(events.len() >= 25, "found {}", events.len());
    let mut differences = Vec::new();
    for event in events {
        let store = InMemory::default();
        let found = match deliver(&store, read(&event)) {
            Ok(answer) => format!("{}: {}\n", answer.previous.code, answer.previous.sentence),
            Err(error) => format!("{}: {error}\n", error.name()),
        };
        assert!(store.started.borrow().is_empty(), "{} started something", event.display());
        assert_eq!(found.matches('\n').count(), 1, "{}: not one line: {found}", event.display());
        let sentence = event.with_extension("sentence");
        #[expect(clippy::disallowed_methods, reason = "tests may read MMDR_UPDATE")]
        if std::env::var("MMDR_UPDATE").is_ok() {
            fs::write(&sentence, &found).unwrap();
        }
        let expected = fs::read_to_string(&sentence).unwrap_or_default();
        if expected != found {
            differences.push(format!("{}\nexpected {expected}found    {found}", event.display()));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn an_event_larger_than_an_executions_input_is_refused() {
    let mut event = sample("alarm-direct");
    event["alarmData"]["state"]["reason"] = json!("x".repeat(EVENT_BYTES));
    let answer = deliver(&InMemory::default(), event).unwrap();
    assert_eq!((answer.previous.outcome, answer.previous.code.as_str()), (Outcome::Refuse, "Oversized"));
}

#[test]
fn the_three_forms_and_their_duplicates_collapse_into_one_execution() {
    let store = InMemory::default();
    let outcomes: Vec<Outcome> =
        ["alarm-sns", "alarm-direct", "alarm-eventbridge", "alarm-eventbridge", "alarm-sns", "alarm-direct"]
            .map(|name| deliver(&store, sample(name)).unwrap().previous.outcome)
            .into();
    assert_eq!(outcomes[0], Outcome::Acted);
    assert!(outcomes[1..].iter().all(|outcome| *outcome == Outcome::Already));
    assert_eq!(store.started.borrow().len(), 1);
}

#[test]
fn a_silent_step_functions_is_an_error_so_that_lambda_delivers_the_event_again() {
    let store = InMemory::default();
    store.starts_nothing.set(true);
    let error = deliver(&store, sample("alarm-direct")).unwrap_err();
    assert_eq!(error.name(), "Dr.RecordFailed");
}

#[test]
fn every_sample_event_starts_what_its_name_says_in_this_region() {
    for (name, kind, by) in [
        ("alarm-direct", "failover", "alarm"),
        ("alarm-eventbridge", "failover", "alarm"),
        ("alarm-sns", "failover", "alarm"),
        ("alarm-composite-direct", "failover", "alarm"),
        ("alarm-metric-math", "failover", "alarm"),
        ("rds-event-0239", "failover", "alarm"),
        ("schedule-verify-backups", "verify-backups", "schedule"),
        ("schedule-check-readiness", "check-readiness", "schedule"),
    ] {
        let store = InMemory::default();
        let answer = deliver(&store, sample(name)).unwrap();
        assert_eq!(answer.previous.outcome, Outcome::Acted, "{name}: {}", answer.previous.sentence);
        let started = store.started.borrow();
        let (id, input) = &started[0];
        let input: StartInput = serde_json::from_value(input.clone()).unwrap();
        assert_eq!((input.kind.as_str(), input.by.as_str(), input.to.as_str()), (kind, by, "us-east-1"), "{name}");
        assert!(id.0.len() <= 80 && id.0.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
    }
}

#[test]
fn every_console_sample_is_of_its_kind_and_says_why() {
    /// What answer-approval is started with.
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Answer {
        run: RunId,
        decision: Decision,
        reason: String,
        digest: String,
    }
    let mut seen = 0;
    for entry in fs::read_dir(EVENTS).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let Some(kind) = file.strip_prefix("console-").and_then(|name| name.strip_suffix(".json")) else { continue };
        let input = sample(&format!("console-{kind}"));
        seen += 1;
        if kind == "answer-approval" {
            let answer: Answer = serde_json::from_value(input).unwrap();
            assert!(answer.decision == Decision::Grant && !answer.reason.is_empty() && answer.digest.len() == 16);
            assert!(answer.run.0.starts_with("fo-"));
            continue;
        }
        let input: StartInput = serde_json::from_value(input).unwrap();
        assert_eq!((input.kind.as_str(), input.by.as_str()), (kind, "person"), "{file}");
        assert!(!input.reason.is_empty(), "{file}");
    }
    assert_eq!(seen, 6);
}
