//! Two Regions' ledgers, records, topics and executions in memory: for tests in which looks follow each other, copies of a
//! function run beside each other, and a function dies between two writes.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use mmdr_core::ports::*;
use mmdr_core::{
    CallError, Deployment, Fault, Kind, Ledger, Phase, Place, Region, RunId, RunLine, Sample, Ticket, Time,
};
use serde_json::Value;

/// What a step finds and leaves; every field is free to be looked at and to be set.
#[derive(Debug, Default)]
pub struct InMemory {
    /// Each Region's ledger with its version.
    pub ledgers: RefCell<BTreeMap<Region, (Ledger, u64)>>,
    /// Every record, text and page by its key, whatever the Region.
    pub records: RefCell<BTreeMap<String, Value>>,
    /// The subjects of which people were told.
    pub told: RefCell<Vec<String>>,
    /// The tokens that were woken; a token that was woken before is dead.
    pub woken: RefCell<Vec<String>>,
    /// The executions that were started, with their input; a name is taken once.
    pub started: RefCell<Vec<(RunId, Value)>>,
    /// The executions that have failed, by ARN, and when; every other one runs.
    pub failed: RefCell<BTreeMap<String, Time>>,
    /// The global cluster, as either Region shows it.
    pub global: RefCell<Option<GlobalClusterSeen>>,
    /// The Region that answers nothing.
    pub away: RefCell<Option<Region>>,
    /// The Region whose ledger may be read and not written.
    pub read_only: RefCell<Option<Region>>,
    /// Whether Step Functions starts nothing and does not answer.
    pub starts_nothing: Cell<bool>,
    /// Whether topics tell nobody: their key is gone.
    pub topic_refuses: Cell<bool>,
    /// How many writes are answered before the function dies; none: all. The core's own evidence is never lost: what is
    /// tested is the step.
    pub writes_left: Cell<Option<u32>>,
}

impl InMemory {
    /// Opens the run of `ticket`, as far as `phase`, in the ledgers of these Regions.
    pub fn open(&self, ticket: &Ticket, phase: Phase, regions: &[&Region]) {
        for region in regions {
            let mut ledger = Ledger::new((*region).clone());
            ledger.claimed = ticket.epoch;
            ledger.run = Some(line_of(ticket, phase));
            self.ledgers.borrow_mut().insert((*region).clone(), (ledger, 1));
        }
    }

    /// The run that a Region's ledger names.
    pub fn run_in(&self, region: &str) -> Option<RunLine> {
        self.ledgers.borrow().get(&Region::new(region))?.0.run.clone()
    }

    fn answers(&self, region: &Region) -> Called<()> {
        if self.away.borrow().as_ref() == Some(region) { fault(region, Fault::NoAnswer) } else { Ok(()) }
    }

    fn write(&self, region: &Region) -> Called<()> {
        match self.writes_left.get() {
            Some(0) => fault(region, Fault::NoAnswer),
            left => {
                self.writes_left.set(left.map(|left| left - 1));
                Ok(())
            }
        }
    }
}

fn fault<T>(region: &Region, fault: Fault) -> Called<T> {
    Err(CallError { call: "any".into(), region: region.clone(), fault })
}

/// A run's line in the ledger, opened by nobody's resume.
fn line_of(ticket: &Ticket, phase: Phase) -> RunLine {
    RunLine {
        id: ticket.id.clone(),
        execution: ticket.execution.clone(),
        kind: ticket.kind,
        region: ticket.to.clone(),
        epoch: ticket.epoch,
        phase,
        by: ticket.by,
        opened_at: ticket.opened_at,
        resumes: None,
        earlier: Vec::new(),
        resumed_times: 0,
        finish: false,
        ending: None,
        closed_at: None,
        pre_empted: None,
        diagnosis: None,
    }
}

/// The place of a function in this Region, with the document of the seed runbook's architecture.
pub fn place(own: &str, now: Time) -> Place {
    let deployment = Deployment::seed_example().unwrap_or_else(|error| panic!("the example: {error}"));
    Place { own: Region::new(own), deployment: Arc::new(deployment), now }
}

