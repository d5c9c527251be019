//! What comes back to an execution: the ends of tasks, with and without a token.

use super::Execution;
use super::shaping::Failure;
use super::thread::{Phase, RunningTask, ThreadId};
use crate::history::EventKind;
use crate::host::{Host, TaskId, TokenError, read_token};
use crate::size::fits;
use crate::state::{Action, Call};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An answer that the next poll will work on.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) at_ms: i64,
    task: TaskId,
    by_token: bool,
    outcome: Result<Value, Failure>,
}

impl Execution {
    /// A function came back with `answer`. Of a task that waits for a token this only ends the invocation. False when
    /// nobody waits for it any more; the answer is then dropped, as AWS does.
    pub fn task_succeeded(&mut self, task: TaskId, answer: Value, now_ms: i64) -> bool {
        self.invocation_ended(task, Ok(answer), now_ms)
    }

    /// A function failed with `error`, the name on which `Retry` and `Catch` match. False when nobody waits for it any
    /// more.
    pub fn task_failed(&mut self, task: TaskId, error: &str, cause: &str, now_ms: i64) -> bool {
        self.invocation_ended(task, Err(Failure::new(error, cause)), now_ms)
    }

    /// `SendTaskSuccess`.
    ///
    /// # Errors
    /// When the token is none, was never given out by this execution, or nobody waits for it any more.
    pub fn token_succeeded(&mut self, token: &str, output: Value, now_ms: i64) -> Result<(), TokenError> {
        self.token_answered(token, Ok(output), now_ms)
    }

    /// `SendTaskFailure`.
    ///
    /// # Errors
    /// As [`Execution::token_succeeded`].
    pub fn token_failed(&mut self, token: &str, error: &str, cause: &str, now_ms: i64) -> Result<(), TokenError> {
        self.token_answered(token, Err(Failure::new(error, cause)), now_ms)
    }

    /// `SendTaskHeartbeat`.
    ///
    /// # Errors
    /// As [`Execution::token_succeeded`].
    pub fn token_heartbeat(&mut self, token: &str, now_ms: i64) -> Result<(), TokenError> {
        let now_ms = now_ms.max(self.clock_ms);
        let machine = Arc::clone(&self.machine);
        let task = self.task_of_token(token)?;
        let (state, running) = self.open_task(task, now_ms).ok_or(TokenError::TaskTimedOut)?;
        if let Action::Task(task) = &machine.states[state].action {
            running.heartbeat_at_ms = task.heartbeat_s.map(|seconds| now_ms + i64::from(seconds) * 1_000);
        }
        Ok(())
    }

    fn invocation_ended(&mut self, task: TaskId, outcome: Result<Value, Failure>, now_ms: i64) -> bool {
        let now_ms = now_ms.max(self.clock_ms);
        let Some((_, running)) = self.open_task(task, now_ms).filter(|(_, running)| !running.submitted) else {
            return false;
        };
        if running.with_token && outcome.is_ok() {
            running.submitted = true;
        } else {
            running.answered = true;
        }
        self.inbox.push_back(Answer { at_ms: now_ms, task, by_token: false, outcome });
        true
    }

    fn token_answered(&mut self, token: &str, outcome: Result<Value, Failure>, now_ms: i64) -> Result<(), TokenError> {
        let now_ms = now_ms.max(self.clock_ms);
        let task = self.task_of_token(token)?;
        let (_, running) = self.open_task(task, now_ms).ok_or(TokenError::TaskTimedOut)?;
        running.answered = true;
        self.inbox.push_back(Answer { at_ms: now_ms, task, by_token: true, outcome });
        Ok(())
    }

    fn task_of_token(&self, token: &str) -> Result<TaskId, TokenError> {
        let (task, execution_id) = read_token(token).ok_or(TokenError::InvalidToken)?;
        let known = execution_id == &*self.facts.id && self.with_token.contains(&task);
        known.then_some(task).ok_or(TokenError::TaskDoesNotExist)
    }

    /// A task that can still be answered, with its state.
    fn open_task(&mut self, task: TaskId, now_ms: i64) -> Option<(usize, &mut RunningTask)> {
        if now_ms >= self.deadline_ms {
            return None;
        }
        self.threads.values_mut().find_map(|thread| match &mut thread.phase {
            Phase::Task(running) if running.id == task && running.is_open(now_ms) => Some((thread.state, running)),
            _ => None,
        })
    }

    /// Works on an answer; one whose task was given up in the meantime is dropped.
    pub(super) fn take_answer(&mut self, answer: Answer, host: &mut dyn Host) {
        let holder = self.threads.iter().find_map(|(id, thread)| match &thread.phase {
            Phase::Task(running) if running.id == answer.task => Some((*id, running.with_token)),
            _ => None,
        });
        let Some((thread, with_token)) = holder else { return };
        if with_token && !answer.by_token && answer.outcome.is_ok() {
            let state = self.state_name(thread);
            return self.record(EventKind::TaskSubmitted { state, task: answer.task }, host);
        }
        if let Some(thread) = self.threads.get_mut(&thread) {
            thread.phase = Phase::Working;
        }
        match answer.outcome.and_then(|value| self.result(thread, value)) {
            Ok(output) => {
                let state = self.state_name(thread);
                self.record(EventKind::TaskSucceeded { state, task: answer.task, output: Arc::clone(&output) }, host);
                self.finish(thread, output, host);
            }
            Err(failure) => {
                let (error, cause) = (Arc::clone(&failure.error), Arc::clone(&failure.cause));
                let state = self.state_name(thread);
                self.record(EventKind::TaskFailed { state, task: answer.task, error, cause }, host);
                self.state_failed(thread, failure, host);
            }
        }
    }

    /// The task's result in the form in which AWS gives it to the state.
    fn result(&self, thread: ThreadId, answer: Value) -> Result<Arc<Value>, Failure> {
        let action = self.threads.get(&thread).map(|thread| &self.machine.states[thread.state].action);
        let wrapped = matches!(action, Some(Action::Task(task)) if task.call == Call::Invoke);
        let result = if wrapped { invocation(answer) } else { answer };
        if fits(&result) { Ok(Arc::new(result)) } else { Err(Failure::too_large("The result of the task")) }
    }

    pub(super) fn state_name(&self, thread: ThreadId) -> Arc<str> {
        self.threads
            .get(&thread)
            .map_or_else(|| Arc::from(""), |thread| Arc::clone(&self.machine.states[thread.state].name))
    }
}

/// The result of the optimised Lambda integration, around the function's answer.
fn invocation(answer: Value) -> Value {
    let details = json!({"HttpHeaders": {"X-Amz-Executed-Version": ["$LATEST"]}, "HttpStatusCode": 200});
    let parts = BTreeMap::from([
        ("ExecutedVersion".to_owned(), Value::from("$LATEST")),
        ("Payload".to_owned(), answer),
        ("SdkHttpMetadata".to_owned(), details),
        ("StatusCode".to_owned(), Value::from(200)),
    ]);
    parts.into_iter().collect()
}
