use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use mmdr_cases::Nobody;
use mmdr_core::ports::{Called, LedgerReads, LedgerSeen, LedgerWrites, NoticeWrites, RecordReads, RecordWrites};
use mmdr_core::{
    CallError, Deployment, Ending, Epoch, Fault, Kind, Ledger, Outcome, Payload, Phase, Place, Previous, Region, RunId,
    RunLine, StartedBy, Ticket, Time,
};
use serde_json::{Value, json};

use crate::{CloseRun, handle, parts_of};

#[test]
fn close_run_decides_each_case_as_its_folder_says() {
    mmdr_cases::check::<CloseRun<Nobody, Nobody>>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
}

#[test]
fn every_machine_begins_with_open_run_and_ends_with_close_run() {
    for kind in Kind::ALL.iter().filter(|kind| **kind != Kind::Standing) {
        let parts = parts_of(*kind);
        assert_eq!(parts.first().unwrap().step.as_str(), "open-run");
        assert_eq!(parts.last().unwrap().step.as_str(), "close-run");
    }
}

const NOW: Time = Time(1_795_255_200_000);

/// Ledgers, records and a topic in memory, which can die after any write.
#[derive(Default)]
struct Office {
    ledgers: RefCell<BTreeMap<Region, (Ledger, u64)>>,
    records: RefCell<BTreeMap<String, Value>>,
    told: RefCell<Vec<String>>,
    writes_left: Cell<Option<u32>>,
}

impl Office {
    fn write(&self) -> Called<()> {
        match self.writes_left.get() {
            Some(0) => Err(CallError { call: "any".into(), region: Region::new("here"), fault: Fault::NoAnswer }),
            left => {
                self.writes_left.set(left.map(|left| left - 1));
                Ok(())
            }
        }
    }
    fn ending(&self, region: &str) -> Option<Ending> {
        self.ledgers.borrow().get(&Region::new(region))?.0.run.as_ref()?.ending
    }
}
impl LedgerReads for Office {
    async fn ledger(&self, region: &Region) -> Called<Option<LedgerSeen>> {
        let all = self.ledgers.borrow();
        Ok(all.get(region).map(|(ledger, v)| LedgerSeen { ledger: ledger.clone(), version: v.to_string() }))
    }
}
impl LedgerWrites for Office {
    async fn write_ledger(&self, region: &Region, ledger: &Ledger, version: Option<&str>) -> Called<String> {
        self.write()?;
        let mut all = self.ledgers.borrow_mut();
        let current = all.get(region).map_or(0, |(_, v)| *v);
        if version != Some(current.to_string().as_str()) {
            return Err(CallError { call: "s3".into(), region: region.clone(), fault: Fault::Conflict });
        }
        all.insert(region.clone(), (ledger.clone(), current + 1));
        Ok((current + 1).to_string())
    }
}
impl RecordReads for Office {
    async fn record(&self, _region: &Region, key: &str) -> Called<Option<Value>> {
        Ok(self.records.borrow().get(key).cloned())
    }
    async fn text(&self, _region: &Region, key: &str) -> Called<Option<String>> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Ok(self.records.borrow().get(key).map(text))
    }
    async fn record_keys(&self, _region: &Region, prefix: &str) -> Called<Vec<String>> {
        Ok(self.records.borrow().keys().filter(|key| key.starts_with(prefix)).cloned().collect())
    }
}
impl RecordWrites for Office {
    async fn put_record(&self, _region: &Region, key: &str, value: &Value) -> Called<()> {
        // The core's own evidence is never lost here: what is tested is the step.
        if !key.contains("/evidence/") {
            self.write()?;
        }
        self.records.borrow_mut().insert(key.into(), value.clone());
        Ok(())
    }
    async fn put_text(&self, region: &Region, key: &str, text: &str) -> Called<()> {
        self.put_record(region, key, &Value::from(text)).await
    }
    async fn create_record(&self, _region: &Region, _key: &str, _value: &Value) -> Called<bool> {
        Ok(true)
    }
}
impl NoticeWrites for Office {
    async fn notify(&self, _region: &Region, subject: &str, _text: &str) -> Called<()> {
        self.write()?;
        self.told.borrow_mut().push(subject.into());
        Ok(())
    }
}

