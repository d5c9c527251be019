//! The in-process door: the ports, answered by the model under virtual time.
//!
//! A call is two pieces of waiting with the model's answer between them. That is what makes crashes before and
//! after any call, two copies at once, lost answers and black holes fall out by themselves.

mod application;
mod backups;
mod database;
mod dns;
mod executions;
mod files;
mod ledgers;
mod nodes;
mod scheduler;
mod search;
mod witnesses;

use std::future::{Future, pending};
use std::pin::Pin;
use std::task::{Context, Poll};

use mmdr_core::calls::{Call, Does};
use mmdr_core::ports::Called;
use mmdr_core::{CallError, Fault, Region, StepName};

use crate::model::{Ctx, Model};
use crate::network::Ix;
use crate::sim::{Plan, Shared};

/// Pauses before a throttled read is sent again: the adapters' standard back-off, three attempts in all.
const READ_PAUSES_MS: [i64; 2] = [200, 600];

/// The ports as one invocation has them. It reads and writes; a step's types keep the two apart.
#[derive(Clone)]
pub struct Door {
    sim: Shared,
    invocation: u64,
}

impl Door {
    /// The ports of one invocation.
    pub fn new(sim: Shared, invocation: u64) -> Self {
        Self { sim, invocation }
    }

    /// Makes one call: it travels, is answered by `answer` when it arrives, and its answer travels back. A throttled
    /// read is sent again, as the adapters' clients do; a change never is.
    async fn call<T>(
        &self,
        call: &'static Call,
        region: &Region,
        answer: impl FnOnce(&mut Model, &mut Ctx<'_>, Ix) -> Result<T, Fault>,
    ) -> Called<T> {
        let (mut plan, asked) = self.plan(call, region);
        for pause_ms in READ_PAUSES_MS {
            if call.does != Does::Read || plan.instead != Some(Fault::Throttled) {
                break;
            }
            self.wait(plan.there_ms + plan.back_ms + pause_ms).await;
            (plan, _) = self.plan(call, region);
        }
        if plan.die_before {
            self.die().await;
        }
        self.wait(plan.there_ms).await;
        let mut result = Err(Fault::NoAnswer);
        if plan.arrives {
            let mut sim = self.sim.borrow_mut();
            result = sim.with_model(|model, ctx| answer(model, ctx, asked));
            if result.is_ok() {
                sim.carried_out(self.invocation, call, asked);
            }
        }
        if plan.die_after {
            self.die().await;
        }
        self.wait(plan.back_ms).await;
        if let Some(fault) = plan.instead {
            result = Err(fault);
        }
        result.map_err(|fault| CallError { call: call.name.into(), region: region.clone(), fault })
    }

    /// The step whose function holds this door.
    fn step(&self) -> Option<StepName> {
        self.sim.borrow().invocations.get(&self.invocation).map(|caller| caller.step)
    }

    fn plan(&self, call: &'static Call, region: &Region) -> (Plan, Ix) {
        let mut sim = self.sim.borrow_mut();
        let asked = sim.ix(region);
        (sim.plan(self.invocation, call, asked), asked)
    }

    /// Waits so many milliseconds of virtual time.
    async fn wait(&self, ms: i64) {
        if ms > 0 {
            let until_ms = self.sim.borrow().now + ms;
            Waiting { sim: &self.sim, invocation: self.invocation, until_ms, on_agenda: false }.await;
        }
    }

    /// The function dies here: nothing after this line happens.
    async fn die(&self) {
        if let Some(caller) = self.sim.borrow_mut().invocations.get_mut(&self.invocation) {
            caller.dead = true;
        }
        pending::<()>().await;
    }
}

struct Waiting<'a> {
    sim: &'a Shared,
    invocation: u64,
    until_ms: i64,
    on_agenda: bool,
}

impl Future for Waiting<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        let mut sim = self.sim.borrow_mut();
        if sim.now >= self.until_ms {
            return Poll::Ready(());
        }
        if !self.on_agenda {
            sim.wake_at(self.until_ms, self.invocation);
            drop(sim);
            self.on_agenda = true;
        }
        Poll::Pending
    }
}
