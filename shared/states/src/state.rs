//! The compiled form of a definition's states.

use crate::choice::Condition;
use crate::path::Path;
use crate::template::Template;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// A state of the whole machine, those of nested branches included, by its place in [`crate::Machine`].
pub(crate) type StateIndex = usize;

/// A compiled state.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) name: Arc<str>,
    pub(crate) comment: Option<Arc<str>>,
    pub(crate) filters: Filters,
    pub(crate) retry: Vec<Retrier>,
    pub(crate) catch: Vec<Catcher>,
    pub(crate) after: After,
    pub(crate) action: Action,
}

/// Where a state goes when it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// To another state of the same scope.
    To(StateIndex),
    /// Nowhere: its branch, or the execution, ends.
    End,
    /// Choice and Fail say it themselves.
    ByAction,
}

/// The fields that shape a state's input and output.
#[derive(Debug)]
pub(crate) struct Filters {
    /// `None` is the definition's `null`: an empty object.
    pub(crate) input_path: Option<Path>,
    pub(crate) parameters: Option<Template>,
    pub(crate) result_selector: Option<Template>,
    /// `None` is the definition's `null`: the result is dropped and the input goes on.
    pub(crate) result_path: Option<Path>,
    /// `None` is the definition's `null`: an empty object.
    pub(crate) output_path: Option<Path>,
}

/// What a state does.
#[derive(Debug)]
pub(crate) enum Action {
    Task(Task),
    Choice { rules: Vec<Rule>, default: Option<StateIndex> },
    Wait(Duration),
    Pass { result: Option<Arc<Value>> },
    Parallel { branches: Vec<StateIndex> },
    Succeed,
    Fail { error: Text, cause: Option<Text> },
}

/// A task: what it calls and how long it may take.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) call: Call,
    pub(crate) resource: Arc<str>,
    pub(crate) function: Arc<str>,
    pub(crate) timeout_s: Option<u32>,
    pub(crate) heartbeat_s: Option<u32>,
    pub(crate) step: Option<Arc<str>>,
    pub(crate) part: Option<Arc<str>>,
}

/// One rule of a Choice.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) condition: Condition,
    pub(crate) next: StateIndex,
}

/// How long a Wait waits.
#[derive(Debug)]
pub(crate) enum Duration {
    Seconds(u32),
    Path(Path),
}

/// A text that is constant or comes from the state's input.
#[derive(Debug)]
pub(crate) enum Text {
    Constant(Arc<str>),
    Path(Path),
}

/// One entry of a `Retry`.
#[derive(Debug)]
pub(crate) struct Retrier {
    pub(crate) errors: Vec<Arc<str>>,
    pub(crate) interval_s: u32,
    pub(crate) max_attempts: u32,
    pub(crate) backoff_rate: f64,
    pub(crate) max_delay_s: Option<u32>,
    pub(crate) full_jitter: bool,
}

/// One entry of a `Catch`.
#[derive(Debug)]
pub(crate) struct Catcher {
    pub(crate) errors: Vec<Arc<str>>,
    pub(crate) next: StateIndex,
    pub(crate) result_path: Option<Path>,
}

/// The kinds of state in the subset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StateKind {
    /// Calls a function.
    Task,
    /// Picks the next state by its input.
    Choice,
    /// Lets time pass.
    Wait,
    /// Reshapes its input.
    Pass,
    /// Runs branches side by side.
    Parallel,
    /// Ends its branch or the execution well.
    Succeed,
    /// Ends its branch or the execution with an error.
    Fail,
}

impl StateKind {
    pub(crate) const ALL: [Self; 7] =
        [Self::Task, Self::Choice, Self::Wait, Self::Pass, Self::Parallel, Self::Succeed, Self::Fail];

    /// The kind as a definition's `Type` writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Task => "Task",
            Self::Choice => "Choice",
            Self::Wait => "Wait",
            Self::Pass => "Pass",
            Self::Parallel => "Parallel",
            Self::Succeed => "Succeed",
            Self::Fail => "Fail",
        }
    }
}

impl fmt::Display for StateKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// How a task reaches its function, and with that the form of its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// `arn:aws:states:::lambda:invoke`: the result is the function's answer under `Payload`, among details of the call.
    Invoke,
    /// `arn:aws:states:::lambda:invoke.waitForTaskToken`: the result is what comes with the token, as it is.
    InvokeForToken,
    /// The function's own ARN: the result is the function's answer, as it is.
    Direct,
}

impl State {
    /// Whether its branch, or the machine, ends with it.
    pub(crate) fn ends(&self) -> bool {
        self.after == After::End || self.kind() == StateKind::Fail
    }

    pub(crate) fn kind(&self) -> StateKind {
        match self.action {
            Action::Task(_) => StateKind::Task,
            Action::Choice { .. } => StateKind::Choice,
            Action::Wait(_) => StateKind::Wait,
            Action::Pass { .. } => StateKind::Pass,
            Action::Parallel { .. } => StateKind::Parallel,
            Action::Succeed => StateKind::Succeed,
            Action::Fail { .. } => StateKind::Fail,
        }
    }
}
