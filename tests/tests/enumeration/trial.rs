//! Tells a story with a blow and holds its end against the undisturbed story's.

use std::collections::BTreeMap;
use std::env;
use std::sync::Arc;

use mmdr_core::{Deployment, Time};
use mmdr_world::driver::Machines;
use mmdr_world::rehearsal::{Rehearsal, Told, machines};
use mmdr_world::scenario::Scenario;

use crate::accepted::accepted;
use crate::blows::{BLOWS, Blow};
use crate::stories::Story;
use crate::tasks::{Work, work_of};

/// The seed of every story: what is broken is enumerated, chance is not what is looked for here.
const SEED: u64 = 1;

/// Tells stories.
pub(crate) struct Stage {
    deployment: Deployment,
    machines: Machines,
}

/// How a story ended, as far as a blow must not change it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct End {
    /// Each kind of run with its endings, in their order: which kind ends first is a matter of seconds. Failovers that
    /// were refused are left out: whether the old side of a planned move stands still for long enough to set off the
    /// alarm is a matter of seconds, too.
    pub(crate) runs: BTreeMap<String, Vec<String>>,
    pub(crate) writer: usize,
    pub(crate) public_name: usize,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self { deployment: Deployment::seed_example().unwrap(), machines: machines().unwrap() }
    }

    pub(crate) fn work_of(&self, story: &Story) -> Vec<Work> {
        work_of(&self.machines[story.machine])
    }

    /// The work that the undisturbed story does.
    pub(crate) fn work_in(&self, story: &Story) -> Vec<Work> {
        let all = self.work_of(story);
        let told = self.tell(story.watched(&all), false);
        let sim = told.sim.borrow();
        let left = |work: &&Work| {
            let mut guards = sim.faults.functions.iter();
            guards.any(|guard| guard.times > 0 && guard.step == work.step && guard.part.as_ref() == Some(&work.part))
        };
        all.iter().filter(|work| !left(work)).cloned().collect()
    }

    fn tell(&self, scenario: Scenario, listening: bool) -> Told {
        let told = Rehearsal::new(Arc::new(scenario), &self.deployment, &self.machines, SEED, listening).unwrap();
        told.tell(SEED, &mut |_, _| {})
    }

    /// Breaks every piece of work in every way; the failures are a table.
    pub(crate) fn break_everything(&self, story: &Story) {
        let only = env::var("MMDR_ONLY").unwrap_or_default();
        let undisturbed = self.tell(story.scenario(None), false);
        assert_eq!(undisturbed.violations, [], "{}, undisturbed", story.name);
        let wanted = end(&undisturbed);
        let (mut told, mut table) = (0, Vec::new());
        for work in self.work_in(story) {
            for blow in BLOWS {
                let trial = format!("{work} {blow}");
                if !trial.contains(&only) {
                    continue;
                }
                told += 1;
                let found = self.tell(story.scenario(Some((&work, blow))), !only.is_empty());
                if !only.is_empty() {
                    print(&found);
                }
                let wrong = wrong(&found, &wanted, story, &work, blow);
                if !wrong.is_empty() {
                    let replay = format!(
                        "MMDR_ONLY={trial:?} cargo test -p mmdr-tests --test enumeration -- --nocapture --exact {}",
                        story.name
                    );
                    table.push(format!("{trial}\n    {}\n    {replay}", wrong.join("\n    ")));
                }
            }
        }
        println!("{}: {told} stories told", story.name);
        assert!(
            table.is_empty(),
            "{} of {told} do not end right, where {wanted:?}:\n{}",
            table.len(),
            table.join("\n")
        );
    }
}

fn end(told: &Told) -> End {
    let sim = told.sim.borrow();
    let mut runs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for run in told.runs.iter().filter(|run| (run.kind.as_str(), run.ending.as_str()) != ("failover", "refused")) {
        runs.entry(run.kind.clone()).or_default().push(run.ending.clone());
    }
    End { runs, writer: sim.model.database.writer(), public_name: sim.model.dns.answer() }
}

/// What is wrong with the end of a story, a sentence each.
fn wrong(told: &Told, wanted: &End, story: &Story, work: &Work, blow: Blow) -> Vec<String> {
    let mut wrong: Vec<String> =
        told.violations.iter().map(|found| format!("judge {}: {}", found.judge, found.what)).collect();
    let found = end(told);
    if found != *wanted && !accepted(story, work, blow, &found, wanted) {
        wrong.push(format!("ended {found:?}"));
    }
    let struck = told.sim.borrow().faults.functions.iter().any(|guard| guard.times < blow.times);
    if !struck {
        wrong.push("the blow never fell".into());
    }
    // A call that its function did not live to send is counted, and was not made.
    let not_sent = if format!("{blow}").starts_with("dies before") { blow.times } else { 0 };
    for method in ["database.fail_over", "database.switch_over", "database.detach"] {
        let made: u32 = told.calls.iter().filter(|((_, known), _)| *known == method).map(|(_, count)| count).sum();
        if made > 1 + not_sent {
            wrong.push(format!("{method} was called {made} times"));
        }
    }
    wrong
}

fn print(told: &Told) {
    for line in &told.lines {
        println!("{} {}", Time(line.at), line.text);
    }
    for run in &told.runs {
        println!("ended: {} {} {}", run.kind, run.ending, run.name);
        let findings = run.report.as_ref().and_then(|report| report.get("findings"));
        println!("    {}", findings.map_or_else(String::new, ToString::to_string));
    }
}
