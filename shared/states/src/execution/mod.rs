//! Running a machine under virtual time.

mod agenda;
mod answers;
mod attempts;
mod endings;
mod shaping;
mod thread;

use crate::context::{Context, Facts};
use crate::history::{EventKind, HISTORY_LIMIT, HistoryEvent};
use crate::host::{Host, Status, TaskId};
use crate::machine::Machine;
use crate::random::Random;
use crate::size::{DATA_LIMIT_BYTES, fits};
use answers::Answer;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;
use thread::{Thread, ThreadId};

/// No execution lives longer than a year.
const LONGEST_S: u32 = 31_536_000;
/// AWS's limit on an execution's name.
const MOST_NAME_LETTERS: usize = 80;

/// With what an execution starts.
#[derive(Debug, Clone)]
pub struct Start {
    /// The execution's id: `$$.Execution.Id`, an ARN in AWS.
    pub id: Arc<str>,
    /// The machine's id: `$$.StateMachine.Id`, an ARN in AWS.
    pub machine_id: Arc<str>,
    /// The execution's name: `$$.Execution.Name`.
    pub name: Arc<str>,
    /// The input of the first state.
    pub input: Value,
}

impl Start {
    /// A start whose ids are made from the names, where nobody looks at them.
    pub fn named(machine: &Machine, name: &str, input: Value) -> Self {
        Self {
            id: Arc::from(format!("execution:{}:{name}", machine.name())),
            machine_id: Arc::from(format!("stateMachine:{}", machine.name())),
            name: Arc::from(name),
            input,
        }
    }
}

/// Why an execution does not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartRefused {
    /// The name is empty, too long, or has letters that AWS's logs do not take.
    Name(Arc<str>),
    /// The input is larger than [`DATA_LIMIT_BYTES`].
    InputTooLarge,
}

impl fmt::Display for StartRefused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(
                out,
                "name: expected 1 to {MOST_NAME_LETTERS} of the letters 0-9, A-Z, a-z, - and _, found \"{name}\""
            ),
            Self::InputTooLarge => write!(out, "input: expected at most {DATA_LIMIT_BYTES} bytes, found more"),
        }
    }
}

impl std::error::Error for StartRefused {}

/// An execution of a machine. It moves only inside [`Execution::poll`] and [`Execution::stop`].
#[derive(Debug)]
pub struct Execution {
    machine: Arc<Machine>,
    facts: Facts,
    status: Status,
    begun: bool,
    /// The time of what is being worked on; what falls due between two polls happens at its own time.
    clock_ms: i64,
    deadline_ms: i64,
    threads: BTreeMap<ThreadId, Thread>,
    next_thread: ThreadId,
    /// Threads that have a state to run at once.
    ready: VecDeque<ThreadId>,
    next_task: u64,
    /// The tasks that were ever given a token.
    with_token: BTreeSet<TaskId>,
    inbox: VecDeque<Answer>,
    events: u32,
    history_is_full: bool,
    random: Random,
}

impl Execution {
    /// Starts an execution at `now_ms`; its first state is entered by the first poll. The seed is for retry jitter.
    ///
    /// # Errors
    /// When AWS would refuse the name or the input.
    pub fn start(machine: Arc<Machine>, start: Start, now_ms: i64, seed: u64) -> Result<Self, StartRefused> {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
        if start.name.is_empty() || start.name.len() > MOST_NAME_LETTERS || !start.name.chars().all(plain) {
            return Err(StartRefused::Name(start.name));
        }
        if !fits(&start.input) {
            return Err(StartRefused::InputTooLarge);
        }
        let longest_s = machine.timeout_s().unwrap_or(LONGEST_S).min(LONGEST_S);
        let facts = Facts {
            id: start.id,
            name: start.name,
            machine_id: start.machine_id,
            machine_name: Arc::clone(machine.name()),
            started_ms: now_ms,
            input: Arc::new(start.input),
        };
        let root = Thread::new(None, machine.start, Arc::clone(&facts.input));
        Ok(Self {
            machine,
            facts,
            status: Status::Running,
            begun: false,
            clock_ms: now_ms,
            deadline_ms: now_ms.saturating_add(i64::from(longest_s) * 1_000),
            threads: BTreeMap::from([(0, root)]),
            next_thread: 1,
            ready: VecDeque::from([0]),
            next_task: 1,
            with_token: BTreeSet::new(),
            inbox: VecDeque::new(),
            events: 0,
            history_is_full: false,
            random: Random::seeded(seed),
        })
    }

