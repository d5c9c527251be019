//! The agenda of the world: what happens when, in one order that a seed repeats.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::model::Timer;

/// Something that happens at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// A function's call has been answered: let it go on.
    Wake(u64),
    /// A function has reached its time-out.
    FunctionTimeout(u64),
    /// An execution has something to do.
    Execution(usize),
    /// The model changes by itself.
    Model(Timer),
    /// A scheduled duty of one Region's stack.
    Duty(usize, Duty),
    /// An entry of the scenario's timeline.
    Timeline(usize),
}

/// What each Region's stack does by schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duty {
    /// `reconcile`, each minute.
    Reconcile,
    /// `keep-fenced`, each minute.
    KeepFenced,
    /// The standby's outside probe and its alarm, each minute.
    Alarms,
}

/// The agenda.
#[derive(Debug, Default)]
pub struct Timers {
    heap: BinaryHeap<Reverse<(i64, u64, Event)>>,
    order: u64,
}

impl Timers {
    /// Puts `event` on the agenda for `at_ms`; events of one time happen in the order in which they were put there.
    pub fn at(&mut self, at_ms: i64, event: Event) {
        self.order += 1;
        self.heap.push(Reverse((at_ms, self.order, event)));
    }

    /// A timer of the model.
    pub fn model(&mut self, at_ms: i64, timer: Timer) {
        self.at(at_ms, Event::Model(timer));
    }

    /// The next event, if it happens at `until_ms` at the latest.
    pub fn next(&mut self, until_ms: i64) -> Option<(i64, Event)> {
        if self.heap.peek()?.0.0 > until_ms {
            return None;
        }
        self.heap.pop().map(|Reverse((at, _, event))| (at, event))
    }
}
