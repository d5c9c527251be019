//! How states, branches and the execution end.

use super::Execution;
use super::shaping::Failure;
use super::thread::{Phase, Thread, ThreadId};
use crate::error_names::{is_terminal, matches};
use crate::history::EventKind;
use crate::host::{Host, Status};
use crate::size::fits;
use crate::state::{After, Retrier, State};
use serde_json::Value;
use std::sync::Arc;

/// No delay grows beyond what a definition could write down.
const LONGEST_DELAY_S: f64 = 99_999_999.0;

impl Execution {
    /// A state has its result.
    pub(super) fn finish(&mut self, id: ThreadId, result: Arc<Value>, host: &mut dyn Host) {
        let machine = Arc::clone(&self.machine);
        let Some(thread) = self.threads.get(&id) else { return };
        let state = &machine.states[thread.state];
        match self.output(state, thread, result) {
            Ok(output) => self.leave(id, state.after, output, host),
            Err(failure) => self.state_failed(id, failure, host),
        }
    }

    /// A state is left with `output`.
    pub(super) fn leave(&mut self, id: ThreadId, after: After, output: Arc<Value>, host: &mut dyn Host) {
        let Some(thread) = self.threads.get_mut(&id) else { return };
        let state = &self.machine.states[thread.state];
        let (name, kind) = (Arc::clone(&state.name), state.kind());
        if let After::To(next) = after {
            thread.state = next;
            thread.input = Arc::clone(&output);
            thread.phase = Phase::Entering;
            self.ready.push_back(id);
        }
        self.record(EventKind::StateExited { state: name, kind, output: Arc::clone(&output) }, host);
        if !matches!(after, After::To(_)) {
            self.thread_ended(id, output, host);
        }
    }

    fn thread_ended(&mut self, id: ThreadId, output: Arc<Value>, host: &mut dyn Host) {
        let Some(thread) = self.threads.remove(&id) else { return };
        let Some((parent, number)) = thread.parent else { return self.end(Status::Succeeded(output), host) };
        drop(thread);
        let Some(Phase::Parallel { outputs }) = self.threads.get_mut(&parent).map(|thread| &mut thread.phase) else {
            return;
        };
        if let Some(slot) = outputs.get_mut(number) {
            *slot = Some(output);
        }
        if outputs.iter().any(Option::is_none) {
            return;
        }
        let joined: Value = std::mem::take(outputs).into_iter().flatten().map(Arc::unwrap_or_clone).collect();
        self.set_phase(parent, Phase::Working);
        if !fits(&joined) {
            return self.state_failed(parent, Failure::too_large("The joined output of the branches"), host);
        }
        self.record(EventKind::ParallelSucceeded { state: self.state_name(parent) }, host);
        self.finish(parent, Arc::new(joined), host);
    }

    /// A state failed: retried, caught, or the end of its branch.
    pub(super) fn state_failed(&mut self, id: ThreadId, failure: Failure, host: &mut dyn Host) {
        let machine = Arc::clone(&self.machine);
        let Some(thread) = self.threads.get(&id) else { return };
        let state = &machine.states[thread.state];
        if is_terminal(&failure.error) {
            return self.fail_execution(failure, host);
        }
        if let Some(delay_ms) = self.retry_delay_ms(id, state, &failure.error) {
            return self.set_phase(id, Phase::BackingOff { until_ms: self.clock_ms + delay_ms });
        }
        let catcher = state.catch.iter().find(|catcher| names(&catcher.errors, &failure.error));
        let Some((catcher, thread)) = catcher.zip(self.threads.get(&id)) else {
            return self.thread_failed(id, failure, host);
        };
        match self.caught(catcher.result_path.as_ref(), thread, &failure) {
            Ok(output) => self.leave(id, After::To(catcher.next), output, host),
            Err(second) => self.thread_failed(id, second, host),
        }
    }

