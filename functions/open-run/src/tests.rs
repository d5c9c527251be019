use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use mmdr_cases::Nobody;
use mmdr_core::ports::{
    Called, ClusterSeen, DatabaseEvent, DatabaseReads, ExecutionReads, ExecutionSeen, ExecutionStatus,
    GlobalClusterSeen, LedgerReads, LedgerSeen, LedgerWrites, Member, RecordReads, RecordWrites, SnapshotSeen,
};
use mmdr_core::{
    Answer, CallError, Deployment, Ending, Epoch, Fault, Ledger, LedgerMark, Outcome, Payload, Place, Region, RunId,
    Sample, StepError, Time,
};
use serde_json::{Value, json};

use crate::{OpenRun, handle};

#[test]
fn open_run_decides_each_case_as_its_folder_says() {
    mmdr_cases::check::<OpenRun<Nobody, Nobody>>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
}

pub(crate) const NOW: Time = Time(1_795_255_200_000);

pub(crate) fn arn(region: &str, machine: &str, name: &str) -> String {
    format!("arn:aws:states:{region}:123456789012:execution:mmdr-acme-chat-{machine}:{name}")
}

pub(crate) fn place(own: &str, now: Time) -> Place {
    Place { own: Region::new(own), deployment: Arc::new(Deployment::seed_example().unwrap()), now }
}

// Duplicates, crashes and races: two Regions' ledgers in memory.

#[derive(Default)]
struct Ledgers {
    of: RefCell<BTreeMap<Region, (Ledger, u64)>>,
    records: RefCell<BTreeMap<String, Value>>,
    running: RefCell<BTreeMap<String, bool>>,
    away: Cell<bool>,
    writes_refused_there: Cell<bool>,
}

impl Ledgers {
    fn fault<T>(region: &Region, fault: Fault) -> Called<T> {
        Err(CallError { call: "s3".into(), region: region.clone(), fault })
    }
    fn is_away(&self, region: &Region) -> bool {
        self.away.get() && region.as_str() == "us-west-1"
    }
    fn run_in(&self, region: &str) -> Option<(String, Epoch)> {
        let all = self.of.borrow();
        let line = all.get(&Region::new(region))?.0.run.as_ref()?;
        Some((line.id.0.clone(), line.epoch))
    }
}

