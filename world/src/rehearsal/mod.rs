//! Tells a scenario: sets the world up, lets it run, carries out what the story says, and looks at the end.

mod acts;
mod expectations;
mod figures;
mod patch;
mod tend;

pub use figures::{Figures, StepShare};

use std::collections::BTreeMap;
use std::sync::Arc;

use mmdr_core::{Deployment, Region, RunId};
use mmdr_states::Machine;
use serde_json::Value;

use crate::driver::{Driver, Machines};
use crate::judges::{View, Violation};
use crate::network::Ix;
use crate::peace::BEGINS_MS;
use crate::scenario::{Entry, Scenario};
use crate::sim::{CallCounts, Sim};
use crate::story::Line;
use crate::timers::Event;

/// One run that ended.
#[derive(Clone, Debug, PartialEq)]
pub struct RunEnd {
    /// The execution's name.
    pub name: String,
    /// What it did.
    pub kind: String,
    /// How it ended: the report's ending, or what Step Functions says where there is no report.
    pub ending: String,
    /// In which Region.
    pub region: Ix,
    /// When, in milliseconds since the epoch.
    pub at: i64,
    /// Its report.
    pub report: Option<Value>,
}

/// What a told story leaves.
#[derive(Debug)]
pub struct Told {
    /// The scenario's name.
    pub name: String,
    /// The seed.
    pub seed: u64,
    /// The Regions' names.
    pub regions: [Region; 2],
    /// The transcript.
    pub lines: Vec<Line>,
    /// Runs in the order of their ends.
    pub runs: Vec<RunEnd>,
    /// What judges found.
    pub violations: Vec<Violation>,
    /// The judges that watched.
    pub judges: Vec<&'static str>,
    /// Expectations that do not hold, a sentence each.
    pub failed: Vec<String>,
    /// Headline figures.
    pub figures: Figures,
    /// Calls by Region asked and method.
    pub calls: CallCounts,
    /// When the story ended, in milliseconds since the epoch.
    pub ended_ms: i64,
    /// The world as it is at the end.
    pub sim: crate::sim::Shared,
}

impl Told {
    /// Whether the story ended as its file says: every expectation holds, and no judge but the expected one complains.
    pub fn is_well(&self) -> bool {
        self.failed.is_empty()
    }
}

/// The machines as they are deployed, parsed once.
///
/// # Errors
/// A definition that is not in our subset, with all its findings.
pub fn machines() -> Result<Machines, String> {
    const TEXTS: &[(&str, &str)] = &[
        ("failover", include_str!("../../../statemachines/failover.asl.json")),
        ("switchover", include_str!("../../../statemachines/switchover.asl.json")),
        ("reprotect", include_str!("../../../statemachines/reprotect.asl.json")),
        ("protect", include_str!("../../../statemachines/protect.asl.json")),
        ("answer-approval", include_str!("../../../statemachines/answer-approval.asl.json")),
        ("verify-backups", include_str!("../../../statemachines/verify-backups.asl.json")),
        ("check-readiness", include_str!("../../../statemachines/check-readiness.asl.json")),
    ];
    let mut machines = Machines::new();
    for (name, text) in TEXTS {
        machines.insert(name, Machine::parse(name, text).map_err(|errors| errors.to_string())?);
    }
    Ok(machines)
}

/// A story in the middle of being told.
pub struct Rehearsal {
    pub(crate) driver: Driver,
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) home: Ix,
    pub(crate) by_hand: u32,
    /// Runs that a person has resumed by hand once.
    pub(crate) resumed: Vec<RunId>,
    ended: Vec<RunEnd>,
}

/// Milliseconds of quiet after the last run and the last entry before a story ends by itself.
const QUIET_MS: i64 = 120_000;

impl Rehearsal {
    /// Sets the world up. `home` is the document's first Region.
    ///
    /// # Errors
    /// When the scenario's patch does not fit the document.
    pub fn new(
        scenario: Arc<Scenario>,
        deployment: &Deployment,
        machines: &Machines,
        seed: u64,
        listening: bool,
    ) -> Result<Self, String> {
        let deployment = Arc::new(patch::apply(deployment, &scenario)?);
        let sim = Sim::at_peace(deployment, &scenario.setup, 0, seed, listening)?;
        let driver = Driver::new(sim, machines.clone());
        Ok(Self { driver, scenario, home: 0, by_hand: 0, resumed: Vec::new(), ended: Vec::new() })
    }

