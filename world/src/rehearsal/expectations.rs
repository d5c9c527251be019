//! Holds the end of a story against what its file expects.

use super::Told;
use crate::network::Ix;
use crate::scenario::{Expect, Scenario};

/// Every expectation that does not hold, a sentence each.
pub(super) fn failed(scenario: &Scenario, told: &Told, home: Ix) -> Vec<String> {
    let expect = &scenario.expect;
    let mut failed = never_came(scenario, told);
    if let Some(wanted) = &expect.runs {
        let found: Vec<String> = told.runs.iter().map(|run| format!("{}: {}", run.kind, run.ending)).collect();
        if found != *wanted {
            failed.push(format!("runs: expected {wanted:?}, found {found:?}"));
        }
    }
    places(expect, told, home, &mut failed);
    let lost = told.figures.lost_messages;
    if expect.lost_at_most.is_some_and(|most| lost > most) {
        failed.push(format!("lost_at_most: expected {:?}, found {lost}", expect.lost_at_most.unwrap_or(0)));
    }
    if expect.lost_at_least.is_some_and(|least| lost < least) {
        failed.push(format!("lost_at_least: expected {:?}, found {lost}", expect.lost_at_least.unwrap_or(0)));
    }
    if let Some(most) = expect.without_service_s_at_most.filter(|most| told.figures.without_service_s > *most) {
        failed.push(format!("without_service_s_at_most: expected {most}, found {}", told.figures.without_service_s));
    }
    words(expect, told, home, &mut failed);
    judges(expect, told, &mut failed);
    for (method, most) in &expect.calls_at_most {
        let made: u32 = told.calls.iter().filter(|((_, known), _)| known == method).map(|(_, count)| count).sum();
        if made > *most {
            failed.push(format!("calls_at_most: expected {method} at most {most} times, found {made}"));
        }
    }
    failed
}

/// What waits for the end of a run that there was not: a story that is green without it has tested nothing.
fn never_came(scenario: &Scenario, told: &Told) -> Vec<String> {
    let mut failed = Vec::new();
    for (number, entry) in scenario.then.iter().enumerate() {
        let Some((kind, nth)) = &entry.after else { continue };
        let ended = told.runs.iter().filter(|run| run.kind == *kind).count();
        if ended < *nth as usize {
            failed.push(format!("then[{number}].after: expected the end of {kind} {nth}, found {ended} that ended"));
        }
    }
    failed
}

fn places(expect: &Expect, told: &Told, home: Ix, failed: &mut Vec<String>) {
    let sim = told.sim.borrow();
    let name = |ix: Ix| sim.model.name(ix).to_owned();
    if let Some(side) = expect.writer {
        let (wanted, found) = (side.ix(home), sim.model.database.writer());
        if wanted != found || !sim.model.database.writable(found) {
            failed.push(format!("writer: expected {} to write, found {}", name(wanted), name(found)));
        }
    }
    if let Some(side) = expect.public_name {
        let (wanted, found) = (side.ix(home), sim.model.dns.answer());
        if wanted != found {
            failed.push(format!("public_name: expected {}, found {}", name(wanted), name(found)));
        }
    }
}

/// A story does not know what the document calls its Regions: `{home}` and `{away}` stand for them.
fn words(expect: &Expect, told: &Told, home: Ix, failed: &mut Vec<String>) {
    // A story that nobody listens to has no words to look for.
    if !told.sim.borrow().story.listening {
        return;
    }
    let (at_home, away) = {
        let model = &told.sim.borrow().model;
        (model.name(home).to_owned(), model.name(1 - home).to_owned())
    };
    let holds = |words: &str| {
        let words = words.replace("{home}", &at_home).replace("{away}", &away);
        told.lines.iter().any(|line| line.text.contains(&words))
    };
    for missing in expect.told.iter().filter(|words| !holds(words)) {
        failed.push(format!("told: expected {missing:?} in the transcript, found it nowhere"));
    }
    for said in expect.not_told.iter().filter(|words| holds(words)) {
        failed.push(format!("not_told: expected {said:?} nowhere in the transcript, found it"));
    }
}

fn judges(expect: &Expect, told: &Told, failed: &mut Vec<String>) {
    match &expect.judge_fails {
        None => failed.extend(told.violations.iter().map(|found| format!("judge {}: {}", found.judge, found.what))),
        Some(judge) if told.violations.iter().any(|found| found.judge == judge) => {}
        Some(judge) => {
            failed.push(format!("judge_fails: expected {judge} to fail the run, found {:?}", told.violations))
        }
    }
}
