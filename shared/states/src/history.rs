//! The history of an execution, for transcripts.

use crate::host::TaskId;
use crate::state::StateKind;
use serde_json::Value;
use std::sync::Arc;

/// AWS fails an execution whose history would grow beyond this many events.
pub const HISTORY_LIMIT: u32 = 25_000;

/// One event. AWS writes the same events in the same order, with more details.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEvent {
    /// Counts from 1.
    pub id: u32,
    /// When.
    pub at_ms: i64,
    /// What.
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields repeat the names of the language, explained at Host and Status")]
pub enum EventKind {
    /// The execution started.
    ExecutionStarted { input: Arc<Value> },
    /// The execution ended well.
    ExecutionSucceeded { output: Arc<Value> },
    /// The execution failed.
    ExecutionFailed { error: Arc<str>, cause: Arc<str> },
    /// The execution ran for too long.
    ExecutionTimedOut,
    /// The execution was stopped.
    ExecutionAborted { error: Arc<str>, cause: Arc<str> },
    /// A state was entered.
    StateEntered { state: Arc<str>, kind: StateKind, input: Arc<Value> },
    /// A state was left, over its own way or that of a `Catch`.
    StateExited { state: Arc<str>, kind: StateKind, output: Arc<Value> },
    /// A state was given up: a sibling failed, or the execution ended.
    StateAborted { state: Arc<str>, kind: StateKind },
    /// A task was scheduled.
    TaskScheduled { state: Arc<str>, task: TaskId, attempt: u32, payload: Arc<Value> },
    /// A task was started.
    TaskStarted { state: Arc<str>, task: TaskId },
    /// The invocation of a task that waits for its token came back.
    TaskSubmitted { state: Arc<str>, task: TaskId },
    /// A task succeeded.
    TaskSucceeded { state: Arc<str>, task: TaskId, output: Arc<Value> },
    /// A task failed.
    TaskFailed { state: Arc<str>, task: TaskId, error: Arc<str>, cause: Arc<str> },
    /// A task ran or was silent for too long.
    TaskTimedOut { state: Arc<str>, task: TaskId, error: Arc<str>, cause: Arc<str> },
    /// The branches of a Parallel start.
    ParallelStarted { state: Arc<str> },
    /// All branches of a Parallel ended.
    ParallelSucceeded { state: Arc<str> },
    /// A branch of a Parallel failed.
    ParallelFailed { state: Arc<str>, error: Arc<str>, cause: Arc<str> },
}

impl EventKind {
    /// The type of the event as AWS names it (that of the optimised integration for every task).
    pub fn type_name(&self) -> String {
        match self {
            Self::ExecutionStarted { .. } => "ExecutionStarted".to_owned(),
            Self::ExecutionSucceeded { .. } => "ExecutionSucceeded".to_owned(),
            Self::ExecutionFailed { .. } => "ExecutionFailed".to_owned(),
            Self::ExecutionTimedOut => "ExecutionTimedOut".to_owned(),
            Self::ExecutionAborted { .. } => "ExecutionAborted".to_owned(),
            Self::StateEntered { kind, .. } => format!("{kind}StateEntered"),
            Self::StateExited { kind, .. } => format!("{kind}StateExited"),
            Self::StateAborted { kind, .. } => format!("{kind}StateAborted"),
            Self::TaskScheduled { .. } => "TaskScheduled".to_owned(),
            Self::TaskStarted { .. } => "TaskStarted".to_owned(),
            Self::TaskSubmitted { .. } => "TaskSubmitted".to_owned(),
            Self::TaskSucceeded { .. } => "TaskSucceeded".to_owned(),
            Self::TaskFailed { .. } => "TaskFailed".to_owned(),
            Self::TaskTimedOut { .. } => "TaskTimedOut".to_owned(),
            Self::ParallelStarted { .. } => "ParallelStateStarted".to_owned(),
            Self::ParallelSucceeded { .. } => "ParallelStateSucceeded".to_owned(),
            Self::ParallelFailed { .. } => "ParallelStateFailed".to_owned(),
        }
    }

    /// Whether the execution ends with this event.
    pub(crate) fn ends_execution(&self) -> bool {
        matches!(
            self,
            Self::ExecutionSucceeded { .. }
                | Self::ExecutionFailed { .. }
                | Self::ExecutionTimedOut
                | Self::ExecutionAborted { .. }
        )
    }
}
