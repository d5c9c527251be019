//! A host that answers tasks by a function of theirs, and moves time from one thing that is due to the next.

use mmdr_states::{EventKind, Execution, HistoryEvent, Host, Machine, Start, Status, TaskId, TaskStart};
use serde_json::{Value, json};
use std::sync::Arc;

/// What becomes of a task.
pub(crate) enum Answer {
    /// After so many milliseconds it succeeds.
    Ok(i64, Value),
    /// After so many milliseconds it fails with this error.
    Err(i64, &'static str),
    /// It never answers.
    Never,
}

#[derive(Default)]
pub(crate) struct Recorder {
    pub(crate) started: Vec<TaskStart>,
    pub(crate) abandoned: Vec<TaskId>,
    pub(crate) events: Vec<HistoryEvent>,
}

impl Host for Recorder {
    fn start_task(&mut self, task: TaskStart) {
        self.started.push(task);
    }

    fn abandon_task(&mut self, task: TaskId) {
        self.abandoned.push(task);
    }

    fn event(&mut self, event: HistoryEvent) {
        self.events.push(event);
    }
}

/// An execution that ran to its end.
pub(crate) struct Run {
    pub(crate) status: Status,
    pub(crate) host: Recorder,
    pub(crate) ended_ms: i64,
}

impl Run {
    pub(crate) fn output(&self) -> &Value {
        match &self.status {
            Status::Succeeded(output) => output,
            other => panic!("expected success, found {other:?}"),
        }
    }

    pub(crate) fn error(&self) -> &str {
        match &self.status {
            Status::Failed { error, .. } => error,
            other => panic!("expected a failure, found {other:?}"),
        }
    }

    pub(crate) fn cause(&self) -> &str {
        match &self.status {
            Status::Failed { cause, .. } => cause,
            other => panic!("expected a failure, found {other:?}"),
        }
    }

    /// The states in the order in which they were entered.
    pub(crate) fn entered(&self) -> Vec<&str> {
        let entered = self.host.events.iter().filter_map(|event| match &event.kind {
            EventKind::StateEntered { state, .. } => Some(&**state),
            _ => None,
        });
        entered.collect()
    }

    /// The types of the events.
    pub(crate) fn types(&self) -> Vec<String> {
        self.host.events.iter().map(|event| event.kind.type_name()).collect()
    }

    /// When each task was started.
    pub(crate) fn starts_ms(&self) -> Vec<i64> {
        self.host.started.iter().map(|task| task.started_ms).collect()
    }
}

pub(crate) fn machine(definition: &Value) -> Arc<Machine> {
    Machine::parse("machine", &definition.to_string()).unwrap_or_else(|errors| panic!("{errors}"))
}

/// A machine of these states that starts at the state `a`.
pub(crate) fn states(states: Value) -> Arc<Machine> {
    machine(&json!({"StartAt": "a", "States": states}))
}

pub(crate) fn begin(machine: &Arc<Machine>, input: Value) -> Execution {
    begin_seeded(machine, input, 1)
}

pub(crate) fn begin_seeded(machine: &Arc<Machine>, input: Value, seed: u64) -> Execution {
    Execution::start(Arc::clone(machine), Start::named(machine, "run-1", input), 0, seed).unwrap()
}

/// Runs from time 0 to the end.
pub(crate) fn run(machine: &Arc<Machine>, input: Value, answer: impl FnMut(&TaskStart) -> Answer) -> Run {
    run_seeded(machine, input, 1, answer)
}

pub(crate) fn run_seeded(
    machine: &Arc<Machine>,
    input: Value,
    seed: u64,
    mut answer: impl FnMut(&TaskStart) -> Answer,
) -> Run {
    let mut execution = begin_seeded(machine, input, seed);
    let mut host = Recorder::default();
    let mut pending: Vec<(i64, TaskId, Result<Value, &'static str>)> = Vec::new();
    let (mut now_ms, mut seen) = (0, 0);
    loop {
        execution.poll(now_ms, &mut host);
        for task in &host.started[seen..] {
            match answer(task) {
                Answer::Ok(after_ms, value) => pending.push((task.started_ms + after_ms, task.task_id, Ok(value))),
                Answer::Err(after_ms, error) => pending.push((task.started_ms + after_ms, task.task_id, Err(error))),
                Answer::Never => {}
            }
        }
        seen = host.started.len();
        let Some(due_ms) = execution.next_due() else { break };
        let first = (0..pending.len()).min_by_key(|index| pending[*index].0);
        match first.filter(|index| pending[*index].0 < due_ms) {
            None => now_ms = due_ms,
            Some(index) => {
                let (at_ms, task, outcome) = pending.remove(index);
                now_ms = at_ms;
                match outcome {
                    Ok(value) => execution.task_succeeded(task, value, at_ms),
                    Err(error) => execution.task_failed(task, error, "it said so", at_ms),
                };
            }
        }
    }
    Run { status: execution.status().clone(), host, ended_ms: now_ms }
}

/// Runs a machine without tasks.
pub(crate) fn walk(machine: &Arc<Machine>, input: Value) -> Run {
    run(machine, input, |task| panic!("no task expected, found {}", task.state))
}

/// A direct task that goes on to `next`.
pub(crate) fn task(next: &str) -> Value {
    json!({"Type": "Task", "Resource": "${Function}", "Next": next})
}

/// `base` with the fields of `more`.
pub(crate) fn with(mut base: Value, more: Value) -> Value {
    if let (Some(fields), Value::Object(more)) = (base.as_object_mut(), more) {
        fields.extend(more);
    }
    base
}
