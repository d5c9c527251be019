//! The threads of an execution: one for the machine, one for each branch of a Parallel that runs.

use crate::host::TaskId;
use crate::state::StateIndex;
use serde_json::Value;
use std::sync::Arc;

pub(super) type ThreadId = u64;

#[derive(Debug)]
pub(super) struct Thread {
    /// The thread of the Parallel that started this one, and the number of the branch.
    pub(super) parent: Option<(ThreadId, usize)>,
    pub(super) state: StateIndex,
    /// The state's input as it arrived; retries and catches begin from it again.
    pub(super) input: Arc<Value>,
    pub(super) entered_ms: i64,
    /// How often each entry of the state's `Retry` was used.
    pub(super) attempts: Vec<u32>,
    /// The sum of the attempts: `$$.State.RetryCount`.
    pub(super) retries: u32,
    pub(super) phase: Phase,
}

#[derive(Debug)]
pub(super) enum Phase {
    /// The state was not entered yet.
    Entering,
    /// The state is working, or about to be left or to fail.
    Working,
    /// A task runs.
    Task(RunningTask),
    /// A Wait waits; `result` goes on after it.
    Waiting { until_ms: i64, result: Arc<Value> },
    /// A retry is due later.
    BackingOff { until_ms: i64 },
    /// Branches run; each leaves its output here.
    Parallel { outputs: Vec<Option<Arc<Value>>> },
}

#[derive(Debug)]
pub(super) struct RunningTask {
    pub(super) id: TaskId,
    pub(super) timeout_at_ms: Option<i64>,
    pub(super) heartbeat_at_ms: Option<i64>,
    pub(super) with_token: bool,
    /// The invocation of a task with a token was reported to be over.
    pub(super) submitted: bool,
    /// What ends the task is in the inbox: a second answer comes too late.
    pub(super) answered: bool,
}

impl RunningTask {
    /// When the task is given up, if nothing happens before.
    pub(super) fn due_ms(&self) -> Option<i64> {
        [self.timeout_at_ms, self.heartbeat_at_ms].into_iter().flatten().min()
    }

    /// Whether an answer at `now_ms` is in time; at the time-out itself it is not.
    pub(super) fn is_open(&self, now_ms: i64) -> bool {
        !self.answered && self.due_ms().is_none_or(|due_ms| now_ms < due_ms)
    }
}

impl Thread {
    pub(super) fn new(parent: Option<(ThreadId, usize)>, state: StateIndex, input: Arc<Value>) -> Self {
        Self { parent, state, input, entered_ms: 0, attempts: Vec::new(), retries: 0, phase: Phase::Entering }
    }

    /// When this thread has something to do by itself.
    pub(super) fn due_ms(&self) -> Option<i64> {
        match &self.phase {
            Phase::Task(task) if !task.answered => task.due_ms(),
            Phase::Waiting { until_ms, .. } | Phase::BackingOff { until_ms } => Some(*until_ms),
            Phase::Task(_) | Phase::Entering | Phase::Working | Phase::Parallel { .. } => None,
        }
    }
}
