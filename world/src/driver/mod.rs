//! Lets executions, functions, duties and the model take turns on one agenda.

mod executions;
mod functions;
mod invocations;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use mmdr_core::{Kind, Region, StepName};
use mmdr_states::{Execution, Machine};
use serde_json::Value;

use crate::alarms;
use crate::network::Ix;
use crate::sim::{Shared, Sim};
use crate::timers::{Duty, Event};

pub use functions::pascal_case;
use invocations::Running;

/// One execution that the driver runs.
struct Live {
    execution: Execution,
    arn: String,
    region: Ix,
    /// The time for which an [`Event::Execution`] is on the agenda.
    due: Option<i64>,
    over: bool,
    /// None for an approval's answer.
    kind: Option<Kind>,
    ended_ms: i64,
    noticed: bool,
}

/// The state machines, by name.
pub type Machines = BTreeMap<&'static str, Arc<Machine>>;

/// Runs the world.
pub struct Driver {
    /// The world.
    pub sim: Shared,
    machines: Machines,
    live: Vec<Live>,
    running: BTreeMap<u64, Running>,
    next_invocation: u64,
}

impl Driver {
    /// A driver for a world, with the machines that its executions run.
    pub fn new(sim: Sim, machines: Machines) -> Self {
        Self {
            sim: Rc::new(RefCell::new(sim)),
            machines,
            live: Vec::new(),
            running: BTreeMap::new(),
            next_invocation: 0,
        }
    }

    /// Lets everything happen until `until_ms`, or until `stop` says so after an event. Timeline entries are handed
    /// to `timeline`.
    pub fn run(&mut self, until_ms: i64, timeline: &mut dyn FnMut(usize), stop: &mut dyn FnMut(&Sim) -> bool) {
        loop {
            let next = self.sim.borrow_mut().timers.next(until_ms);
            let Some((at, event)) = next else {
                self.sim.borrow_mut().now = until_ms;
                return;
            };
            self.sim.borrow_mut().now = at;
            match event {
                Event::Timeline(entry) => {
                    self.sim.borrow_mut().timeline_due = true;
                    timeline(entry);
                }
                Event::Wake(invocation) => self.poll_function(invocation),
                Event::FunctionTimeout(invocation) => self.function_timed_out(invocation),
                Event::Execution(index) => self.poll_execution(index),
                Event::Model(timer) => self.sim.borrow_mut().with_model(|model, ctx| model.handle(&timer, ctx)),
                Event::Duty(region, duty) => self.duty(region, duty),
            }
            self.settle();
            if stop(&self.sim.borrow()) {
                return;
            }
        }
    }

    /// Lets everybody hear what has just been done to the world.
    pub fn hear(&mut self) {
        self.settle();
    }

    /// What calls have asked for is picked up, and judges hear the news.
    fn settle(&mut self) {
        self.pick_up_starts();
        self.pick_up_wakes();
        self.sim.borrow_mut().spread_news();
    }

    /// A scheduled duty: the function runs if its Region does, and the next one is put on the agenda.
    fn duty(&mut self, region: Ix, duty: Duty) {
        let (now, dark) = {
            let sim = self.sim.borrow();
            (sim.now, sim.network.is_dark(region))
        };
        self.sim.borrow_mut().timers.at(now + 60_000, Event::Duty(region, duty));
        if dark {
            return;
        }
        match duty {
            Duty::Reconcile => self.invoke_standing(region, StepName::Reconcile, Value::Null),
            Duty::KeepFenced => self.invoke_standing(region, StepName::KeepFenced, Value::Null),
            Duty::Alarms => self.evaluate_alarms(region),
        }
    }

    /// The Region's own alarms are evaluated; a transition to ALARM starts start-move, as the direct action does.
    fn evaluate_alarms(&mut self, region: Ix) {
        let mut alarms = std::mem::take(&mut self.sim.borrow_mut().alarms);
        let event = self.sim.borrow_mut().with_model(|model, ctx| alarms::evaluate(&mut alarms, model, region, ctx));
        self.sim.borrow_mut().alarms = alarms;
        if let Some(event) = event {
            self.invoke_standing(region, StepName::StartMove, event);
        }
    }

    /// A person starts a machine from the console of `region`.
    pub fn start_by_hand(&mut self, region: Ix, kind: Option<Kind>, name: &str, input: &Value) -> bool {
        let started = {
            let mut sim = self.sim.borrow_mut();
            let region_name = sim.model.name(region).to_owned();
            let run = mmdr_core::RunId(name.into());
            sim.with_model(|model, ctx| model.executions.start(region, &region_name, kind, &run, input, ctx))
        };
        self.settle();
        matches!(started, mmdr_core::ports::Started::New(_))
    }

    /// Index of a Region.
    pub fn ix(&self, region: &Region) -> Ix {
        self.sim.borrow().ix(region)
    }
}
