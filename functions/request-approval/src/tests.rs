use mmdr_cases::{InMemory, Nobody, at_once};
use mmdr_core::{
    Answer, Epoch, Kind, Outcome, Payload, Phase, Place, Previous, Run, RunId, StartedBy, Ticket, Time, run_step,
};
use serde_json::json;

use crate::{RequestApproval, handle_answer};

#[test]
fn request_approval_decides_each_case_as_its_folder_says() {
    mmdr_cases::check::<RequestApproval<Nobody, Nobody>>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
}

const NOW: Time = Time(1_795_255_200_000);

fn place(after_s: i64) -> Place {
    mmdr_cases::place("us-east-1", NOW.plus_s(after_s))
}

/// A run that holds the lease and has a diagnosis.
fn store() -> (InMemory, Ticket) {
    let mut ticket = Run::standing(mmdr_core::StepName::OpenRun, &place(0).own, place(0).deployment, NOW).ticket;
    ticket.id = RunId("fo-1".into());
    ticket.execution = "arn:aws:states:us-east-1:123456789012:execution:mmdr-failover:fo-1".into();
    (ticket.kind, ticket.epoch, ticket.by) = (Kind::Failover, Epoch(7), StartedBy::Alarm);
    let store = InMemory::default();
    store.open(&ticket, Phase::Open, &[&ticket.to]);
    let diagnosis = json!({
        "code": "region-lost", "sentence": "us-west-1 is lost", "digest": "d1a9", "subject": "us-west-1",
        "machine_may_fail_over": true, "person_may_fail_over": true, "opinions": [],
        "forecast": {"last_lag_ms": 5200.0, "measured_at": NOW, "at_least_s": 6, "pending_files": 0},
        "evidence_at": NOW, "at": NOW,
    });
    store.records.borrow_mut().insert("runs/fo-1/diagnosis.json".into(), diagnosis);
    (store, ticket)
}

fn ask(store: &InMemory, ticket: &Ticket, previous: Option<Previous>, at: i64) -> Answer {
    let payload = Payload { run: json!(ticket), previous, part: "ask".into(), execution: None, token: None };
    at_once(run_step::<RequestApproval<InMemory, InMemory>>(store, store, store, &place(at), payload)).unwrap()
}

/// Asks until the machine would go to `wait`, or on.
fn ask_until(store: &InMemory, ticket: &Ticket, from: i64) -> Previous {
    let mut previous = None;
    for look in 0..10 {
        let answer = ask(store, ticket, previous, from + look);
        if answer.previous.outcome != Outcome::Acted {
            return answer.previous;
        }
        previous = Some(answer.previous);
    }
    panic!("it never ends");
}

fn wait(store: &InMemory, ticket: &Ticket, token: &str, at: i64) {
    let (run, token) = (json!(ticket), Some(token.to_owned()));
    let payload = Payload { run, previous: None, part: "wait".into(), execution: None, token };
    at_once(run_step::<RequestApproval<InMemory, InMemory>>(store, store, store, &place(at), payload)).unwrap();
}

/// One look of answer-approval; gives what the machine carries on.
fn answer(store: &InMemory, decision: &str, reason: &str, previous: Option<Previous>, at: i64) -> Previous {
    let digest = store.records.borrow()["runs/fo-1/approval-question.json"]["digest"].clone();
    let run = json!({"run": "fo-1", "decision": decision, "reason": reason, "digest": digest});
    let payload = Payload { run: run.clone(), previous, part: "answer".into(), execution: None, token: None };
    let answered = at_once(handle_answer(store, store, store, &place(at), payload)).unwrap();
    assert_eq!(json!(answered.run), run, "the reply is still there for the next look");
    answered.previous
}

fn answer_until(store: &InMemory, decision: &str, from: i64) -> Previous {
    let mut previous = None;
    for look in 0..100 {
        let last = answer(store, decision, "both on call agree", previous, from + look * 3);
        if !matches!(last.outcome, Outcome::Acted | Outcome::Wait) {
            return last;
        }
        previous = Some(last);
    }
    panic!("it never ends");
}

