//! The state of the world: one agenda, one model, one network, and everything that watches.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use mmdr_core::calls::{Asked, Call, Does, Plane};
use mmdr_core::{Deployment, Epoch, Fault, Region, RunId, StepName};

use crate::alarms::Alarm;
use crate::faults::{CallFault, Faults, FunctionFault};
use crate::judges::{Judges, View};
use crate::model::{Ctx, Model};
use crate::network::{Ix, Network};
use crate::news::News;
use crate::random::Random;
use crate::story::Story;
use crate::timers::{Event, Timers};

/// The world, shared by the driver and the doors of running functions.
pub type Shared = Rc<RefCell<Sim>>;

/// Milliseconds that a caller waits for an answer that never comes: a dark Region swallows packets, and a connection is given up
/// after two seconds (`CONNECT` in `shared/aws/src/clients.rs`). A second attempt, and the patience with a Region that stays silent
/// (`shared/aws/src/call.rs`), are not modelled.
pub const NO_ANSWER_MS: i64 = 2_000;

/// One running invocation of a function.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The Region in which it runs.
    pub region: Ix,
    /// The step.
    pub step: StepName,
    /// The run and whether it is dry; none for a standing duty.
    pub run: Option<(RunId, bool)>,
    /// The epoch that it was given.
    pub epoch: Epoch,
    /// Calls sent so far.
    pub calls: u32,
    /// Changes sent so far.
    pub changes: u32,
    /// What goes wrong with it.
    pub fault: Option<FunctionFault>,
    /// Whether it has died.
    pub dead: bool,
}

/// What becomes of one call.
#[derive(Debug)]
pub struct Plan {
    /// Milliseconds until it arrives.
    pub there_ms: i64,
    /// Milliseconds until its answer is back.
    pub back_ms: i64,
    /// Whether it is carried out.
    pub arrives: bool,
    /// What is answered instead of the true answer.
    pub instead: Option<Fault>,
    /// The function dies before the call is sent.
    pub die_before: bool,
    /// The function dies after the call was carried out.
    pub die_after: bool,
}

/// How often each call was made.
pub type CallCounts = BTreeMap<(Ix, &'static str), u32>;

/// Everything there is, except the futures of running functions.
pub struct Sim {
    /// Milliseconds since the epoch.
    pub now: i64,
    /// The agenda.
    pub timers: Timers,
    /// Chance for latencies and faults.
    pub random: Random,
    /// The network.
    pub network: Network,
    /// Guards in force.
    pub faults: Faults,
    /// The two Regions and the people.
    pub model: Model,
    /// The document that everybody obeys.
    pub deployment: Arc<Deployment>,
    /// Running invocations.
    pub invocations: BTreeMap<u64, Invocation>,
    /// Calls by Region asked and method.
    pub counts: CallCounts,
    /// Who watches.
    pub judges: Judges,
    /// What is written down.
    pub story: Story,
    /// What happened and was not heard yet.
    pub news: Vec<News>,
    /// Whether a timeline entry waits to be carried out.
    pub timeline_due: bool,
    /// Each Region's alarm on the other.
    pub alarms: [Alarm; 2],
    /// Milliseconds by which each Region's clocks are wrong.
    pub skew_ms: [i64; 3],
}

impl std::fmt::Debug for Sim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the world at {}", mmdr_core::Time(self.now))
    }
}

impl Sim {
    /// Whether a timeline entry waits to be carried out.
    pub fn timeline_due(&self) -> bool {
        self.timeline_due
    }

    /// The index of a Region of the Deployment; anything else is outside.
    pub fn ix(&self, region: &Region) -> Ix {
        self.model.regions.iter().position(|known| known == region).unwrap_or(crate::network::OUTSIDE)
    }

