//! Executions of the state machines, as Step Functions would run them.

use std::sync::Arc;

use mmdr_core::ports::ExecutionStatus;
use mmdr_states::{Execution, HistoryEvent, Host, Start, Status, TaskId, TaskStart};
use serde_json::Value;

use super::{Driver, Live};
use crate::model::executions::machine_of;
use crate::rehearsal::RunEnd;
use crate::timers::Event;

/// What one poll of an execution asked for.
#[derive(Default)]
struct Wishes {
    start: Vec<TaskStart>,
    abandon: Vec<TaskId>,
}

impl Host for Wishes {
    fn start_task(&mut self, task: TaskStart) {
        self.start.push(task);
    }

    fn abandon_task(&mut self, task: TaskId) {
        self.abandon.push(task);
    }

    fn event(&mut self, _event: HistoryEvent) {}
}

impl Driver {
    /// Starts what StartExecution accepted.
    pub(super) fn pick_up_starts(&mut self) {
        loop {
            let starts = std::mem::take(&mut self.sim.borrow_mut().model.executions.starts);
            if starts.is_empty() {
                return;
            }
            for start in starts {
                let Some(machine) = self.machines.get(machine_of(start.kind)).cloned() else { continue };
                let (now, seed) = {
                    let mut sim = self.sim.borrow_mut();
                    (sim.now, sim.random.bits())
                };
                let with = Start {
                    id: Arc::from(start.arn.as_str()),
                    machine_id: Arc::from(machine.name().as_ref()),
                    name: Arc::from(start.name.0.as_str()),
                    input: start.input,
                };
                match Execution::start(machine, with, now, seed) {
                    Ok(execution) => {
                        self.live.push(Live {
                            execution,
                            arn: start.arn,
                            kind: start.kind,
                            region: start.region,
                            due: None,
                            over: false,
                            ended_ms: 0,
                            noticed: false,
                        });
                        self.poll_execution(self.live.len() - 1);
                    }
                    Err(_) => self.sim.borrow_mut().model.executions.ended(&start.arn, ExecutionStatus::Failed, now),
                }
            }
        }
    }

    /// Hands over what SendTaskSuccess accepted.
    pub(super) fn pick_up_wakes(&mut self) {
        let wakes = std::mem::take(&mut self.sim.borrow_mut().model.executions.wakes);
        for (token, output) in wakes {
            let Some(id) = mmdr_states::execution_of_token(&token).map(str::to_owned) else { continue };
            let now = self.sim.borrow().now;
            if let Some(index) = self.live.iter().position(|live| live.arn == id) {
                if let Some(live) = self.live.get_mut(index) {
                    // A token that died in between is no error: the object decides, the token only wakes.
                    let _ = live.execution.token_succeeded(&token, output, now);
                }
                self.poll_execution(index);
            }
        }
    }

    /// Lets an execution do what is due. An execution of a dark Region stands still.
    pub(super) fn poll_execution(&mut self, index: usize) {
        let now = self.sim.borrow().now;
        let mut wishes = Wishes::default();
        let Some(live) = self.live.get_mut(index) else { return };
        if live.due.is_some_and(|due| due <= now) {
            live.due = None;
        }
        let region = live.region;
        if live.over || self.sim.borrow().network.is_dark(region) {
            return;
        }
        live.execution.poll(now, &mut wishes);
        self.after_poll(index, wishes);
    }

    /// Reports the end of a task and lets its execution go on.
    pub(super) fn task_ended(&mut self, index: usize, task: TaskId, result: Result<Value, (String, String)>) {
        let now = self.sim.borrow().now;
        if let Some(live) = self.live.get_mut(index) {
            match result {
                Ok(answer) => live.execution.task_succeeded(task, answer, now),
                Err((error, cause)) => live.execution.task_failed(task, &error, &cause, now),
            };
        }
        self.poll_execution(index);
    }

    /// StopExecution by a person.
    pub fn stop_execution(&mut self, name: &str) -> bool {
        let now = self.sim.borrow().now;
        let Some(index) = self.live.iter().position(|live| live.execution.name().as_ref() == name && !live.over) else {
            return false;
        };
        let mut wishes = Wishes::default();
        if let Some(live) = self.live.get_mut(index) {
            live.execution.stop("Stopped", "by a person", now, &mut wishes);
        }
        self.after_poll(index, wishes);
        true
    }