    /// Does everything that is due at `now_ms`, each thing at its own time: a poll that comes late gives the same
    /// history as one for each due time, as long as no task has to start in between.
    pub fn poll(&mut self, now_ms: i64, host: &mut dyn Host) {
        if !self.begun && now_ms >= self.facts.started_ms {
            self.begun = true;
            self.record(EventKind::ExecutionStarted { input: Arc::clone(&self.facts.input) }, host);
            self.run_ready(host);
        }
        while self.begun && self.is_running() {
            let Some((at_ms, item)) = self.next_item().filter(|(at_ms, _)| *at_ms <= now_ms) else { break };
            self.clock_ms = self.clock_ms.max(at_ms);
            self.settle(item, host);
            self.run_ready(host);
        }
        if self.is_running() {
            self.clock_ms = self.clock_ms.max(now_ms);
        }
    }

    /// When the next poll has something to do: an answer to work on, the end of a wait, a retry, a time-out. `None` when
    /// the execution has ended; while only tasks run, the machine's own time-out is still ahead.
    pub fn next_due(&self) -> Option<i64> {
        match (self.is_running(), self.begun) {
            (false, _) => None,
            (true, false) => Some(self.facts.started_ms),
            (true, true) => self.next_item().map(|(at_ms, _)| at_ms),
        }
    }

    /// Stops the execution as `StopExecution` does; one that has ended stays as it is.
    pub fn stop(&mut self, error: &str, cause: &str, now_ms: i64, host: &mut dyn Host) {
        if self.is_running() {
            self.clock_ms = self.clock_ms.max(now_ms);
            let (error, cause) = (Arc::from(error), Arc::from(cause));
            self.end(Status::Aborted { error, cause }, host);
        }
    }

    /// How the execution stands.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Whether it has not ended.
    pub fn is_running(&self) -> bool {
        self.status == Status::Running
    }

    /// The execution's id.
    pub fn id(&self) -> &Arc<str> {
        &self.facts.id
    }

    /// The execution's name.
    pub fn name(&self) -> &Arc<str> {
        &self.facts.name
    }

    /// The execution's input.
    pub fn input(&self) -> &Arc<Value> {
        &self.facts.input
    }

    /// When it started.
    pub fn started_ms(&self) -> i64 {
        self.facts.started_ms
    }

    /// The machine that it runs.
    pub fn machine(&self) -> &Arc<Machine> {
        &self.machine
    }

    /// How many events its history has.
    pub fn events(&self) -> u32 {
        self.events
    }

    /// The states that the execution is in, one for each branch that runs and for each Parallel that holds them.
    pub fn current_states(&self) -> Vec<Arc<str>> {
        self.threads.values().map(|thread| Arc::clone(&self.machine.states[thread.state].name)).collect()
    }

    fn context<'a>(&'a self, thread: &'a Thread, token: Option<&'a str>) -> Context<'a> {
        Context {
            facts: &self.facts,
            state: &self.machine.states[thread.state].name,
            entered_ms: thread.entered_ms,
            retry_count: thread.retries,
            token,
        }
    }

    /// Writes an event to the history. The last place is kept for the end of the execution.
    fn record(&mut self, kind: EventKind, host: &mut dyn Host) {
        if self.events + 1 >= HISTORY_LIMIT && !kind.ends_execution() {
            self.history_is_full = true;
            return;
        }
        self.events += 1;
        host.event(HistoryEvent { id: self.events, at_ms: self.clock_ms, kind });
    }
}