    /// How long to wait before the next attempt, if there is one. Only the first entry that names the error counts.
    fn retry_delay_ms(&mut self, id: ThreadId, state: &State, error: &str) -> Option<i64> {
        let (index, retrier) = state.retry.iter().enumerate().find(|(_, entry)| names(&entry.errors, error))?;
        let thread = self.threads.get_mut(&id)?;
        let used = thread.attempts.get_mut(index).filter(|used| **used < retrier.max_attempts)?;
        let longest_ms = longest_delay_ms(retrier, *used);
        *used += 1;
        thread.retries += 1;
        let delay_ms = if retrier.full_jitter { self.random.up_to(longest_ms) } else { longest_ms };
        i64::try_from(delay_ms).ok()
    }

    /// A branch, or the machine, failed.
    fn thread_failed(&mut self, id: ThreadId, failure: Failure, host: &mut dyn Host) {
        let Some(parent) = self.threads.get(&id).map(|thread| thread.parent) else { return };
        let Some((parent, _)) = parent else { return self.fail_execution(failure, host) };
        self.threads.remove(&id);
        self.cancel_branches(parent, host);
        self.set_phase(parent, Phase::Working);
        let (error, cause) = (Arc::clone(&failure.error), Arc::clone(&failure.cause));
        self.record(EventKind::ParallelFailed { state: self.state_name(parent), error, cause }, host);
        self.state_failed(parent, failure, host);
    }

    /// Gives up every branch of the Parallel in which `parent` stands.
    fn cancel_branches(&mut self, parent: ThreadId, host: &mut dyn Host) {
        let is_branch = |thread: &Thread| thread.parent.is_some_and(|(holder, _)| holder == parent);
        let branches: Vec<ThreadId> =
            self.threads.iter().filter(|(_, thread)| is_branch(thread)).map(|(id, _)| *id).collect();
        for branch in branches {
            self.cancel_branches(branch, host);
            self.cancel(branch, host);
        }
    }

    fn cancel(&mut self, id: ThreadId, host: &mut dyn Host) {
        let Some(thread) = self.threads.remove(&id) else { return };
        let state = &self.machine.states[thread.state];
        let (name, kind) = (Arc::clone(&state.name), state.kind());
        if let Phase::Task(task) = &thread.phase {
            host.abandon_task(task.id);
        }
        if !matches!(thread.phase, Phase::Entering | Phase::Working) {
            self.record(EventKind::StateAborted { state: name, kind }, host);
        }
    }

    pub(super) fn fail_execution(&mut self, failure: Failure, host: &mut dyn Host) {
        self.end(Status::Failed { error: failure.error, cause: failure.cause }, host);
    }

    /// Ends the execution; whatever still runs is given up, the innermost first.
    pub(super) fn end(&mut self, status: Status, host: &mut dyn Host) {
        while let Some(id) = self.threads.keys().next_back().copied() {
            self.cancel(id, host);
        }
        self.ready.clear();
        self.inbox.clear();
        self.record(ending(&status), host);
        self.status = status;
    }
}

fn ending(status: &Status) -> EventKind {
    match status.clone() {
        Status::Succeeded(output) => EventKind::ExecutionSucceeded { output },
        Status::Failed { error, cause } => EventKind::ExecutionFailed { error, cause },
        Status::Aborted { error, cause } => EventKind::ExecutionAborted { error, cause },
        Status::TimedOut | Status::Running => EventKind::ExecutionTimedOut,
    }
}

fn names(errors: &[Arc<str>], error: &str) -> bool {
    errors.iter().any(|pattern| matches(pattern, error))
}

/// The delay after `used` earlier retries, before jitter. Multiplied out step by step, because a power function may round
/// differently from one platform to the next.
fn longest_delay_ms(retrier: &Retrier, used: u32) -> u64 {
    let most_s = retrier.max_delay_s.map_or(LONGEST_DELAY_S, f64::from);
    let mut delay_s = f64::from(retrier.interval_s);
    for _ in 0..used {
        if delay_s >= most_s || retrier.backoff_rate == 1.0 {
            break;
        }
        delay_s *= retrier.backoff_rate;
    }
    // A float beyond the bound would not convert; within it, whole milliseconds are exact.
    (delay_s.min(most_s) * 1_000.0).round() as u64
}