    /// Lets the model act with everything that it may touch.
    pub fn with_model<T>(&mut self, change: impl FnOnce(&mut Model, &mut Ctx<'_>) -> T) -> T {
        let mut ctx = Ctx {
            now: self.now,
            timers: &mut self.timers,
            random: &mut self.random,
            network: &self.network,
            news: &mut self.news,
            deployment: &self.deployment,
        };
        change(&mut self.model, &mut ctx)
    }

    /// Decides what becomes of a call and writes it down.
    pub fn plan(&mut self, invocation: u64, call: &'static Call, asked: Ix) -> Plan {
        let Some(caller) = self.invocations.get_mut(&invocation) else { return Plan::lost() };
        caller.calls += 1;
        if call.does == Does::Change {
            caller.changes += 1;
        }
        let (from, fault, nth, nth_change) = (caller.region, caller.fault, caller.calls, caller.changes);
        *self.counts.entry((asked, call.method)).or_insert(0) += 1;
        if !declared(call, from, asked) {
            let what = format!("{} asked in Region {asked} from Region {from}", call.method);
            self.news.push(News::Undeclared { what });
        }
        let mut plan = self.by_network(call, from, asked);
        plan.by_fault(self.faults.of_call(call, asked));
        let changes = call.does == Does::Change;
        plan.die_before = fault == Some(FunctionFault::CrashBefore(nth))
            || (changes && fault == Some(FunctionFault::CrashBeforeChange(nth_change)));
        plan.die_after = fault == Some(FunctionFault::CrashAfter(nth))
            || (changes && fault == Some(FunctionFault::CrashAfterChange(nth_change)));
        plan
    }

    /// Tells the judges that a call was carried out.
    pub fn carried_out(&mut self, invocation: u64, call: &'static Call, asked: Ix) {
        if call.does == Does::Read {
            return;
        }
        let Some(caller) = self.invocations.get(&invocation) else { return };
        self.news.push(News::Called {
            method: call.method,
            changes: call.does == Does::Change,
            asked,
            from: caller.region,
            step: caller.step,
            run: caller.run.clone(),
            epoch: caller.epoch,
        });
    }

    /// Judges and the story hear what happened.
    pub fn spread_news(&mut self) {
        if self.news.is_empty() {
            return;
        }
        let mut news = std::mem::take(&mut self.news);
        for item in &news {
            if let News::Told { line } = item {
                self.story.tell(self.now, line.as_str());
            }
            let view = View { now: self.now, model: &self.model, network: &self.network, deployment: &self.deployment };
            self.judges.hear(item, &view);
        }
        news.clear();
        self.news = news;
    }

    /// Wakes an invocation at `at_ms`.
    pub fn wake_at(&mut self, at_ms: i64, invocation: u64) {
        self.timers.at(at_ms, Event::Wake(invocation));
    }

    fn by_network(&mut self, call: &Call, from: Ix, asked: Ix) -> Plan {
        let reached = match call.plane {
            Plane::UsEast1Control => self.network.us_east_1_control,
            _ => self.network.reaches(from, asked),
        };
        if !reached {
            return Plan {
                there_ms: NO_ANSWER_MS,
                back_ms: 0,
                arrives: false,
                instead: Some(Fault::NoAnswer),
                die_before: false,
                die_after: false,
            };
        }
        let one_way = if from == asked { 4 } else { 35 };
        let there_ms = one_way + self.random.between(0, one_way);
        let back_ms = one_way + self.random.between(0, one_way);
        Plan { there_ms, back_ms, arrives: true, instead: None, die_before: false, die_after: false }
    }
}

impl Plan {
    fn lost() -> Self {
        Self {
            there_ms: 0,
            back_ms: 0,
            arrives: false,
            instead: Some(Fault::NoAnswer),
            die_before: true,
            die_after: false,
        }
    }

    fn by_fault(&mut self, fault: Option<CallFault>) {
        match fault {
            None => {}
            Some(CallFault::Throttle) => (self.arrives, self.instead) = (false, Some(Fault::Throttled)),
            Some(CallFault::Slow(ms)) => self.back_ms += ms,
            Some(CallFault::BlackHole) => {
                (self.arrives, self.instead) = (false, Some(Fault::NoAnswer));
                self.there_ms = NO_ANSWER_MS;
            }
            Some(CallFault::AnswerLost) => {
                self.instead = Some(Fault::NoAnswer);
                self.back_ms = NO_ANSWER_MS;
            }
            Some(CallFault::Answer(fault)) => (self.arrives, self.instead) = (false, Some(fault)),
        }
    }
}

/// Whether the list of calls allows this call to be asked there.
fn declared(call: &Call, from: Ix, asked: Ix) -> bool {
    match call.asked {
        Asked::Own => asked == from,
        Asked::Other => asked != from,
        Asked::Either => asked < crate::network::OUTSIDE,
        Asked::Third => asked == crate::network::OUTSIDE,
        Asked::Global => true,
    }
}
