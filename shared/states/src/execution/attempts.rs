//! Entering states and doing what they say.

use super::Execution;
use super::shaping::{Failure, select};
use super::thread::{Phase, RunningTask, Thread, ThreadId};
use crate::error_names::NO_CHOICE_MATCHED;
use crate::history::EventKind;
use crate::host::{Host, TaskId, TaskStart, token_of};
use crate::path::Path;
use crate::state::{Action, After, Call, Duration, Rule, State, StateIndex, Task, Text};
use serde_json::Value;
use std::sync::Arc;

impl Execution {
    /// Runs the state in which the thread stands: for the first time, or again after a back-off.
    pub(super) fn run(&mut self, id: ThreadId, host: &mut dyn Host) {
        let machine = Arc::clone(&self.machine);
        let Some(thread) = self.threads.get_mut(&id) else { return };
        let state = &machine.states[thread.state];
        if matches!(thread.phase, Phase::Entering) {
            thread.phase = Phase::Working;
            thread.entered_ms = self.clock_ms;
            thread.retries = 0;
            thread.attempts = vec![0; state.retry.len()];
            let (name, input) = (Arc::clone(&state.name), Arc::clone(&thread.input));
            self.record(EventKind::StateEntered { state: name, kind: state.kind(), input }, host);
        }
        if let Err(failure) = self.attempt(id, state, host) {
            self.state_failed(id, failure, host);
        }
    }

    fn attempt(&mut self, id: ThreadId, state: &State, host: &mut dyn Host) -> Result<(), Failure> {
        if let Action::Task(task) = &state.action {
            return self.start_task(id, state, task, host);
        }
        let Some(thread) = self.threads.get(&id) else { return Ok(()) };
        let input = self.effective_input(state, thread, None)?;
        match &state.action {
            Action::Choice { rules, default } => {
                let next = self.choose(thread, rules, *default, &input)?;
                let output =
                    select("OutputPath", state.filters.output_path.as_ref(), &input, &self.context(thread, None))?;
                self.leave(id, After::To(next), output, host);
            }
            Action::Wait(duration) => {
                let until_ms = self.clock_ms + self.seconds(thread, duration, &input)? * 1_000;
                self.set_phase(id, Phase::Waiting { until_ms, result: input });
            }
            Action::Pass { result } => {
                let result = result.as_ref().map(Arc::clone).unwrap_or(input);
                self.finish(id, result, host);
            }
            Action::Parallel { branches } => self.branch_out(id, state, branches, &input, host),
            Action::Fail { error, cause } => {
                let error = self.text(thread, error, &input)?;
                let cause = cause.as_ref().map_or(Ok(Arc::from("")), |cause| self.text(thread, cause, &input))?;
                return Err(Failure { error, cause });
            }
            Action::Succeed | Action::Task(_) => self.finish(id, input, host),
        }
        Ok(())
    }

    fn start_task(&mut self, id: ThreadId, state: &State, task: &Task, host: &mut dyn Host) -> Result<(), Failure> {
        let task_id = TaskId(self.next_task);
        self.next_task += 1;
        let with_token = task.call == Call::InvokeForToken;
        let token: Option<Arc<str>> = with_token.then(|| Arc::from(token_of(&self.facts.id, task_id)));
        let Some(thread) = self.threads.get(&id) else { return Ok(()) };
        let payload = self.effective_input(state, thread, token.as_deref())?;
        let (entered_ms, attempt) = (thread.entered_ms, thread.retries + 1);
        let name = || Arc::clone(&state.name);
        self.record(
            EventKind::TaskScheduled { state: name(), task: task_id, attempt, payload: Arc::clone(&payload) },
            host,
        );
        self.record(EventKind::TaskStarted { state: name(), task: task_id }, host);
        if self.history_is_full {
            return Ok(());
        }
        let due = |seconds: Option<u32>| seconds.map(|seconds| self.clock_ms + i64::from(seconds) * 1_000);
        let running = RunningTask {
            id: task_id,
            timeout_at_ms: due(task.timeout_s),
            heartbeat_at_ms: due(task.heartbeat_s),
            with_token,
            submitted: false,
            answered: false,
        };
        self.set_phase(id, Phase::Task(running));
        if with_token {
            self.with_token.insert(task_id);
        }
        host.start_task(TaskStart {
            task_id,
            state: name(),
            call: task.call,
            resource: Arc::clone(&task.resource),
            function: Arc::clone(&task.function),
            payload,
            token,
            entered_ms,
            started_ms: self.clock_ms,
            attempt,
            timeout_s: task.timeout_s,
        });
        Ok(())
    }

    fn branch_out(
        &mut self,
        id: ThreadId,
        state: &State,
        branches: &[StateIndex],
        input: &Arc<Value>,
        host: &mut dyn Host,
    ) {
        self.record(EventKind::ParallelStarted { state: Arc::clone(&state.name) }, host);
        self.set_phase(id, Phase::Parallel { outputs: vec![None; branches.len()] });
        for (number, start) in branches.iter().enumerate() {
            let branch = self.next_thread;
            self.next_thread += 1;
            self.threads.insert(branch, Thread::new(Some((id, number)), *start, Arc::clone(input)));
            self.ready.push_back(branch);
        }
    }

    fn choose(
        &self,
        thread: &Thread,
        rules: &[Rule],
        default: Option<StateIndex>,
        input: &Value,
    ) -> Result<StateIndex, Failure> {
        let context = self.context(thread, None);
        for rule in rules {
            if rule.condition.holds(input, &context).map_err(|cause| Failure::runtime(&cause))? {
                return Ok(rule.next);
            }
        }
        default.ok_or_else(|| Failure::new(NO_CHOICE_MATCHED, "No rule matched and the state has no Default."))
    }

    fn seconds(&self, thread: &Thread, duration: &Duration, input: &Value) -> Result<i64, Failure> {
        let path = match duration {
            Duration::Seconds(seconds) => return Ok(i64::from(*seconds)),
            Duration::Path(path) => path,
        };
        let seconds = path.resolve(input, &self.context(thread, None)).and_then(|value| value.as_u64());
        seconds
            .and_then(|seconds| u32::try_from(seconds).ok())
            .map(i64::from)
            .ok_or_else(|| unusable("SecondsPath", path, "a whole number of seconds"))
    }

    fn text(&self, thread: &Thread, text: &Text, input: &Value) -> Result<Arc<str>, Failure> {
        match text {
            Text::Constant(text) => Ok(Arc::clone(text)),
            Text::Path(path) => path
                .resolve(input, &self.context(thread, None))
                .and_then(|value| value.as_str().map(Arc::from))
                .ok_or_else(|| unusable("ErrorPath or CausePath", path, "a text")),
        }
    }

    pub(super) fn set_phase(&mut self, id: ThreadId, phase: Phase) {
        if let Some(thread) = self.threads.get_mut(&id) {
            thread.phase = phase;
        }
    }
}

fn unusable(field: &str, path: &Path, wanted: &str) -> Failure {
    Failure::runtime(&format!("The {field} '{path}' does not lead to {wanted}."))
}
