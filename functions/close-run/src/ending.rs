//! How a run ended: from its evidence and the own ledger's phase.

use mmdr_core::records::{CheckResult, CheckSeverity, Decision};
use mmdr_core::{Ending, Kind, Outcome, Phase, Previous, Run, StepName, codes};

use crate::account::two_writers;
use crate::observed::{Looked, Observed};
use crate::parts::{When, changes, parts_of};

/// How the run ended.
pub(crate) fn ending(run: &Run, seen: &Observed) -> Ending {
    if run.dry_run {
        return Ending::DryRun;
    }
    if !run.kind.takes_epoch() {
        return if is_well(run, seen) { Ending::Healthy } else { Ending::Findings };
    }
    let opened = seen.last_look(StepName::OpenRun, "whole");
    if let Some(refused) = opened.filter(|look| stopped(look)) {
        return match refused.code.as_str() {
            codes::LOST_RACE => Ending::LostRace,
            codes::SUPERSEDED => Ending::Superseded,
            _ => Ending::Refused,
        };
    }
    let Some(line) = seen.own_line(run) else { return Ending::Superseded };
    let overtaken = seen.own.as_ref().is_some_and(|own| own.ledger.claimed > line.epoch);
    if overtaken || seen.looks.iter().any(|look| look.outcome == Outcome::Refuse && look.code == codes::SUPERSEDED) {
        return Ending::Superseded;
    }
    match line.phase {
        Phase::Closed => line.ending.unwrap_or(Ending::Stopped),
        Phase::Settled => after_the_move(run, seen),
        Phase::Calling if database_moved(run, seen) => after_the_move(run, seen),
        Phase::Calling => Ending::StoppedAskAurora,
        Phase::Open => before_the_call(run, seen),
    }
}

/// The line of a run that continued another one says `calling` from the start, and the database may have had nothing
/// left to do.
pub(crate) fn database_moved(run: &Run, seen: &Observed) -> bool {
    let part = if run.kind == Kind::Switchover { "switch-over" } else { "promote" };
    seen.is_done(StepName::SwitchDatabase, part)
}

/// The writer is here. Nobody is served before Mattermost was confirmed to work inside.
fn after_the_move(run: &Run, seen: &Observed) -> Ending {
    // A function that dies after it has written its evidence down leaves a step that is done and a machine that gave up.
    let gave_up = seen.last.as_ref().is_some_and(|last| last.code == codes::UNFINISHED);
    if gave_up || !seen.is_done(StepName::ConfirmRecovery, "inside") {
        return Ending::Unfinished;
    }
    healthy_or_findings(run, seen)
}

fn healthy_or_findings(run: &Run, seen: &Observed) -> Ending {
    if is_well(run, seen) { Ending::Healthy } else { Ending::Findings }
}

fn before_the_call(run: &Run, seen: &Observed) -> Ending {
    let asked = seen.last_look(StepName::RequestApproval, "ask").filter(|look| stopped(look));
    match asked.map(|look| look.code.as_str()) {
        Some(codes::DENIED) => return Ending::Denied,
        Some(codes::EXPIRED | codes::AWAITS_ANSWER) => return Ending::Expired,
        _ => {}
    }
    if seen.answer.as_ref().is_some_and(|answer| answer.decision == Decision::Deny) {
        return Ending::Denied;
    }
    if seen.is_done(StepName::ConfirmRecovery, "called-off") {
        return Ending::CalledOff;
    }
    // What protects has no database call: where all its parts left evidence, it went the whole way.
    if !run.kind.is_move() && silent(run, seen).is_empty() {
        return healthy_or_findings(run, seen);
    }
    let changed = seen.looks.iter().any(|look| look.outcome == Outcome::Acted && changes(look.step, &look.part));
    if changed { Ending::Stopped } else { Ending::Refused }
}

pub(crate) fn stopped(look: &Looked) -> bool {
    matches!(look.outcome, Outcome::Refuse | Outcome::Exhausted)
}

/// The parts that had to leave evidence and left none. A part of which the machine caught an error is not among them:
/// its last look, or the machine's, says more.
pub(crate) fn silent(run: &Run, seen: &Observed) -> Vec<(StepName, &'static str)> {
    let needed = parts_of(run.kind).iter().filter(|part| part.when == When::Always && part.step != StepName::CloseRun);
    needed.filter(|part| seen.last_look(part.step, part.part).is_none()).map(|part| (part.step, part.part)).collect()
}

/// Whether there is nothing that somebody must look at.
fn is_well(run: &Run, seen: &Observed) -> bool {
    findings(run, seen).is_empty() && two_writers(run, seen).is_none() && silent(run, seen).is_empty()
}

/// What somebody must look at, in sentences: parts that stopped, parts that never came to an end, and checks that did not hold.
/// That two writers are possible, and parts without evidence, stand in the report under names of their own.
pub(crate) fn findings(run: &Run, seen: &Observed) -> Vec<String> {
    let mut findings: Vec<String> = Vec::new();
    for part in parts_of(run.kind).iter().filter(|part| part.step != StepName::CloseRun) {
        let name = part.step.task(part.part);
        match seen.last_look(part.step, part.part) {
            // The waiting task makes one look; the machine goes on without its answer.
            _ if part.when == When::Asked => {}
            Some(look) if stopped(look) => findings.push(format!("{name} stopped: {}", look.sentence)),
            // The machine says more of this one, below.
            Some(_) if given_up(seen).is_some_and(|last| last.step == part.step && last.part == part.part) => {}
            Some(look) if matches!(look.outcome, Outcome::Acted | Outcome::Wait) => {
                findings.push(format!("{name} never came to an end: {}", look.sentence));
            }
            _ => {}
        }
    }
    if let Some(last) = given_up(seen) {
        let name = last.step.task(&last.part);
        findings.push(format!("{name} was given up by the machine: {}", last.sentence));
    }
    // What only the old writer had is gone for good: nobody may read "healthy" over that.
    if run.kind == Kind::Reprotect
        && let Some(lost) =
            seen.lost.as_ref().filter(|lost| lost.gone || lost.kept_in.is_none() && lost.at_least_s != Some(0))
    {
        findings.push(lost.sentence.clone());
    }
    findings.extend(seen.unreadable.iter().map(|key| format!("the evidence {key} cannot be understood")));
    findings.extend(failed_checks(seen));
    // Of a backup that nobody can see nobody may read "healthy", either.
    let backups = seen.backups.iter().flat_map(|backups| &backups.findings);
    findings.extend(backups.map(|finding| finding.sentence.clone()));
    findings
}

/// The part whose error the machine caught: its own evidence does not say that it stopped.
fn given_up(seen: &Observed) -> Option<&Previous> {
    let last = seen.last.as_ref().filter(|last| last.outcome == Outcome::Exhausted)?;
    seen.last_look(last.step, &last.part).is_none_or(|look| !stopped(look)).then_some(last)
}

fn failed_checks(seen: &Observed) -> Vec<String> {
    let Some(readiness) = &seen.readiness else { return Vec::new() };
    let failed = readiness.findings.iter().filter(|finding| {
        finding.severity != CheckSeverity::Info && finding.result == CheckResult::Failed
            || finding.severity == CheckSeverity::Critical && finding.result == CheckResult::CannotTell
    });
    failed.map(|finding| format!("{} ({}): {}", finding.check, finding.severity, finding.evidence)).collect()
}
