//! What stands around an execution: who runs its tasks, and how it ends.

use crate::history::HistoryEvent;
use crate::state::Call;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// A task of one execution; each attempt is a task of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskId(pub u64);

impl fmt::Display for TaskId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "task {}", self.0)
    }
}

/// A task that is to be started now.
#[derive(Debug, Clone)]
pub struct TaskStart {
    /// Under which id to report what became of it.
    pub task_id: TaskId,
    /// The state.
    pub state: Arc<str>,
    /// How the function is reached. Of a task that waits for a token, the invocation's own end is reported with
    /// `task_succeeded` or `task_failed`, and the answer with the token.
    pub call: Call,
    /// The `Resource`.
    pub resource: Arc<str>,
    /// The function: `FunctionName`, or the `Resource` of a direct call; `${Name}` is kept as it is written.
    pub function: Arc<str>,
    /// What the function is given.
    pub payload: Arc<Value>,
    /// The token, if the task waits for one.
    pub token: Option<Arc<str>>,
    /// When the state was entered.
    pub entered_ms: i64,
    /// When this attempt starts.
    pub started_ms: i64,
    /// 1, and one more for each retry.
    pub attempt: u32,
    /// `TimeoutSeconds`.
    pub timeout_s: Option<u32>,
}

/// Runs the tasks of one execution. Nothing is answered from within these calls: answers are given to the execution
/// between two polls.
pub trait Host {
    /// A task starts.
    fn start_task(&mut self, task: TaskStart);

    /// Nobody waits for the task any more: it timed out, its branch was cancelled, or the execution ended.
    fn abandon_task(&mut self, task: TaskId);

    /// Something was written to the history.
    fn event(&mut self, event: HistoryEvent) {
        let _ = event;
    }
}

/// How an execution stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// It has not ended.
    Running,
    /// It ended well.
    Succeeded(Arc<Value>),
    /// A state failed and nothing caught it.
    Failed {
        /// The error's name.
        error: Arc<str>,
        /// The error's cause.
        cause: Arc<str>,
    },
    /// It ran longer than the machine's `TimeoutSeconds`, or than a year.
    TimedOut,
    /// It was stopped.
    Aborted {
        /// The error that the one who stopped it gave.
        error: Arc<str>,
        /// The cause that the one who stopped it gave.
        cause: Arc<str>,
    },
}

/// Why an answer with a token is refused; the names are those of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenError {
    /// It does not look like a token.
    InvalidToken,
    /// The execution never gave it out.
    TaskDoesNotExist,
    /// Nobody waits for it any more: answered, timed out, cancelled, or the execution ended.
    TaskTimedOut,
}

impl TokenError {
    /// The name of the error as AWS gives it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidToken => "InvalidToken",
            Self::TaskDoesNotExist => "TaskDoesNotExist",
            Self::TaskTimedOut => "TaskTimedOut",
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl std::error::Error for TokenError {}

const TOKEN_PREFIX: &str = "task-token:";

/// The token of a task: from the execution's id and the task's number, so that a run repeats exactly.
pub(crate) fn token_of(execution_id: &str, task: TaskId) -> String {
    format!("{TOKEN_PREFIX}{}:{execution_id}", task.0)
}

/// The task's number and the execution's id in a token.
pub(crate) fn read_token(token: &str) -> Option<(TaskId, &str)> {
    let (number, execution_id) = token.strip_prefix(TOKEN_PREFIX)?.split_once(':')?;
    Some((TaskId(number.parse().ok()?), execution_id))
}

/// The id of the execution that gave out `token`, for whoever keeps several.
pub fn execution_of_token(token: &str) -> Option<&str> {
    read_token(token).map(|(_, execution_id)| execution_id)
}