#[test]
fn a_question_is_written_told_once_answered_and_granted() {
    let (store, ticket) = store();
    assert_eq!(ask_until(&store, &ticket, 0).code, "AwaitsAnswer");
    assert_eq!(store.told.borrow().len(), 1);
    wait(&store, &ticket, "token-1", 5);
    assert_eq!(answer_until(&store, "grant", 60).outcome, Outcome::Already);
    assert_eq!(*store.woken.borrow(), ["token-1"]);
    assert_eq!(ask_until(&store, &ticket, 65).outcome, Outcome::Already);
    assert_eq!(store.told.borrow().len(), 1);
    let diagnosis = store.run_in("us-east-1").unwrap().diagnosis;
    assert_eq!(diagnosis.as_deref(), Some("d1a9"), "a denial would silence this diagnosis");
}

#[test]
fn a_topic_that_refuses_ends_no_question_and_the_evidence_says_that_nobody_was_told() {
    let (store, ticket) = store();
    store.topic_refuses.set(true);
    assert_eq!(ask_until(&store, &ticket, 0).code, "AwaitsAnswer");
    let notes: Vec<String> = store.records.borrow().values().map(ToString::to_string).collect();
    assert!(notes.iter().any(|note| note.contains("not_told") && note.contains("KMSDisabled")), "{notes:?}");
    assert_eq!(answer_until(&store, "grant", 60).outcome, Outcome::Already);
}

#[test]
fn an_answer_between_ask_and_wait_wakes_the_task_all_the_same() {
    let (store, ticket) = store();
    ask_until(&store, &ticket, 0);
    let created = answer(&store, "grant", "both on call agree", None, 4);
    wait(&store, &ticket, "token-1", 5);
    assert_eq!(*store.woken.borrow(), ["token-1"]);
    assert_eq!(created.outcome, Outcome::Acted);
}

#[test]
fn an_answer_that_crossed_the_tokens_writing_finds_the_token_later() {
    let (store, ticket) = store();
    ask_until(&store, &ticket, 0);
    // `wait` has looked before the answer was there, and writes its token after the answer looked for it.
    let question = store.records.borrow()["runs/fo-1/approval-question.json"].clone();
    let created = answer(&store, "deny", "no", None, 4);
    let waits = answer(&store, "deny", "no", Some(created), 5);
    assert_eq!(waits.code, "NobodyWaitsYet");
    let (epoch, digest) = (question["epoch"].clone(), question["digest"].as_str().unwrap().to_owned());
    let key = format!("runs/fo-1/approval-token-{epoch}-{digest}.json");
    store.records.borrow_mut().insert(key, json!({"token": "token-1"}));
    answer(&store, "deny", "no", Some(waits), 8);
    assert_eq!(*store.woken.borrow(), ["token-1"]);
    let refused = ask_until(&store, &ticket, 10);
    assert_eq!((refused.outcome, refused.code.as_str()), (Outcome::Refuse, "Denied"));
}

#[test]
fn the_first_answer_stands_and_the_second_one_hears_of_it() {
    let (store, ticket) = store();
    ask_until(&store, &ticket, 0);
    wait(&store, &ticket, "token-1", 5);
    answer(&store, "deny", "it comes back", None, 60);
    let second = answer_until(&store, "grant", 61);
    assert_eq!((second.outcome, second.code.as_str()), (Outcome::Refuse, "AlreadyAnswered"));
    assert_eq!(ask_until(&store, &ticket, 65).code, "Denied");
}

#[test]
fn a_late_copy_of_the_question_does_not_lose_the_token() {
    let (store, ticket) = store();
    ask_until(&store, &ticket, 0);
    let early = store.records.borrow()["runs/fo-1/approval-question.json"].clone();
    wait(&store, &ticket, "token-1", 5);
    store.records.borrow_mut().insert("runs/fo-1/approval-question.json".into(), early);
    answer_until(&store, "grant", 60);
    assert_eq!(*store.woken.borrow(), ["token-1"]);
}