    /// The Region is back: its executions find out what has become due meanwhile.
    pub fn wake_region(&mut self, region: crate::network::Ix) {
        let waiting: Vec<usize> = self
            .live
            .iter()
            .enumerate()
            .filter(|(_, live)| live.region == region && !live.over)
            .map(|(index, _)| index)
            .collect();
        for index in waiting {
            self.poll_execution(index);
        }
    }

    /// Runs that have ended since this was asked last.
    pub fn take_ended(&mut self) -> Vec<RunEnd> {
        let sim = self.sim.borrow();
        let mut fresh = Vec::new();
        for live in self.live.iter_mut().filter(|live| live.over && !live.noticed) {
            live.noticed = true;
            let Some(kind) = live.kind else { continue };
            let name = live.execution.name().to_string();
            let report = ["runs", "dry-run"]
                .iter()
                .find_map(|root| sim.model.objects.peek_record(live.region, &format!("{root}/{name}/report.json")));
            let ending = report.and_then(|report| report.get("ending")).and_then(Value::as_str);
            let status = || {
                sim.model
                    .executions
                    .describe(&live.arn)
                    .map_or_else(String::new, |seen| format!("{:?}", seen.status).to_lowercase())
            };
            fresh.push(RunEnd {
                ending: ending.map_or_else(|| format!("no report, execution {}", status()), str::to_owned),
                name,
                kind: kind.as_str().into(),
                region: live.region,
                at: live.ended_ms,
                report: report.cloned(),
            });
        }
        fresh
    }

    /// Whether any execution runs in a Region that is not dark.
    pub fn anything_runs(&self) -> bool {
        let sim = self.sim.borrow();
        self.live.iter().any(|live| !live.over && !sim.network.is_dark(live.region))
    }

    /// The name of the running execution of a kind.
    pub fn live_run(&self, kind: &str) -> Option<String> {
        let mut runs =
            self.live.iter().filter(|live| !live.over && live.kind.is_some_and(|known| known.as_str() == kind));
        runs.next_back().map(|live| live.execution.name().to_string())
    }

    /// The name of the last run of a Region, running or not.
    pub fn last_run(&self, region: crate::network::Ix) -> Option<String> {
        let mut runs = self.live.iter().filter(|live| live.region == region && live.kind.is_some());
        runs.next_back().map(|live| live.execution.name().to_string())
    }

    /// The newest running execution that waits for an answer, and its Region.
    pub fn asking_run(&self) -> Option<(String, crate::network::Ix)> {
        let asks = |live: &&Live| {
            !live.over && live.execution.current_states().iter().any(|state| state.contains("request-approval"))
        };
        self.live.iter().rev().find(asks).map(|live| (live.execution.name().to_string(), live.region))
    }

    fn after_poll(&mut self, index: usize, wishes: Wishes) {
        for task in wishes.abandon {
            self.abandon(index, task);
        }
        let now = self.sim.borrow().now;
        let Some(live) = self.live.get_mut(index) else { return };
        let (status, region) = (live.execution.status().clone(), live.region);
        let ended = match status {
            Status::Running => None,
            Status::Succeeded(_) => Some(ExecutionStatus::Succeeded),
            Status::Failed { .. } => Some(ExecutionStatus::Failed),
            Status::TimedOut => Some(ExecutionStatus::TimedOut),
            Status::Aborted { .. } => Some(ExecutionStatus::Aborted),
        };
        if let Some(ended) = ended {
            live.over = true;
            live.ended_ms = now;
            let (arn, name) = (live.arn.clone(), live.execution.name().clone());
            let mut sim = self.sim.borrow_mut();
            sim.model.executions.ended(&arn, ended, now);
            if let Status::Failed { error, cause } = status {
                sim.story.tell(now, format!("execution {name} failed: {error}: {cause}"));
            }
        } else if let Some(due) = live.execution.next_due()
            && live.due.is_none_or(|known| due < known)
        {
            live.due = Some(due);
            self.sim.borrow_mut().timers.at(due.max(now), Event::Execution(index));
        }
        for task in wishes.start {
            self.invoke_task(index, region, &task);
        }
    }
}
