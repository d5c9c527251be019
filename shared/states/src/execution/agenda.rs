//! What an execution does next, and when.

use super::Execution;
use super::thread::{Phase, ThreadId};
use crate::error_names::{HEARTBEAT_TIMEOUT, TIMEOUT};
use crate::execution::shaping::Failure;
use crate::history::EventKind;
use crate::host::{Host, Status};
use std::sync::Arc;

/// Something that is due. Of things due at the same time the first kind comes first, and of one kind the oldest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    /// The execution has run for too long.
    Deadline,
    /// An answer lies in the inbox, at this place.
    Answer(usize),
    /// A thread's own time has come.
    Timer(ThreadId),
}

impl Execution {
    /// The next thing that is due, with its time.
    pub(super) fn next_item(&self) -> Option<(i64, Item)> {
        let deadline = (self.deadline_ms, Item::Deadline);
        let answers = self.inbox.iter().enumerate().map(|(place, answer)| (answer.at_ms, Item::Answer(place)));
        let timers = self.threads.iter().filter_map(|(id, thread)| Some((thread.due_ms()?, Item::Timer(*id))));
        answers.chain(timers).chain([deadline]).min()
    }

    /// Does one thing that is due.
    pub(super) fn settle(&mut self, item: Item, host: &mut dyn Host) {
        match item {
            Item::Deadline => self.end(Status::TimedOut, host),
            Item::Answer(place) => {
                if let Some(answer) = self.inbox.remove(place) {
                    self.take_answer(answer, host);
                }
            }
            Item::Timer(thread) => self.timer(thread, host),
        }
    }

    /// Runs states until every thread waits for something.
    pub(super) fn run_ready(&mut self, host: &mut dyn Host) {
        while self.is_running() {
            if self.history_is_full {
                let cause = "The execution reached the maximum number of history events.";
                return self.fail_execution(Failure::runtime(cause), host);
            }
            let Some(thread) = self.ready.pop_front() else { return };
            self.run(thread, host);
        }
    }

    fn timer(&mut self, id: ThreadId, host: &mut dyn Host) {
        let Some(thread) = self.threads.get_mut(&id) else { return };
        match std::mem::replace(&mut thread.phase, Phase::Working) {
            Phase::Waiting { result, .. } => self.finish(id, result, host),
            Phase::BackingOff { .. } => self.ready.push_back(id),
            Phase::Task(task) => {
                let silent = task.due_ms() != task.timeout_at_ms;
                let (error, cause) = if silent {
                    (HEARTBEAT_TIMEOUT, "The task sent no heartbeat in time.")
                } else {
                    (TIMEOUT, "The task did not end in time.")
                };
                let state = Arc::clone(&self.machine.states[thread.state].name);
                let failure = Failure::new(error, cause);
                host.abandon_task(task.id);
                let (error, cause) = (Arc::clone(&failure.error), Arc::clone(&failure.cause));
                self.record(EventKind::TaskTimedOut { state, task: task.id, error, cause }, host);
                self.state_failed(id, failure, host);
            }
            other => thread.phase = other,
        }
    }
}
