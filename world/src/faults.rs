//! Faults: guards over calls and functions, each with its scope and its end.

use mmdr_core::calls::Call;
use mmdr_core::{Fault, StepName};

use crate::network::Ix;

/// What happens to a call in a guard's scope.
#[derive(Clone, Debug, PartialEq)]
pub enum CallFault {
    /// It is refused with "slow down".
    Throttle,
    /// It takes so many milliseconds longer.
    Slow(i64),
    /// It never arrives, and nothing comes back.
    BlackHole,
    /// It is carried out, and its answer is lost.
    AnswerLost,
    /// It is answered with this fault and not carried out.
    Answer(Fault),
}

/// Which calls a guard watches, and for how many of them.
#[derive(Clone, Debug)]
pub struct CallGuard {
    /// The port's method, or its prefix ending in a dot (`database.`), or empty for all.
    pub method: String,
    /// The Region that is asked; any where none.
    pub asked: Option<Ix>,
    /// Only every n-th call, 1 for each.
    pub every: u32,
    /// How many calls are hit before the guard is spent.
    pub times: u32,
    /// What happens.
    pub fault: CallFault,
    /// Calls seen in scope so far.
    pub seen: u32,
}

/// What happens to a function while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionFault {
    /// It dies before its n-th call (1 for the first) is sent.
    CrashBefore(u32),
    /// It dies after its n-th call was carried out, before it knows.
    CrashAfter(u32),
    /// It dies before its n-th *change* is sent.
    CrashBeforeChange(u32),
    /// It dies right after its n-th *change* was carried out.
    CrashAfterChange(u32),
    /// It is delivered twice, one after the other's start.
    Twice,
    /// It does its work, and is killed before it answers.
    KilledBeforeAnswer,
    /// Its service throttles the invocation itself.
    Throttled,
    /// It never ends by itself.
    Hangs,
}

/// Which invocations a guard watches.
#[derive(Clone, Debug)]
pub struct FunctionGuard {
    /// The step.
    pub step: StepName,
    /// The part; any where none.
    pub part: Option<String>,
    /// The Region in which it runs; any where none.
    pub region: Option<Ix>,
    /// How many invocations are hit before the guard is spent.
    pub times: u32,
    /// What happens.
    pub fault: FunctionFault,
}

/// Every guard in force.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Over calls.
    pub calls: Vec<CallGuard>,
    /// Over functions.
    pub functions: Vec<FunctionGuard>,
}

impl Faults {
    /// The fault of this call, if a guard's turn has come.
    pub fn of_call(&mut self, call: &Call, asked: Ix) -> Option<CallFault> {
        for guard in &mut self.calls {
            let in_scope = guard.method.is_empty()
                || guard.method == call.method
                || (guard.method.ends_with('.') && call.method.starts_with(&guard.method));
            if !in_scope || guard.times == 0 || guard.asked.is_some_and(|region| region != asked) {
                continue;
            }
            guard.seen += 1;
            if guard.seen % guard.every.max(1) == 0 {
                guard.times -= 1;
                return Some(guard.fault.clone());
            }
        }
        None
    }

    /// The fault of this invocation, if a guard waits for it.
    pub fn of_function(&mut self, step: StepName, part: &str, region: Ix) -> Option<FunctionFault> {
        let guard = self.functions.iter_mut().find(|guard| {
            guard.times > 0
                && guard.step == step
                && guard.part.as_deref().is_none_or(|wanted| wanted == part)
                && guard.region.is_none_or(|wanted| wanted == region)
        })?;
        guard.times -= 1;
        Some(guard.fault)
    }
}
