//! The form of a step: observe, decide, act.

use std::fmt::{self, Display};
use std::str::FromStr;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{CallError, LedgerMark, Permit, Run, StepError, StepName, Time};

/// What a step decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Verdict<A, W, R> {
    /// It is so already.
    Already,
    /// Make this one kind of change, then look again.
    Act(A),
    /// Something must happen first; look again.
    Wait(W),
    /// It cannot, or must not, be done.
    Refuse(R),
}

/// How many seconds until the next look is worth its calls.
pub trait LookAgain {
    /// Seconds; the core stretches them to 60 once a step has looked for 5 minutes.
    fn look_again_s(&self) -> u32;
}

/// The part of a step that occurs only once in its machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whole;

impl Display for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("whole")
    }
}

impl FromStr for Whole {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "whole" { Ok(Self) } else { Err(format!("expected \"whole\", found {text:?}")) }
    }
}

impl StepName {
    /// A Task's name, as machines and reports have it: a step of one part is named without it.
    pub fn task(self, part: &str) -> String {
        if part == Whole.to_string() { self.to_string() } else { format!("{self}: {part}") }
    }
}

/// What the shell knows at a look, beside the run.
#[derive(Clone, Debug, Default)]
pub struct Look<R> {
    /// Now; it goes into the observation, so that decide needs no clock.
    pub now: Time,
    /// What the last act of this step and part left; only a hint.
    pub hint: Option<R>,
    /// How often this step and part has looked before.
    pub looks: u32,
    /// When this step and part looked first.
    pub first_look_at: Time,
    /// The task token, where the state waits for one.
    pub token: Option<String>,
    /// What the entry point was given: start input, event, or an approval's answer. Not yet checked.
    pub input: Option<Value>,
}

/// One thing that an earlier step of a dry run would have made true.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assumption {
    /// What would be true, as one of [`crate::records::facts`], for example `database/writer`.
    pub fact: String,
    /// Its value.
    pub value: Value,
}

/// One runbook step. `decide` is pure and total; `observe` cannot write and `act` cannot read, because their
/// ports cannot.
pub trait Step {
    /// The step's name.
    const NAME: StepName;
    /// Which occurrence in the machine this is; [`Whole`] where there is one.
    type Part: FromStr<Err = String> + Display;
    /// The reading halves of its ports.
    type Reads;
    /// The writing halves.
    type Writes;
    /// Everything that was looked at, `now` included.
    type Observed: Serialize + DeserializeOwned;
    /// The change, with every argument.
    type Action: Serialize + Display + LookAgain;
    /// One variant per reason to wait.
    type Waiting: Serialize + Display + LookAgain;
    /// One variant per reason to stop.
    type Refusal: Serialize + Display;
    /// Command id, change id: a hint for the next look.
    type Receipt: Serialize + DeserializeOwned;

    /// Looks; changes nothing. A read without which nothing can be decided ends in [`StepError::ReadFailed`].
    async fn observe(
        reads: &Self::Reads,
        run: &Run,
        part: &Self::Part,
        look: &Look<Self::Receipt>,
    ) -> Result<Self::Observed, StepError>;

    /// Decides from the observation alone.
    fn decide(
        run: &Run,
        part: &Self::Part,
        seen: &Self::Observed,
    ) -> Verdict<Self::Action, Self::Waiting, Self::Refusal>;

    /// Makes the change. A fault that means "look again" is no failure: the core turns it into a look.
    async fn act(
        writes: &Self::Writes,
        permit: Permit,
        part: &Self::Part,
        action: &Self::Action,
    ) -> Result<Self::Receipt, CallError>;

    /// How long, in seconds, this part may look before it is exhausted.
    fn bound_s(run: &Run, part: &Self::Part) -> u32 {
        let _ = part;
        run.deployment.policy.bounds.other_s
    }

    /// What this action writes into the own ledger: `Calling` before the act, everything else after it.
    fn ledger_mark(run: &Run, part: &Self::Part, action: &Self::Action) -> Option<LedgerMark> {
        let _ = (run, part, action);
        None
    }

    /// Whether this action needs the lease. Runs that take an epoch do, but for open-run, which
    /// is about to take it, and close-run, which reports whatever became of it; runs that only look, and standing duties,
    /// have none.
    fn needs_lease(run: &Run) -> bool {
        run.kind.takes_epoch()
    }

    /// Lets a finished step complete the run itself: open-run fills in what the ledger says.
    fn amend(run: &mut Run, part: &Self::Part, seen: &Self::Observed) {
        let _ = (run, part, seen);
    }

    /// Dry run: whether this action writes nothing but the run's own records under `dry-run/`, and is therefore made
    /// in a dry run too. Only close-run's report is.
    fn acts_in_dry_run(action: &Self::Action) -> bool {
        let _ = action;
        false
    }

    /// One sentence for an `Already`, where the step can say more than its name.
    fn already(run: &Run, part: &Self::Part, seen: &Self::Observed) -> String {
        let _ = (run, part, seen);
        "already so".into()
    }

    /// Dry run: overlays what earlier steps would have done.
    fn assume(seen: &mut Self::Observed, assumed: &[Assumption]) {
        let _ = (seen, assumed);
    }

    /// Dry run: what this action would make true.
    fn effect(run: &Run, part: &Self::Part, action: &Self::Action) -> Vec<Assumption> {
        let _ = (run, part, action);
        Vec::new()
    }
}
