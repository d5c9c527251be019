//! Decision cases, bad events, sample events, and the hand-over to Step Functions.

use std::cell::RefCell;
use std::fs;
use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use mmdr_cases::Nobody;
use mmdr_core::ports::{Called, LedgerReads, LedgerSeen, LedgerWrites, RecordReads, RecordWrites, Woken};
use mmdr_core::records::Decision;
use mmdr_core::{Deployment, Kind, Ledger, Region, RunId, StartInput, Time};
use serde::Deserialize;
use serde_json::json;

use super::*;

const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events");
/// Thirty seconds after the sample events.
const NOW: Time = Time(1_795_255_230_000);

/// A ledger bucket that is empty, and a Step Functions that knows the names it was given.
#[derive(Default)]
struct Region1 {
    started: RefCell<Vec<(RunId, Value)>>,
    silent: bool,
}

impl LedgerReads for Region1 {
    async fn ledger(&self, _: &Region) -> Called<Option<LedgerSeen>> {
        Ok(None)
    }
}
impl LedgerWrites for Region1 {
    async fn write_ledger(&self, _: &Region, _: &Ledger, _: Option<&str>) -> Called<String> {
        panic!("start-move writes no ledger")
    }
}
impl RecordReads for Region1 {
    async fn record(&self, _: &Region, _: &str) -> Called<Option<Value>> {
        Ok(None)
    }
    async fn text(&self, _: &Region, _: &str) -> Called<Option<String>> {
        Ok(None)
    }
    async fn record_keys(&self, _: &Region, _: &str) -> Called<Vec<String>> {
        Ok(Vec::new())
    }
}
impl RecordWrites for Region1 {
    async fn put_record(&self, _: &Region, _: &str, _: &Value) -> Called<()> {
        panic!("start-move writes no record")
    }
    async fn put_text(&self, _: &Region, _: &str, _: &str) -> Called<()> {
        panic!("start-move writes no record")
    }
    async fn create_record(&self, _: &Region, _: &str, _: &Value) -> Called<bool> {
        panic!("start-move writes no record")
    }
}
impl ExecutionWrites for Region1 {
    async fn start_execution(&self, region: &Region, _: Kind, name: &RunId, input: &Value) -> Called<Started> {
        if self.silent {
            let call = mmdr_core::calls::START_EXECUTION.name.into();
            return Err(CallError { call, region: region.clone(), fault: Fault::NoAnswer });
        }
        if self.started.borrow().iter().any(|(known, _)| known == name) {
            return Ok(Started::AlreadyExists);
        }
        self.started.borrow_mut().push((name.clone(), input.clone()));
        Ok(Started::New(format!("arn:aws:states:{region}:123456789012:execution:mmdr-failover:{name}")))
    }
    async fn wake(&self, _: &Region, _: &str, _: &Value) -> Called<Woken> {
        panic!("start-move wakes nobody")
    }
}

fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

fn place() -> Place {
    let deployment = Arc::new(Deployment::seed_example().unwrap());
    Place { own: Region::new("us-east-1"), deployment, now: NOW }
}

fn sample(name: &str) -> Value {
    let path = Path::new(EVENTS).join(format!("{name}.json"));
    parse_event(&fs::read(path).unwrap()).unwrap()
}

fn deliver(region: &Region1, event: Value) -> Result<Answer, StepError> {
    now_or_never(handle(region, &Nobody, region, &place(), event))
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
        let region = Region1::default();
        let found = match parse_event(&fs::read(&event).unwrap()).and_then(|event| deliver(&region, event)) {
            Ok(answer) => format!("{}: {}\n", answer.previous.code, answer.previous.sentence),
            Err(error) => format!("{}: {error}\n", error.name()),
        };
        assert!(region.started.borrow().is_empty(), "{} started something", event.display());
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
fn an_event_larger_than_an_executions_input_is_refused_before_and_after_it_is_read() {
    let mut event = sample("alarm-direct");
    event["alarmData"]["state"]["reason"] = json!("x".repeat(EVENT_BYTES));
    let bytes = serde_json::to_vec(&event).unwrap();
    let error = parse_event(&bytes).unwrap_err();
    assert_eq!(error.to_string(), format!("the event: expected at most 262144 bytes, found {}", bytes.len()));
    let answer = deliver(&Region1::default(), event).unwrap();
    assert_eq!((answer.previous.outcome, answer.previous.code.as_str()), (Outcome::Refuse, "Oversized"));
}

#[test]
fn the_three_forms_and_their_duplicates_collapse_into_one_execution() {
    let region = Region1::default();
    let outcomes: Vec<Outcome> =
        ["alarm-sns", "alarm-direct", "alarm-eventbridge", "alarm-eventbridge", "alarm-sns", "alarm-direct"]
            .map(|name| deliver(&region, sample(name)).unwrap().previous.outcome)
            .into();
    assert_eq!(outcomes[0], Outcome::Acted);
    assert!(outcomes[1..].iter().all(|outcome| *outcome == Outcome::Already));
    assert_eq!(region.started.borrow().len(), 1);
}

#[test]
fn a_silent_step_functions_is_an_error_so_that_lambda_delivers_the_event_again() {
    let region = Region1 { silent: true, ..Region1::default() };
    let error = deliver(&region, sample("alarm-direct")).unwrap_err();
    assert_eq!(error.name(), "Dr.RecordFailed");
}

#[test]
fn every_sample_event_starts_what_its_name_says_with_an_input_that_machines_accept() {
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
        let region = Region1::default();
        let answer = deliver(&region, sample(name)).unwrap();
        assert_eq!(answer.previous.outcome, Outcome::Acted, "{name}: {}", answer.previous.sentence);
        let started = region.started.borrow();
        let (id, input) = &started[0];
        let input: StartInput = serde_json::from_value(input.clone()).unwrap();
        assert_eq!((input.kind.as_str(), input.by.as_str(), input.to.as_str()), (kind, by, "us-east-1"), "{name}");
        assert!(id.0.len() <= 80 && id.0.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
    }
}

#[test]
fn every_console_input_is_one_that_its_machine_accepts() {
    /// What answer-approval is started with.
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Answer {
        run: RunId,
        decision: Decision,
        reason: String,
    }
    let mut seen = 0;
    for entry in fs::read_dir(EVENTS).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let Some(kind) = file.strip_prefix("console-").and_then(|name| name.strip_suffix(".json")) else { continue };
        let input = sample(&format!("console-{kind}"));
        seen += 1;
        if kind == "answer-approval" {
            let answer: Answer = serde_json::from_value(input).unwrap();
            assert!(answer.decision == Decision::Grant && !answer.reason.is_empty() && answer.run.0.starts_with("fo-"));
            continue;
        }
        let input: StartInput = serde_json::from_value(input).unwrap();
        assert_eq!((input.kind.as_str(), input.by.as_str()), (kind, "person"), "{file}");
        assert!(!input.reason.is_empty(), "{file}");
    }
    assert_eq!(seen, 6);
}
