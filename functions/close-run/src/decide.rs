//! Report, tell, close here, close there: one kind of change per look.

use mmdr_core::ports::LedgerSeen;
use mmdr_core::{Ending, Ledger, LedgerMark, Phase, Run, RunLine, Verdict, records};

use crate::account::account;
use crate::filing::report;
use crate::observed::{Filed, Observed};
use crate::words::{Action, Filing, LedgerWrite, Refusal, Waiting};

/// Where the report's page lies: the HTML document, beside the report.
pub(crate) fn page_key(run: &Run) -> String {
    format!("{}report.html", records::prefix(&run.ticket))
}

/// What close-run decides.
pub(crate) type Decided = Verdict<Action, Waiting, Refusal>;

pub(crate) fn decide(run: &Run, seen: &Observed) -> Decided {
    let Some(filed) = &seen.filed else { return Decided::Act(Action::File(Box::new(filing(run, seen)))) };
    // A dry run writes its report and nothing else.
    if run.dry_run {
        return Decided::Already;
    }
    let own = seen.own_line(run);
    let is_closed = own.is_some_and(|line| line.phase == Phase::Closed) || handed_back(run, seen);
    // The ledger is closed after people were told, so a closed ledger says that they were.
    if !is_closed && !seen.receipt.told && worth_telling(run, filed) {
        return Decided::Act(Action::Tell {
            region: run.own().clone(),
            subject: filed.subject.clone(),
            text: filed.text.clone(),
        });
    }
    match &seen.own {
        Some(ledger) if own.is_some() && !is_closed => {
            return Decided::Act(Action::CloseOwn(closed(run, seen, ledger, filed.ending)));
        }
        _ => {}
    }
    let there = seen.other_line(run).is_some_and(|line| line.phase != Phase::Closed);
    match seen.other.value() {
        Some(Some(ledger)) if is_closed && there && seen.receipt.other_not_closed.is_none() => {
            Decided::Act(Action::CloseOther(closed(run, seen, ledger, filed.ending)))
        }
        _ => Decided::Already,
    }
}

/// Whether the own ledger was closed by giving the line back to the run that this one had pre-empted: that line keeps this
/// run's epoch ([`LedgerMark::Closed`]). A line under a higher epoch is one of a run that took over.
fn handed_back(run: &Run, seen: &Observed) -> bool {
    let (Some(own), Some(there)) = (&seen.own, seen.other_line(run)) else { return false };
    let given = own.ledger.run.as_ref().filter(|line| line.execution != run.execution);
    given.is_some_and(|line| line.phase == Phase::Closed && line.epoch == there.epoch)
}

/// Runs that only look, each day, tell people when they found something.
fn worth_telling(run: &Run, filed: &Filed) -> bool {
    run.kind.takes_epoch() || filed.ending != Ending::Healthy
}

fn filing(run: &Run, seen: &Observed) -> Filing {
    let made_here = account(run, seen).filter(|_| seen.lost.is_none());
    Filing {
        region: run.own().clone(),
        report_key: records::key(run, records::REPORT),
        report: report(run, seen),
        page_key: page_key(run),
        lost: made_here.map(|lost| (records::key(run, records::LOST_MESSAGES), lost)),
    }
}

/// The ledger with this run's line closed. The other Region's ledger also learns what this one has settled.
fn closed(run: &Run, seen: &Observed, before: &LedgerSeen, ending: Ending) -> LedgerWrite {
    let mut ledger: Ledger = before.ledger.clone();
    if ledger.region != *run.own()
        && let Some(own) = &seen.own
    {
        ledger.learn(&own.ledger);
    }
    ledger.apply(&LedgerMark::Closed { ending }, seen.now);
    // A call that came to nothing, as proven, is no move.
    let came_to_nothing = ledger.run.as_ref().is_some_and(RunLine::came_to_nothing);
    if came_to_nothing && ledger.last_move.as_ref().is_some_and(|last| last.run == run.id) {
        ledger.last_move = ledger.last_move.take().and_then(|last| last.before).map(|before| *before);
    }
    LedgerWrite {
        region: ledger.region.clone(),
        ledger,
        version: before.version.clone(),
        run: run.id.clone(),
        ending,
        not_told: seen.receipt.not_told.clone(),
    }
}