fn wait_for<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

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
        accepts: Vec::new(),
        forward_only: false,
        opened_at: NOW,
    }
}

fn office() -> Office {
    let office = Office::default();
    let ticket = ticket(false);
    for name in ["us-east-1", "us-west-1"] {
        let mut ledger = Ledger::new(Region::new(name));
        ledger.claimed = Epoch(7);
        ledger.run = Some(RunLine {
            id: ticket.id.clone(),
            execution: ticket.execution.clone(),
            kind: ticket.kind,
            region: ticket.to.clone(),
            epoch: Epoch(7),
            phase: Phase::Calling,
            by: ticket.by,
            opened_at: NOW,
            resumes: None,
            resumed_times: 0,
            ending: None,
            closed_at: None,
            pre_empted: None,
            diagnosis: None,
        });
        office.ledgers.borrow_mut().insert(Region::new(name), (ledger, 1));
    }
    office
}

/// Looks until the step has ended; gives the last answer and how many looks it took.
fn close(office: &Office, dry_run: bool, hints: bool) -> (Previous, u32) {
    let deployment = Arc::new(Deployment::seed_example().unwrap());
    let mut previous: Option<Previous> = None;
    for look in 1..40 {
        let place =
            Place { own: Region::new("us-east-1"), deployment: deployment.clone(), now: NOW.plus_s(i64::from(look)) };
        let payload = Payload {
            run: json!(ticket(dry_run)),
            previous: previous.clone(),
            part: "whole".into(),
            execution: None,
            token: None,
        };
        let answer = wait_for(handle(office, office, office, &place, payload)).unwrap();
        if !matches!(answer.previous.outcome, Outcome::Acted | Outcome::Wait) {
            return (answer.previous, look);
        }
        previous = Some(answer.previous).filter(|_| hints);
    }
    panic!("it never ends");
}

#[test]
fn a_run_is_reported_told_and_closed_in_both_ledgers_one_change_per_look() {
    let office = office();
    let (last, looks) = close(&office, false, true);
    assert_eq!((last.outcome, looks), (Outcome::Already, 5));
    let ask = Some(Ending::StoppedAskAurora);
    assert_eq!((office.ending("us-east-1"), office.ending("us-west-1")), (ask, ask));
    assert_eq!(office.told.borrow().len(), 1);
    let records = office.records.borrow();
    let page = records["runs/fo-1/report.html"].as_str().unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("did not answer"));
    assert!(!page.contains("<script"), "what a person typed stays text");
    assert_eq!(records["runs/fo-1/report.json"]["ending"], "stopped-ask-aurora");
    assert!(records.contains_key("runs/fo-1/lost-messages.json"));
}

#[test]
fn a_crash_after_any_write_leaves_a_run_that_closes_all_the_same() {
    for writes in 0..8 {
        let office = office();
        office.writes_left.set(Some(writes));
        for _ in 0..3 {
            let place = Place {
                own: Region::new("us-east-1"),
                deployment: Arc::new(Deployment::seed_example().unwrap()),
                now: NOW,
            };
            let run = json!(ticket(false));
            let payload = Payload { run, previous: None, part: "whole".into(), execution: None, token: None };
            wait_for(handle(&office, &office, &office, &place, payload)).unwrap();
        }
        office.writes_left.set(None);
        let (last, _) = close(&office, false, true);
        assert_eq!(last.outcome, Outcome::Already);
        assert!(office.ending("us-east-1").is_some() && office.ending("us-west-1").is_some(), "{writes}");
        assert!(!office.told.borrow().is_empty());
    }
}

#[test]
fn a_dry_run_writes_only_under_dry_run() {
    let office = office();
    let before = format!("{:?}", office.ledgers.borrow());
    let (last, _) = close(&office, true, true);
    assert_eq!(last.outcome, Outcome::Already);
    assert_eq!(before, format!("{:?}", office.ledgers.borrow()));
    assert!(office.told.borrow().is_empty());
    let records = office.records.borrow();
    assert!(records.keys().all(|key| key.starts_with("dry-run/fo-1/")));
    assert!(records.contains_key("dry-run/fo-1/report.json"));
}
