//! A compiled machine, and what can be read off it without running it.

use crate::findings::DefinitionErrors;
use crate::parse;
use crate::state::{Action, After, Call, Catcher, Retrier, State, StateIndex, StateKind, Task};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A state machine that was parsed without a finding. Parse once, run as often as needed.
#[derive(Debug)]
pub struct Machine {
    name: Arc<str>,
    comment: Option<Arc<str>>,
    timeout_s: Option<u32>,
    pub(crate) start: StateIndex,
    pub(crate) states: Vec<State>,
    by_name: BTreeMap<Arc<str>, StateIndex>,
    /// Every state in the order in which a reader meets it, from the start on.
    order: Vec<StateIndex>,
    /// For each state the Parallel that holds it and the number of the branch.
    homes: Vec<Option<(StateIndex, usize)>>,
}

/// A state, as the definition gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateInfo {
    /// Its name, unique in the machine.
    pub name: Arc<str>,
    /// Its kind.
    pub kind: StateKind,
    /// Its `Comment`.
    pub comment: Option<Arc<str>>,
    /// The Parallel state and the number of the branch in which it stands; `None` at the top.
    pub branch: Option<(Arc<str>, usize)>,
    /// Whether its branch, or the execution, ends with it.
    pub ends: bool,
}

/// A task, as the definition gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskInfo {
    /// The state's name.
    pub state: Arc<str>,
    /// How the function is reached.
    pub call: Call,
    /// The `Resource`.
    pub resource: Arc<str>,
    /// The function: `FunctionName`, or the `Resource` of a direct call; `${Name}` is kept as it is written.
    pub function: Arc<str>,
    /// The constant `step` in the function's payload.
    pub step: Option<Arc<str>>,
    /// The constant `part` in the function's payload.
    pub part: Option<Arc<str>>,
    /// `TimeoutSeconds`.
    pub timeout_s: Option<u32>,
    /// `HeartbeatSeconds`.
    pub heartbeat_s: Option<u32>,
    /// `Retry`, in order.
    pub retry: Vec<RetryInfo>,
    /// `Catch`, in order.
    pub catch: Vec<CatchInfo>,
    /// The Parallel state and the number of the branch in which it stands; `None` at the top.
    pub branch: Option<(Arc<str>, usize)>,
}

/// One entry of a `Retry`.
#[derive(Debug, Clone, PartialEq)]
pub struct RetryInfo {
    /// The error names.
    pub errors: Vec<Arc<str>>,
    /// The delay before the first retry.
    pub interval_s: u32,
    /// How many retries at most.
    pub max_attempts: u32,
    /// By how much each delay exceeds the one before.
    pub backoff_rate: f64,
    /// The longest delay.
    pub max_delay_s: Option<u32>,
}

/// One entry of a `Catch`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatchInfo {
    /// The error names.
    pub errors: Vec<Arc<str>>,
    /// The state that takes over.
    pub next: Arc<str>,
}

/// A state that may follow another, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Successor {
    /// The state that follows.
    pub name: Arc<str>,
    /// The way there.
    pub how: How,
}

/// The ways from one state to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// `Next`.
    Next,
    /// A rule of a Choice, with its condition in words.
    Rule(String),
    /// The `Default` of a Choice.
    Default,
    /// A `Catch` for these errors.
    Catch(Vec<Arc<str>>),
    /// The branch of this number starts there.
    Branch(usize),
}

/// The `Name` in `${Name}`, or the text itself when it is no substitution.
pub fn substitution_name(text: &str) -> &str {
    text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(text)
}

impl Machine {
    /// Parses a definition; `name` is the machine's name.
    ///
    /// # Errors
    /// Every finding at once: whatever is outside the subset, and whatever does not hang together.
    pub fn parse(name: &str, text: &str) -> Result<Arc<Self>, DefinitionErrors> {
        let parse::Definition { comment, timeout_s, start, states } = parse::definition(name, text)?;
        let by_name = states.iter().enumerate().map(|(index, state)| (Arc::clone(&state.name), index)).collect();
        let homes = vec![None; states.len()];
        let mut machine =
            Self { name: Arc::from(name), comment, timeout_s, start, states, by_name, order: Vec::new(), homes };
        machine.order = machine.reading_order();
        machine.settle_homes();
        Ok(Arc::new(machine))
    }

    /// The name under which it was parsed.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The top-level `Comment`.
    pub fn comment(&self) -> Option<&Arc<str>> {
        self.comment.as_ref()
    }

    /// The top-level `TimeoutSeconds`.
    pub fn timeout_s(&self) -> Option<u32> {
        self.timeout_s
    }

    /// The state at which it starts.
    pub fn start_at(&self) -> &Arc<str> {
        &self.states[self.start].name
    }