    /// Tells it. `progress` is called with virtual seconds passed and their greatest possible number.
    pub fn tell(mut self, seed: u64, progress: &mut dyn FnMut(i64, i64)) -> Told {
        let most_s = self.scenario.minutes * 60;
        for (number, entry) in self.scenario.then.iter().enumerate() {
            if entry.after.is_none() {
                self.driver.sim.borrow_mut().timers.at(BEGINS_MS + entry.at_s * 1_000, Event::Timeline(number));
            }
        }
        let mut until = BEGINS_MS;
        while until < BEGINS_MS + most_s * 1_000 {
            // Slices of ten virtual seconds: often enough to notice that a run has ended, and to show progress.
            until += 10_000;
            self.slice(until);
            self.notice_ends();
            progress((until - BEGINS_MS) / 1_000, most_s);
            if self.is_over(until) {
                break;
            }
        }
        self.end(seed)
    }

    fn slice(&mut self, until: i64) {
        let mut due = Vec::new();
        loop {
            self.driver.run(until, &mut |entry| due.push(entry), &mut |sim| sim.timeline_due());
            if due.is_empty() {
                return;
            }
            for entry in due.drain(..) {
                self.driver.sim.borrow_mut().timeline_due = false;
                self.carry_out(entry);
            }
        }
    }

    fn carry_out(&mut self, number: usize) {
        let scenario = Arc::clone(&self.scenario);
        if let Some(entry) = scenario.then.get(number) {
            acts::carry_out(self, &entry.act);
        }
    }

    /// Runs that have ended since the last look; entries that wait for them are put on the agenda.
    fn notice_ends(&mut self) {
        let fresh = self.driver.take_ended();
        for end in fresh {
            self.tell_findings(&end);
            let kind = end.kind.clone();
            let at = end.at;
            self.ended.push(end);
            let count = self.ended.iter().filter(|known| known.kind == kind).count() as u32;
            let now = self.driver.sim.borrow().now;
            for (number, entry) in self.scenario.then.iter().enumerate() {
                if entry.after.as_ref().is_some_and(|(wanted, nth)| *wanted == kind && *nth == count) {
                    let due = (at + entry.at_s * 1_000).max(now);
                    self.driver.sim.borrow_mut().timers.at(due, Event::Timeline(number));
                }
            }
        }
    }

    /// What a run leaves for somebody to look at.
    fn tell_findings(&self, end: &RunEnd) {
        let mut sim = self.driver.sim.borrow_mut();
        let findings = end.report.as_ref().and_then(|report| report.get("findings")).and_then(Value::as_array);
        for finding in findings.into_iter().flatten().filter_map(Value::as_str) {
            sim.story.tell(end.at, format!("    {} leaves a finding: {finding}", end.name));
        }
    }

    /// Nothing runs, nothing is left to happen, and it has been quiet for a while.
    fn is_over(&mut self, now: i64) -> bool {
        let last_end = self.ended.last().map_or(BEGINS_MS, |end| end.at);
        let counts = self.counts();
        let open = |entry: &Entry| match &entry.after {
            None => BEGINS_MS + entry.at_s * 1_000 > now - QUIET_MS,
            Some((kind, nth)) => {
                counts.get(kind.as_str()).is_none_or(|count| count < nth)
                    || last_end + entry.at_s * 1_000 > now - QUIET_MS
            }
        };
        !self.driver.anything_runs()
            && !self.ended.is_empty()
            && now - last_end > QUIET_MS
            && !self.scenario.then.iter().any(open)
    }

    fn counts(&self) -> BTreeMap<&str, u32> {
        let mut counts = BTreeMap::new();
        for end in &self.ended {
            *counts.entry(end.kind.as_str()).or_insert(0) += 1;
        }
        counts
    }

    fn end(mut self, seed: u64) -> Told {
        self.notice_ends();
        let (lines, judges, violations, calls, regions, ended_ms) = {
            let mut sim = self.driver.sim.borrow_mut();
            let sim = &mut *sim;
            let view = View { now: sim.now, model: &sim.model, network: &sim.network, deployment: &sim.deployment };
            sim.judges.end(&view);
            let lines = std::mem::take(&mut sim.story.lines);
            (
                lines,
                sim.judges.names(),
                sim.judges.violations.clone(),
                sim.counts.clone(),
                sim.model.regions.clone(),
                sim.now,
            )
        };
        let figures = figures::of(&self.driver.sim.borrow(), &self.ended);
        let mut told = Told {
            name: self.scenario.name.clone(),
            seed,
            regions,
            lines,
            runs: self.ended,
            violations,
            judges,
            failed: Vec::new(),
            figures,
            calls,
            ended_ms,
            sim: self.driver.sim.clone(),
        };
        told.failed = expectations::failed(&self.scenario, &told, self.home);
        told
    }
}
