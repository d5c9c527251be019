use mmdr_cases::{InMemory, Nobody, at_once, place};
use mmdr_core::{Ending, Epoch, Kind, Outcome, Payload, Phase, Previous, Region, RunId, StartedBy, Ticket, Time};
use serde_json::json;

use crate::{CloseRun, handle, parts_of};

#[test]
fn close_run_decides_each_case_as_its_folder_says() {
    mmdr_cases::check::<CloseRun<Nobody, Nobody>>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
}

#[test]
fn every_list_of_parts_begins_with_open_run_and_ends_with_close_run() {
    for kind in Kind::ALL.iter().filter(|kind| **kind != Kind::Standing) {
        let parts = parts_of(*kind);
        assert_eq!(parts.first().unwrap().step.as_str(), "open-run");
        assert_eq!(parts.last().unwrap().step.as_str(), "close-run");
    }
}

const NOW: Time = Time(1_795_255_200_000);

fn ticket(dry_run: bool) -> Ticket {
    Ticket {
        id: RunId("fo-1".into()),
        execution: "arn:aws:states:us-east-1:123456789012:execution:mmdr-failover:fo-1".into(),
        kind: Kind::Failover,
        from: Region::new("us-west-1"),
        to: Region::new("us-east-1"),
        epoch: Epoch(if dry_run { 0 } else { 7 }),
        by: StartedBy::Person,
        reason: "<script>alert(1)</script>".into(),
        dry_run,
        resumes: None,
        earlier: Vec::new(),
        accepts: Vec::new(),
        forward_only: false,
        opened_at: NOW,
    }
}

fn store() -> InMemory {
    let (store, ticket) = (InMemory::default(), ticket(false));
    store.open(&ticket, Phase::Calling, &[&ticket.to, &ticket.from]);
    store
}

fn ending(store: &InMemory, region: &str) -> Option<Ending> {
    store.run_in(region)?.ending
}

/// Looks until the step has ended; gives the last answer and how many looks it took.
fn close(store: &InMemory, dry_run: bool, hints: bool) -> (Previous, u32) {
    let mut previous: Option<Previous> = None;
    for look in 1..40 {
        let place = place("us-east-1", NOW.plus_s(i64::from(look)));
        let payload = Payload {
            run: json!(ticket(dry_run)),
            previous: previous.clone(),
            part: "whole".into(),
            execution: None,
            token: None,
        };
        let answer = at_once(handle(store, store, store, &place, payload)).unwrap();
        if !matches!(answer.previous.outcome, Outcome::Acted | Outcome::Wait) {
            return (answer.previous, look);
        }
        previous = Some(answer.previous).filter(|_| hints);
    }
    panic!("it never ends");
}

#[test]
fn a_run_is_reported_told_and_closed_in_both_ledgers_one_change_per_look() {
    let store = store();
    let (last, looks) = close(&store, false, true);
    assert_eq!((last.outcome, looks), (Outcome::Already, 5));
    let ask = Some(Ending::StoppedAskAurora);
    assert_eq!((ending(&store, "us-east-1"), ending(&store, "us-west-1")), (ask, ask));
    assert_eq!(store.told.borrow().len(), 1);
    let records = store.records.borrow();
    let page = records["runs/fo-1/report.html"].as_str().unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("did not answer"));
    assert!(!page.contains("<script"), "what a person typed stays text");
    assert_eq!(records["runs/fo-1/report.json"]["ending"], "stopped-ask-aurora");
    assert!(records.contains_key("runs/fo-1/lost-messages.json"));
}

#[test]
fn a_topic_that_refuses_keeps_no_run_from_closing_and_the_run_says_so() {
    let store = store();
    store.topic_refuses.set(true);
    let (last, looks) = close(&store, false, true);
    assert_eq!((last.outcome, looks), (Outcome::Already, 5));
    assert!(ending(&store, "us-east-1").is_some() && ending(&store, "us-west-1").is_some());
    assert!(
        last.sentence.contains("people were not told of it: ") && last.sentence.contains("KMSDisabled"),
        "{last:?}"
    );
}

#[test]
fn a_crash_after_any_write_leaves_a_run_that_closes_all_the_same() {
    for writes in 0..8 {
        let store = store();
        store.writes_left.set(Some(writes));
        for _ in 0..3 {
            let place = place("us-east-1", NOW);
            let run = json!(ticket(false));
            let payload = Payload { run, previous: None, part: "whole".into(), execution: None, token: None };
            at_once(handle(&store, &store, &store, &place, payload)).unwrap();
        }
        store.writes_left.set(None);
        let (last, _) = close(&store, false, true);
        assert_eq!(last.outcome, Outcome::Already);
        assert!(ending(&store, "us-east-1").is_some() && ending(&store, "us-west-1").is_some(), "{writes}");
        assert!(!store.told.borrow().is_empty());
    }
}

#[test]
fn a_dry_run_writes_only_under_dry_run() {
    let store = store();
    let before = format!("{:?}", store.ledgers.borrow());
    let (last, _) = close(&store, true, true);
    assert_eq!(last.outcome, Outcome::Already);
    assert_eq!(before, format!("{:?}", store.ledgers.borrow()));
    assert!(store.told.borrow().is_empty());
    let records = store.records.borrow();
    assert!(records.keys().all(|key| key.starts_with("dry-run/fo-1/")));
    assert!(records.contains_key("dry-run/fo-1/report.json"));
}
