//! Asks the table, and decides what follows.

use mmdr_core::records::{self, CheckResult, Readiness, ReadinessFinding};
use mmdr_core::{Acceptance, Run, Verdict};

use crate::checks;
use crate::observed::Observed;
use crate::table::{self, Check, Gate, View};
use crate::words::{Action, Part, Refusal, Waiting};

/// Decides.
pub(crate) fn decide(run: &Run, part: Part, seen: &Observed) -> Verdict<Action, Waiting, Refusal> {
    match part {
        Part::Gate => gate(run, seen),
        Part::Report if seen.report.is_some() => Verdict::Already,
        Part::Report => Verdict::Act(Action::WriteReport {
            region: run.own().clone(),
            key: records::key(run, records::READINESS),
            readiness: readiness(run, seen),
        }),
    }
}

/// Every check, whether it held or not.
pub(crate) fn readiness(run: &Run, seen: &Observed) -> Readiness {
    let view = View { run, seen };
    Readiness {
        at: seen.now,
        writer: view.writer().ok().map(|side| side.name.clone()),
        findings: checks::all().map(|check| table::ask(check, &view)).collect(),
    }
}

/// Refuses before it waits: what does not mend itself is said at once.
fn gate(run: &Run, seen: &Observed) -> Verdict<Action, Waiting, Refusal> {
    if run.forward_only {
        return Verdict::Already;
    }
    let view = View { run, seen };
    if view.writer().is_ok_and(|writer| writer.name == run.own()) {
        return Verdict::Refuse(Refusal::AlreadyWriter { region: run.own().clone() });
    }
    let asked: Vec<(&Check, ReadinessFinding)> = checks::all()
        .filter(|check| check.gate != Gate::No && !is_accepted(run, check) && !is_past(run, check))
        .map(|check| (check, table::ask(check, &view)))
        .collect();
    let with = |result: CheckResult, gates: &[Gate]| -> Vec<ReadinessFinding> {
        let fits =
            |(check, finding): &&(&Check, ReadinessFinding)| finding.result == result && gates.contains(&check.gate);
        asked.iter().filter(fits).map(|(_, finding)| finding.clone()).collect()
    };
    let not_ready = with(CheckResult::Failed, &[Gate::Needed]);
    let unknown = with(CheckResult::CannotTell, &[Gate::Needed, Gate::Passing, Gate::Lag]);
    let busy = with(CheckResult::Failed, &[Gate::Passing]);
    let lagging = with(CheckResult::Failed, &[Gate::Lag]);
    if !not_ready.is_empty() {
        Verdict::Refuse(Refusal::NotReady { findings: not_ready })
    } else if !unknown.is_empty() {
        Verdict::Wait(Waiting::CannotTell { findings: unknown })
    } else if !busy.is_empty() {
        Verdict::Wait(Waiting::Busy { findings: busy })
    } else if !lagging.is_empty() {
        Verdict::Wait(Waiting::Lagging { findings: lagging })
    } else {
        Verdict::Already
    }
}

/// A person may start a switchover although search or files lag; never although the database does, nor although
/// something is wrong.
fn is_accepted(run: &Run, check: &Check) -> bool {
    check.gate == Gate::Lag && run.accepts(Acceptance::Lag)
}

/// What a run that got further had stopped or fenced already: when this run continues it, these say nothing any more.
const STOPPED_BEFORE: &[&str] =
    &["search-leader-writable", "no-aggregation-running", "job-flags-from-parameter", "region-keys-from-environment"];

fn is_past(run: &Run, check: &Check) -> bool {
    run.resumes.is_some() && STOPPED_BEFORE.contains(&check.name)
}

/// What an `Already` says.
pub(crate) fn already(run: &Run, part: Part, seen: &Observed) -> String {
    match (part, &seen.report) {
        (Part::Report, Some(readiness)) => crate::words::summary(readiness),
        (Part::Report, None) => "no report yet".into(),
        (Part::Gate, _) if run.forward_only => {
            "the run that this one continues had reached its database call: nothing is left to gate".into()
        }
        (Part::Gate, _) => passed(run, seen),
    }
}

fn passed(run: &Run, seen: &Observed) -> String {
    let view = View { run, seen };
    let needed = checks::all().filter(|check| check.gate != Gate::No && !is_past(run, check));
    let (accepted, asked): (Vec<&Check>, Vec<&Check>) = needed.partition(|check| is_accepted(run, check));
    let behind: Vec<String> = accepted
        .iter()
        .map(|check| table::ask(check, &view))
        .filter(|finding| finding.result != CheckResult::Passed)
        .map(|finding| format!("{} ({})", finding.check, finding.evidence))
        .collect();
    let ready = format!("ready: all {} checks that a switchover needs pass", asked.len());
    if behind.is_empty() { ready } else { format!("{ready}; accepted by the person: {}", behind.join("; ")) }
}

/// The names in [`STOPPED_BEFORE`], for the test that holds them against the table.
#[cfg(test)]
pub(crate) fn stopped_before() -> &'static [&'static str] {
    STOPPED_BEFORE
}

/// Whether the gate may refuse for it: kept beside the table so that a test can hold the two together.
#[cfg(test)]
pub(crate) fn is_gate_worthy(check: &Check) -> bool {
    check.gate == Gate::No || check.severity == mmdr_core::records::CheckSeverity::Critical
}
