//! Runs a machine under virtual time against a script: what each Task answers at each of its looks.

use std::collections::BTreeMap;
use std::sync::Arc;

use mmdr_core::{Answer, Epoch, Kind, Outcome, Previous, Region, RunId, StartedBy, StepName, Ticket, Time};
use mmdr_states::{Call, EventKind, Execution, HistoryEvent, Host, Machine, Start, Status, TaskId, TaskStart};
use serde_json::{Value, json};

/// What becomes of one look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Reply {
    /// It answers with this outcome and code.
    Says(Outcome, &'static str),
    /// It fails with this error.
    Fails(&'static str),
    /// It never answers.
    Hangs,
}

pub(crate) const ALREADY: Reply = Reply::Says(Outcome::Already, "");

/// A run that has ended.
pub(crate) struct Ended {
    pub(crate) status: Status,
    /// The Tasks, one entry per look or attempt, in the order in which they were started.
    pub(crate) looks: Vec<String>,
    pub(crate) events: u32,
    pub(crate) lasted_s: i64,
}

impl Ended {
    /// The Tasks in the order in which each was first started.
    pub(crate) fn story(&self) -> Vec<&str> {
        let mut story: Vec<&str> = Vec::new();
        for task in &self.looks {
            if !story.contains(&task.as_str()) {
                story.push(task);
            }
        }
        story
    }

    pub(crate) fn count(&self, task: &str) -> usize {
        self.looks.iter().filter(|look| *look == task).count()
    }

    /// `Succeeded`, or the error with which it failed.
    pub(crate) fn ending(&self) -> &str {
        match &self.status {
            Status::Succeeded(_) => "Succeeded",
            Status::Failed { error, .. } => error,
            Status::TimedOut => "TimedOut",
            other => panic!("not ended: {other:?}"),
        }
    }
}

#[derive(Default)]
struct Recorder {
    started: Vec<TaskStart>,
    entered: Vec<(Arc<str>, Arc<Value>)>,
}

impl Host for Recorder {
    fn start_task(&mut self, task: TaskStart) {
        self.started.push(task);
    }

    fn abandon_task(&mut self, _task: TaskId) {}

    fn event(&mut self, event: HistoryEvent) {
        if let EventKind::StateEntered { state, input, .. } = event.kind {
            self.entered.push((state, input));
        }
    }
}

/// A run's ticket as open-run would make it.
fn ticket(forward_only: bool) -> Ticket {
    Ticket {
        id: RunId("run-1".into()),
        execution: "execution:failover:run-1".into(),
        kind: Kind::Failover,
        from: Region::new("eu-west-1"),
        to: Region::new("eu-central-1"),
        epoch: Epoch(7),
        by: StartedBy::Person,
        reason: "drill".into(),
        dry_run: false,
        resumes: None,
        earlier: Vec::new(),
        accepts: Vec::new(),
        forward_only,
        opened_at: Time(0),
    }
}

/// What a function answers to this payload.
fn answer(payload: &Value, task: &str, outcome: Outcome, code: &str, forward_only: bool, at_ms: i64) -> Value {
    let step: StepName = task.split(':').next().unwrap().split(' ').next().unwrap().parse().unwrap();
    let part = payload["part"].as_str().unwrap().to_owned();
    let looks_again = matches!(outcome, Outcome::Acted | Outcome::Wait);
    let previous = Previous {
        step,
        part,
        outcome,
        code: code.into(),
        sentence: format!("{task} says so"),
        looks: 1,
        first_look_at: Time(at_ms),
        look_again_s: if looks_again { 10 } else { 0 },
        receipt: None,
    };
    if payload["part"] == "answer" {
        // An approval's answer stays in the state as the person gave it.
        return json!({"run": payload["run"], "previous": previous});
    }
    serde_json::to_value(Answer { run: ticket(forward_only), previous }).unwrap()
}

/// Runs `machine` to its end. `script` says what a Task answers at its n-th look (the first is 1, and a retried look
/// counts); time passes at once.
pub(crate) fn run(machine: &Arc<Machine>, forward_only: bool, mut script: impl FnMut(&str, usize) -> Reply) -> Ended {
    const LOOK_MS: i64 = 200;
    let start = Start::named(machine, "run-1", json!({"kind": "failover", "to": "eu-central-1"}));
    let mut execution = Execution::start(Arc::clone(machine), start, 0, 1).unwrap();
    let mut host = Recorder::default();
    let mut pending: Vec<(i64, TaskStart, Reply)> = Vec::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let (mut now_ms, mut looks) = (0, Vec::new());
    loop {
        execution.poll(now_ms, &mut host);
        for task in host.started.drain(..) {
            let name = task.state.to_string();
            let count = counts.entry(name.clone()).or_default();
            *count += 1;
            match script(&name, *count) {
                Reply::Hangs => {}
                reply => pending.push((task.started_ms + LOOK_MS, task, reply)),
            }
            looks.push(name);
        }
        let Some(due_ms) = execution.next_due() else { break };
        pending.sort_by_key(|(at_ms, task, _)| (*at_ms, task.task_id));
        match pending.first().filter(|(at_ms, _, _)| *at_ms <= due_ms) {
            None => now_ms = due_ms,
            Some(_) => {
                let (at_ms, task, reply) = pending.remove(0);
                now_ms = at_ms;
                give(&mut execution, &task, reply, forward_only, at_ms);
            }
        }
    }
    check_states(&host.entered);
    Ended { status: execution.status().clone(), looks, events: execution.events(), lasted_s: now_ms / 1_000 }
}

fn give(execution: &mut Execution, task: &TaskStart, reply: Reply, forward_only: bool, at_ms: i64) {
    match (reply, &task.token) {
        (Reply::Says(..), Some(token)) => {
            execution.token_succeeded(token, json!("woken"), at_ms).unwrap();
        }
        (Reply::Says(outcome, code), None) => {
            assert_eq!(task.call, Call::Invoke);
            let value = answer(&task.payload, &task.state, outcome, code, forward_only, at_ms);
            execution.task_succeeded(task.task_id, value, at_ms);
        }
        (Reply::Fails(error), _) => {
            execution.task_failed(task.task_id, error, "it said so", at_ms);
        }
        (Reply::Hangs, _) => {}
    }
}

/// Machine state is `{run, previous}` everywhere, but for the start input, for what a Catch adds until the next state
/// takes it away, and for the list that a join reads.
fn check_states(entered: &[(Arc<str>, Arc<Value>)]) {
    for (state, input) in entered.iter().skip(1) {
        let fits = |value: &Value| match value {
            // In whatever order: a dependency of the functions lets objects keep theirs.
            Value::Object(fields) => {
                fields.len() == 2 && ["previous", "run"].iter().all(|name| fields.contains_key(*name))
            }
            _ => false,
        };
        let caught = (state.starts_with("no answer: ") || state.starts_with("stopped: the evidence"))
            && input.get("caught").is_some()
            && input.as_object().is_some_and(|fields| fields.len() == 3);
        let joined = input.as_array().is_some_and(|list| list.iter().all(fits));
        assert!(fits(input) || caught || joined, "{state} is entered with {input}");
    }
}