/// What a future gives that waits for nothing.
pub fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

impl LedgerReads for InMemory {
    async fn ledger(&self, region: &Region) -> Called<Option<LedgerSeen>> {
        self.answers(region)?;
        let all = self.ledgers.borrow();
        Ok(all.get(region).map(|(ledger, v)| LedgerSeen { ledger: ledger.clone(), version: v.to_string() }))
    }
}

impl LedgerWrites for InMemory {
    async fn write_ledger(&self, region: &Region, ledger: &Ledger, version: Option<&str>) -> Called<String> {
        self.answers(region)?;
        if self.read_only.borrow().as_ref() == Some(region) {
            return fault(region, Fault::Denied("read only".into()));
        }
        self.write(region)?;
        let mut all = self.ledgers.borrow_mut();
        let current = all.get(region).map(|(_, v)| *v);
        if current.map(|v| v.to_string()).as_deref() != version {
            return fault(region, Fault::Conflict);
        }
        let next = current.unwrap_or(0) + 1;
        all.insert(region.clone(), (ledger.clone(), next));
        Ok(next.to_string())
    }
}

impl RecordReads for InMemory {
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

impl RecordWrites for InMemory {
    async fn put_record(&self, region: &Region, key: &str, value: &Value) -> Called<()> {
        if !key.contains("/evidence/") {
            self.write(region)?;
        }
        self.records.borrow_mut().insert(key.into(), value.clone());
        Ok(())
    }
    async fn put_text(&self, region: &Region, key: &str, text: &str) -> Called<()> {
        self.put_record(region, key, &Value::from(text)).await
    }
    async fn create_record(&self, region: &Region, key: &str, value: &Value) -> Called<bool> {
        self.write(region)?;
        let mut records = self.records.borrow_mut();
        let is_first = !records.contains_key(key);
        records.entry(key.into()).or_insert_with(|| value.clone());
        Ok(is_first)
    }
}

impl NoticeWrites for InMemory {
    async fn notify(&self, region: &Region, subject: &str, _text: &str) -> Called<()> {
        self.write(region)?;
        if self.topic_refuses.get() {
            let fault = Fault::Refused("KMSDisabledException: the key is disabled".into());
            return Err(CallError { call: "sns:Publish".into(), region: region.clone(), fault });
        }
        self.told.borrow_mut().push(subject.into());
        Ok(())
    }
}

impl ExecutionReads for InMemory {
    async fn execution(&self, region: &Region, arn: &str) -> Called<Option<ExecutionSeen>> {
        self.answers(region)?;
        let stopped_at = self.failed.borrow().get(arn).copied();
        let status = if stopped_at.is_some() { ExecutionStatus::Failed } else { ExecutionStatus::Running };
        let (name, started_at) = (RunId::default(), Time::default());
        Ok(Some(ExecutionSeen { arn: arn.into(), name, status, started_at, stopped_at }))
    }
}

impl ExecutionWrites for InMemory {
    async fn start_execution(&self, region: &Region, kind: Kind, name: &RunId, input: &Value) -> Called<Started> {
        if self.starts_nothing.get() {
            return fault(region, Fault::NoAnswer);
        }
        self.write(region)?;
        if self.started.borrow().iter().any(|(known, _)| known == name) {
            return Ok(Started::AlreadyExists);
        }
        self.started.borrow_mut().push((name.clone(), input.clone()));
        Ok(Started::New(format!("arn:aws:states:{region}:123456789012:execution:mmdr-{kind}:{name}")))
    }
    async fn wake(&self, region: &Region, token: &str, _output: &Value) -> Called<Woken> {
        self.write(region)?;
        let mut woken = self.woken.borrow_mut();
        let dead = woken.iter().any(|it| it == token);
        woken.push(token.into());
        Ok(if dead { Woken::Dead } else { Woken::Awake })
    }
}

impl DatabaseReads for InMemory {
    async fn global_cluster(&self, asked: &Region) -> Called<Option<GlobalClusterSeen>> {
        self.answers(asked)?;
        Ok(self.global.borrow().clone())
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