impl LedgerReads for Ledgers {
    async fn ledger(&self, region: &Region) -> Called<Option<LedgerSeen>> {
        if self.is_away(region) {
            return Self::fault(region, Fault::NoAnswer);
        }
        let all = self.of.borrow();
        Ok(all.get(region).map(|(ledger, v)| LedgerSeen { ledger: ledger.clone(), version: v.to_string() }))
    }
}
impl LedgerWrites for Ledgers {
    async fn write_ledger(&self, region: &Region, ledger: &Ledger, version: Option<&str>) -> Called<String> {
        if self.is_away(region) {
            return Self::fault(region, Fault::NoAnswer);
        }
        if self.writes_refused_there.get() && region.as_str() == "us-west-1" {
            return Self::fault(region, Fault::Denied("read only".into()));
        }
        let mut all = self.of.borrow_mut();
        let current = all.get(region).map(|(_, v)| *v);
        if current.map(|v| v.to_string()).as_deref() != version {
            return Self::fault(region, Fault::Conflict);
        }
        let next = current.unwrap_or(0) + 1;
        all.insert(region.clone(), (ledger.clone(), next));
        Ok(next.to_string())
    }
}
impl RecordReads for Ledgers {
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
impl RecordWrites for Ledgers {
    async fn put_record(&self, _region: &Region, key: &str, value: &Value) -> Called<()> {
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
impl DatabaseReads for Ledgers {
    async fn global_cluster(&self, _asked: &Region) -> Called<Option<GlobalClusterSeen>> {
        let member = |region: &str, is_writer| Member {
            cluster_arn: format!("arn:{region}"),
            region: Region::new(region),
            is_writer,
            synchronization: None,
            write_forwarding: None,
        };
        let members = vec![member("us-west-1", true), member("us-east-1", false)];
        let (id, status) = ("acme-chat".into(), "available".into());
        Ok(Some(GlobalClusterSeen { id, status, members, failover_state: None, endpoint: None }))
    }
    async fn cluster(&self, _region: &Region) -> Called<Option<ClusterSeen>> {
        Ok(None)
    }
    async fn replication_lag_ms(&self, _secondary: &Region) -> Called<Option<Sample>> {
        Ok(None)
    }
    async fn database_events(&self, _region: &Region, _since: Time) -> Called<Vec<DatabaseEvent>> {
        Ok(Vec::new())
    }
    async fn snapshots(&self, _region: &Region) -> Called<Vec<SnapshotSeen>> {
        Ok(Vec::new())
    }
}
impl ExecutionReads for Ledgers {
    async fn execution(&self, region: &Region, arn: &str) -> Called<Option<ExecutionSeen>> {
        if self.is_away(region) {
            return Self::fault(region, Fault::NoAnswer);
        }
        let alive = self.running.borrow().get(arn).copied().unwrap_or(true);
        let status = if alive { ExecutionStatus::Running } else { ExecutionStatus::Failed };
        let stopped_at = (!alive).then_some(NOW);
        let name = RunId(String::new());
        Ok(Some(ExecutionSeen { arn: arn.into(), name, status, started_at: NOW, stopped_at }))
    }
}

fn wait_for<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

/// One machine execution that loops as the state machine does.
#[derive(Clone)]
struct Machine {
    own: &'static str,
    payload: Payload,
    now: Time,
}

impl Machine {
    fn new(own: &'static str, machine: &str, name: &str, input: Value) -> Self {
        let execution = Some(arn(own, machine, name));
        let payload = Payload { run: input, previous: None, part: "whole".into(), execution, token: None };
        Self { own, payload, now: NOW }
    }
    fn failover(name: &str, by: &str) -> Self {
        Self::new(
            "us-east-1",
            "failover",
            name,
            json!({"kind": "failover", "to": "us-east-1", "reason": "dark", "by": by}),
        )
    }
    fn protect(name: &str) -> Self {
        Self::new("us-west-1", "protect", name, json!({"kind": "protect", "to": "us-west-1", "reason": "set up"}))
    }
    fn look(&mut self, ledgers: &Ledgers) -> Result<Answer, StepError> {
        let place = place(self.own, self.now);
        let answer = wait_for(handle(ledgers, ledgers, ledgers, &place, self.payload.clone()))?;
        self.payload.run = serde_json::to_value(&answer.run).unwrap();
        self.payload.previous = Some(answer.previous.clone());
        self.now = self.now.plus_s(i64::from(answer.previous.look_again_s));
        Ok(answer)
    }
    fn ended(&self) -> bool {
        let last = self.payload.previous.as_ref().map(|previous| previous.outcome);
        !matches!(last, None | Some(Outcome::Acted | Outcome::Wait))
    }
    fn finish(&mut self, ledgers: &Ledgers) -> Answer {
        if self.ended() {
            let run = serde_json::from_value(self.payload.run.clone()).unwrap();
            return Answer { run, previous: self.payload.previous.clone().unwrap() };
        }
        for _ in 0..300 {
            let answer = self.look(ledgers).unwrap();
            if !matches!(answer.previous.outcome, Outcome::Acted | Outcome::Wait) {
                return answer;
            }
        }
        panic!("it never ends");
    }
}

#[test]
fn a_run_is_opened_in_three_looks_and_both_ledgers_agree() {
    let ledgers = Ledgers::default();
    let mut machine = Machine::failover("fo-1", "person");
    let outcomes: Vec<Outcome> = (0..3).map(|_| machine.look(&ledgers).unwrap().previous.outcome).collect();
    assert_eq!(outcomes, [Outcome::Acted, Outcome::Acted, Outcome::Already]);
    let answer = machine.look(&ledgers).unwrap();
    assert_eq!((answer.run.epoch, answer.run.opened_at, answer.run.forward_only), (Epoch(1), NOW, false));
    assert_eq!(ledgers.run_in("us-east-1"), ledgers.run_in("us-west-1"));
}

#[test]
fn a_second_delivery_of_any_look_claims_nothing_twice() {
    let ledgers = Ledgers::default();
    let mut machine = Machine::failover("fo-1", "person");
    let mut first = machine.clone();
    machine.finish(&ledgers);
    let answer = first.finish(&ledgers);
    assert_eq!((answer.previous.outcome, answer.run.epoch), (Outcome::Already, Epoch(1)));
}

#[test]
fn of_two_machines_that_start_a_failover_at_once_one_is_absorbed() {
    let ledgers = Ledgers::default();
    let (mut one, mut two) = (Machine::failover("fo-1", "alarm"), Machine::failover("fo-2", "alarm"));
    one.look(&ledgers).unwrap();
    let answer = two.finish(&ledgers);
    assert_eq!((answer.previous.outcome, answer.previous.code.as_str()), (Outcome::Refuse, "MoveRunning"));
    assert_eq!(one.finish(&ledgers).previous.outcome, Outcome::Already);
}

#[test]
fn of_two_regions_that_claim_one_epoch_the_writers_wins_in_every_order_of_looks() {
    for order in 0..64_u32 {
        let ledgers = Ledgers::default();
        let (mut failover, mut protect) = (Machine::failover("fo-1", "alarm"), Machine::protect("pr-1"));
        // Both claim in their own ledger before either sees the other.
        ledgers.away.set(true);
        failover.look(&ledgers).unwrap();
        ledgers.away.set(false);
        let east = ledgers.of.borrow_mut().remove(&Region::new("us-east-1")).unwrap();
        protect.look(&ledgers).unwrap();
        ledgers.of.borrow_mut().insert(Region::new("us-east-1"), east);
        for turn in 0..6 {
            let machine = if order >> turn & 1 == 0 { &mut failover } else { &mut protect };
            if !machine.ended() {
                machine.look(&ledgers).unwrap();
            }
        }
        let lost = failover.finish(&ledgers);
        let won = protect.finish(&ledgers);
        assert_eq!((lost.previous.outcome, lost.previous.code.as_str()), (Outcome::Refuse, "LostRace"), "{order:b}");
        assert_eq!((won.previous.outcome, won.run.epoch), (Outcome::Already, Epoch(1)), "{order:b}");
        assert_eq!(ledgers.run_in("us-east-1"), Some(("pr-1".into(), Epoch(1))));
    }
}

#[test]
fn a_failover_opens_although_the_other_region_reads_but_refuses_writes_or_is_away() {
    let ledgers = Ledgers::default();
    ledgers.writes_refused_there.set(true);
    let answer = Machine::failover("fo-1", "person").finish(&ledgers);
    assert_eq!((answer.previous.outcome, answer.run.epoch), (Outcome::Already, Epoch(1)));
    let ledgers = Ledgers::default();
    ledgers.away.set(true);
    assert_eq!(Machine::failover("fo-1", "person").finish(&ledgers).previous.outcome, Outcome::Already);
}

#[test]
fn a_persons_failover_pre_empts_and_the_pre_empted_run_learns_it() {
    let ledgers = Ledgers::default();
    let mut alarm = Machine::failover("fo-1", "alarm");
    alarm.look(&ledgers).unwrap();
    assert_eq!(Machine::failover("fo-2", "person").finish(&ledgers).run.epoch, Epoch(2));
    let answer = alarm.finish(&ledgers);
    assert_eq!((answer.previous.outcome, answer.previous.code.as_str()), (Outcome::Refuse, "Superseded"));
}

#[test]
fn a_resume_takes_the_next_epoch_and_goes_forward_only() {
    let ledgers = Ledgers::default();
    Machine::failover("fo-1", "alarm").finish(&ledgers);
    let east = Region::new("us-east-1");
    ledgers.of.borrow_mut().get_mut(&east).unwrap().0.apply(&LedgerMark::Calling { after: None }, NOW);
    ledgers.running.borrow_mut().insert(arn("us-east-1", "failover", "fo-1"), false);
    let input = json!({"kind": "failover", "to": "us-east-1", "by": "reconcile", "resumes": "fo-1"});
    let mut resume = Machine::new("us-east-1", "failover", "fo-1-r1", input);
    assert_eq!(resume.look(&ledgers).unwrap().previous.code, "FunctionsMayStillRun");
    let answer = resume.finish(&ledgers);
    assert_eq!((answer.previous.outcome, answer.run.epoch), (Outcome::Already, Epoch(2)));
    assert!(answer.run.forward_only);
    let all = ledgers.of.borrow();
    let line = all[&east].0.run.as_ref().unwrap();
    assert!(line.reached_call() && line.resumed_times == 1 && line.ending != Some(Ending::Healthy));
}

#[test]
fn a_dry_run_writes_no_ledger_and_keeps_epoch_0() {
    let ledgers = Ledgers::default();
    let input = json!({"kind": "switchover", "to": "us-east-1", "reason": "plan", "dry_run": true});
    let answer = Machine::new("us-east-1", "switchover", "so-1", input).finish(&ledgers);
    assert_eq!((answer.previous.outcome, answer.run.epoch), (Outcome::Already, Epoch(0)));
    assert!(ledgers.of.borrow().is_empty());
    assert!(ledgers.records.borrow().keys().all(|key| key.starts_with("dry-run/so-1/")));
}