    /// Every state, those in branches included, in the order in which a reader meets them.
    pub fn states(&self) -> impl Iterator<Item = StateInfo> + '_ {
        self.order.iter().map(|index| {
            let state = &self.states[*index];
            StateInfo {
                name: Arc::clone(&state.name),
                kind: state.kind(),
                comment: state.comment.clone(),
                branch: self.branch(*index),
                ends: state.ends(),
            }
        })
    }

    /// Every task, those in branches included, in the order in which a reader meets them.
    pub fn tasks(&self) -> impl Iterator<Item = TaskInfo> + '_ {
        self.order.iter().filter_map(|index| match &self.states[*index].action {
            Action::Task(task) => Some(self.task_info(*index, task)),
            _ => None,
        })
    }

    /// The states that may follow the state `name`, the first states of its branches included; none for an unknown name.
    pub fn successors(&self, name: &str) -> Vec<Successor> {
        let ways = self.by_name.get(name).map(|index| self.ways(*index)).unwrap_or_default();
        ways.into_iter().map(|(index, how)| Successor { name: Arc::clone(&self.states[index].name), how }).collect()
    }

    /// A picture of the machine in the language of Mermaid; the same text for the same definition.
    pub fn to_mermaid(&self) -> String {
        crate::mermaid::flowchart(self)
    }

    /// Every state in the order in which a reader meets it.
    pub(crate) fn order(&self) -> &[StateIndex] {
        &self.order
    }

    pub(crate) fn ways(&self, index: StateIndex) -> Vec<(StateIndex, How)> {
        let state = &self.states[index];
        let mut ways = Vec::new();
        match &state.action {
            Action::Choice { rules, default } => {
                ways.extend(rules.iter().map(|rule| (rule.next, How::Rule(rule.condition.to_string()))));
                ways.extend(default.map(|next| (next, How::Default)));
            }
            Action::Parallel { branches } => {
                ways.extend(branches.iter().enumerate().map(|(number, start)| (*start, How::Branch(number))));
            }
            _ => {}
        }
        if let After::To(next) = state.after {
            ways.push((next, How::Next));
        }
        ways.extend(state.catch.iter().map(|catcher| (catcher.next, How::Catch(catcher.errors.clone()))));
        ways
    }

    /// The states of the branch or machine that starts at `start`, in reading order, nested branches left out.
    pub(crate) fn scope(&self, start: StateIndex) -> Vec<StateIndex> {
        let mut found = Vec::new();
        let mut ahead = vec![start];
        while let Some(index) = ahead.pop() {
            if !found.contains(&index) {
                found.push(index);
                // The stack gives back what was put on it last, so the first way goes on last.
                let ways = self.ways(index).into_iter().rev().filter(|(_, how)| !matches!(how, How::Branch(_)));
                ahead.extend(ways.map(|(next, _)| next));
            }
        }
        found
    }

    fn reading_order(&self) -> Vec<StateIndex> {
        let mut order = Vec::with_capacity(self.states.len());
        self.read_scope(self.start, &mut order);
        order
    }

    fn read_scope(&self, start: StateIndex, order: &mut Vec<StateIndex>) {
        for index in self.scope(start) {
            order.push(index);
            if let Action::Parallel { branches } = &self.states[index].action {
                branches.iter().for_each(|branch| self.read_scope(*branch, order));
            }
        }
    }

    fn settle_homes(&mut self) {
        for (index, state) in self.states.iter().enumerate() {
            let Action::Parallel { branches } = &state.action else { continue };
            for (number, start) in branches.iter().enumerate() {
                for member in self.scope(*start) {
                    self.homes[member] = Some((index, number));
                }
            }
        }
    }

    fn branch(&self, index: StateIndex) -> Option<(Arc<str>, usize)> {
        self.homes[index].map(|(parallel, number)| (Arc::clone(&self.states[parallel].name), number))
    }

    fn task_info(&self, index: StateIndex, task: &Task) -> TaskInfo {
        let state = &self.states[index];
        TaskInfo {
            state: Arc::clone(&state.name),
            call: task.call,
            resource: Arc::clone(&task.resource),
            function: Arc::clone(&task.function),
            step: task.step.clone(),
            part: task.part.clone(),
            timeout_s: task.timeout_s,
            heartbeat_s: task.heartbeat_s,
            retry: state.retry.iter().map(retry_info).collect(),
            catch: state.catch.iter().map(|catcher| self.catch_info(catcher)).collect(),
            branch: self.branch(index),
        }
    }

    fn catch_info(&self, catcher: &Catcher) -> CatchInfo {
        CatchInfo { errors: catcher.errors.clone(), next: Arc::clone(&self.states[catcher.next].name) }
    }
}

fn retry_info(retrier: &Retrier) -> RetryInfo {
    RetryInfo {
        errors: retrier.errors.clone(),
        interval_s: retrier.interval_s,
        max_attempts: retrier.max_attempts,
        backoff_rate: retrier.backoff_rate,
        max_delay_s: retrier.max_delay_s,
    }
}
