//! Invocations of functions: futures that the agenda wakes, and that faults kill, double or hold.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use mmdr_core::{Epoch, LONGEST_FUNCTION_S, Place, RunId, StepName, Time};
use mmdr_states::{Call, TaskId, TaskStart};
use serde_json::Value;

use super::Driver;
use super::functions::{self, Finished};
use crate::door::Door;
use crate::faults::FunctionFault;
use crate::network::Ix;
use crate::sim::Invocation;
use crate::timers::Event;

/// Milliseconds from the start of a Task to the first line of its function.
const START_MS: i64 = 25;
/// Milliseconds by which the second delivery of the same event follows the first.
const SECOND_COPY_MS: i64 = 40;

/// A function that runs.
pub(super) struct Running {
    future: Pin<Box<dyn Future<Output = Finished>>>,
    /// Execution and task that wait for it; none for a standing duty.
    task: Option<(usize, TaskId)>,
    /// Whether the invocation's own answer is what the task waits for (and not a token).
    answers: bool,
}

impl Driver {
    /// A Task's function is invoked.
    pub(super) fn invoke_task(&mut self, index: usize, region: Ix, task: &TaskStart) {
        if let Some(token) = &task.token {
            self.sim.borrow_mut().model.executions.live_tokens.insert(token.to_string());
        }
        let Some(step) = functions::step_of(&task.function) else {
            let cause = format!("no function is called {}", task.function);
            self.task_ended(index, task.task_id, Err(("Lambda.ResourceNotFoundException".into(), cause)));
            return;
        };
        let payload = (*task.payload).clone();
        let answers = task.call != Call::InvokeForToken;
        let fault = self.fault_of(step, &payload, region);
        match fault {
            Some(FunctionFault::Throttled) => {
                self.task_ended(
                    index,
                    task.task_id,
                    Err(("Lambda.TooManyRequestsException".into(), "throttled".into())),
                );
                return;
            }
            Some(FunctionFault::Twice) => {
                self.spawn(region, step, payload.clone(), None, None, false, START_MS + SECOND_COPY_MS);
            }
            _ => {}
        }
        self.spawn(region, step, payload, fault, Some((index, task.task_id)), answers, START_MS);
    }

    /// A function is invoked by a schedule or an event.
    pub fn invoke_standing(&mut self, region: Ix, step: StepName, event: Value) {
        let fault = self.fault_of(step, &event, region);
        if fault == Some(FunctionFault::Twice) {
            self.spawn(region, step, event.clone(), None, None, false, START_MS + SECOND_COPY_MS);
        }
        self.spawn(region, step, event, fault, None, false, START_MS);
    }

    fn fault_of(&self, step: StepName, payload: &Value, region: Ix) -> Option<FunctionFault> {
        let part = payload.get("part").and_then(Value::as_str).unwrap_or("whole");
        self.sim.borrow_mut().faults.of_function(step, part, region)
    }

    #[expect(clippy::too_many_arguments, reason = "every one is a different fact of one invocation")]
    fn spawn(
        &mut self,
        region: Ix,
        step: StepName,
        payload: Value,
        fault: Option<FunctionFault>,
        task: Option<(usize, TaskId)>,
        answers: bool,
        delay_ms: i64,
    ) {
        self.next_invocation += 1;
        let id = self.next_invocation;
        let (run, epoch) = run_of(&payload);
        let mut sim = self.sim.borrow_mut();
        let now = sim.now;
        sim.invocations.insert(id, Invocation { region, step, run, epoch, calls: 0, changes: 0, fault, dead: false });
        if fault != Some(FunctionFault::Hangs) {
            sim.timers.at(now + delay_ms, Event::Wake(id));
        }
        sim.timers.at(now + LONGEST_FUNCTION_S * 1_000, Event::FunctionTimeout(id));
        let skew = sim.skew_ms.get(region).copied().unwrap_or(0);
        let own = sim.model.regions.get(region).cloned();
        let deployment = Arc::clone(&sim.deployment);
        drop(sim);
        let Some(own) = own else { return };
        let place = Place { own, deployment, now: Time(now + delay_ms + skew) };
        let door = Door::new(self.sim.clone(), id);
        let future = functions::invoke(step, door, place, payload);
        self.running.insert(id, Running { future, task, answers });
    }

    /// Lets a function run until it waits again. A function of a dark Region is gone.
    pub(super) fn poll_function(&mut self, id: u64) {
        let Some(running) = self.running.get_mut(&id) else { return };
        let region = self.sim.borrow().invocations.get(&id).map(|invocation| invocation.region);
        if region.is_some_and(|region| self.sim.borrow().network.is_dark(region)) {
            self.forget(id);
            return;
        }
        let polled = running.future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let (dead, fault) = {
            let sim = self.sim.borrow();
            sim.invocations.get(&id).map_or((true, None), |invocation| (invocation.dead, invocation.fault))
        };
        if dead {
            self.finish(id, Err(("Runtime.ExitError".into(), "the function's process died".into())));
        } else if let Poll::Ready(result) = polled {
            if fault == Some(FunctionFault::KilledBeforeAnswer) {
                self.finish(id, Err(("Lambda.Unknown".into(), "killed before it answered".into())));
            } else {
                self.finish(id, result);
            }
        }
    }

    /// The function's time is up.
    pub(super) fn function_timed_out(&mut self, id: u64) {
        if self.running.contains_key(&id) {
            self.finish(id, Err(("Sandbox.Timedout".into(), format!("after {LONGEST_FUNCTION_S} s"))));
        }
    }

    /// Nobody waits for the task any more; a Lambda that runs goes on all the same, as in AWS.
    pub(super) fn abandon(&mut self, index: usize, task: TaskId) {
        for running in self.running.values_mut() {
            if running.task == Some((index, task)) {
                running.task = None;
            }
        }
    }

    fn finish(&mut self, id: u64, result: Finished) {
        let Some(running) = self.forget(id) else { return };
        let Some((index, task)) = running.task else { return };
        if running.answers || result.is_err() {
            self.tell_of(index, &result);
            self.task_ended(index, task, result);
        }
    }

    fn forget(&mut self, id: u64) -> Option<Running> {
        self.sim.borrow_mut().invocations.remove(&id);
        self.running.remove(&id)
    }

    /// One line per look for the transcript.
    fn tell_of(&self, index: usize, result: &Finished) {
        let mut sim = self.sim.borrow_mut();
        if !sim.story.listening {
            return;
        }
        let now = sim.now;
        let region = self.live.get(index).map_or(0, |live| live.region);
        let region = sim.model.name(region).to_owned();
        let (who, news, line) = match result {
            Ok(answer) => functions::sentence_of(answer, &region),
            Err((error, cause)) => {
                let line = format!("[{region}] a function failed: {error}: {cause}");
                (String::new(), line.clone(), line)
            }
        };
        sim.story.tell_step(now, who, news, line);
    }
}

/// The run and the epoch in a payload.
fn run_of(payload: &Value) -> (Option<(RunId, bool)>, Epoch) {
    let Some(run) = payload.get("run") else { return (None, Epoch(0)) };
    let epoch = Epoch(run.get("epoch").and_then(Value::as_u64).unwrap_or(0));
    let dry = run.get("dry_run").and_then(Value::as_bool).unwrap_or(false);
    let id = run.get("id").and_then(Value::as_str).unwrap_or("not-yet-open");
    (Some((RunId(id.into()), dry)), epoch)
}
