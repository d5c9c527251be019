//! Epoch and lease: claimed in the own ledger, then in the other's, and how a race ends.

use std::cmp::Ordering;

use mmdr_core::{Ending, Epoch, Kind, LastMove, Ledger, Phase, Run, RunLine, Seen, Settled, next_epoch};

use crate::decide::{Decision, continues_past_call, earlier, goes_on_without_other};
use crate::observed::{Observed, Writes};
use crate::words::{Action, LedgerWrite, Refusal, Waiting};

/// Nothing is claimed yet: a Region that answers again learns first, then the own ledger is claimed.
pub(crate) fn begin(run: &Run, seen: &Observed, resumed: Option<&RunLine>) -> Decision {
    if run.kind == Kind::Reprotect
        && let Some(write) = raise(run, seen)
    {
        return Decision::Act(Action::RaiseOther(write));
    }
    let epoch = next_epoch(seen.readable());
    let mut ledger = seen.own_ledger().cloned().unwrap_or_else(|| Ledger::new(run.own().clone()));
    if let Some(other) = seen.other_ledger() {
        ledger.learn(other);
    }
    ledger.claimed = epoch;
    ledger.run = Some(line(run, seen, epoch, resumed));
    if let Some(settled) = ledger.moved_by_hand().filter(|settled| run.finishes() && settled.writer == *run.own()) {
        ledger.last_move = Some(adopted(run, settled, epoch));
    }
    let version = seen.own.as_ref().map(|own| own.version.clone());
    let (run, region) = (run.id.clone(), ledger.region.clone());
    Decision::Act(Action::ClaimOwn(LedgerWrite { region, ledger, version, run, epoch, goes_on_without: false }))
}

/// The move by hand as this run's own: machines leave it its time, and a failover is followed by reprotect.
fn adopted(run: &Run, settled: &Settled, epoch: Epoch) -> LastMove {
    let (run, kind, to) = (run.id.clone(), run.kind, settled.writer.clone());
    LastMove { run, kind, epoch, to, at: settled.at, before: None, by_hand: true }
}

/// What the other ledger does not know yet and this one does. A run that is still live there loses its permit by it.
fn raise(run: &Run, seen: &Observed) -> Option<LedgerWrite> {
    let own = seen.own_ledger()?;
    let other = seen.other.value()?;
    let before = other.as_ref().map_or_else(|| Ledger::new(run.other().clone()), |seen| seen.ledger.clone());
    let mut ledger = before.clone();
    ledger.learn(own);
    let behind = ledger.claimed > before.claimed || ledger.settled != before.settled;
    behind.then(|| LedgerWrite {
        region: run.other().clone(),
        epoch: ledger.claimed,
        ledger,
        version: other.as_ref().map(|seen| seen.version.clone()),
        run: run.id.clone(),
        goes_on_without: false,
    })
}

/// The run's line in the ledgers. A run that takes over one that reached its call is forward only from its first look.
fn line(run: &Run, seen: &Observed, epoch: Epoch, resumed: Option<&RunLine>) -> RunLine {
    let phase = match resumed {
        Some(it) if continues_past_call(resumed) => {
            let settled = it.phase == Phase::Settled || matches!(it.ending, Some(Ending::Healthy | Ending::Findings));
            if settled { Phase::Settled } else { Phase::Calling }
        }
        _ => Phase::Open,
    };
    RunLine {
        id: run.id.clone(),
        execution: run.execution.clone(),
        kind: run.kind,
        region: run.own().clone(),
        epoch,
        phase,
        by: run.by,
        opened_at: seen.now,
        resumes: run.resumes.clone(),
        earlier: resumed.map(earlier).unwrap_or_default(),
        resumed_times: resumed.filter(|_| run.by.is_machine()).map_or(0, |it| it.resumed_times + 1),
        finish: run.finishes(),
        ending: None,
        closed_at: None,
        pre_empted: pre_empted(seen, resumed),
        diagnosis: resumed.and_then(|it| it.diagnosis.clone()),
    }
}

/// The run that this one takes the ledger from although its database call may have been sent, or the switchover that has
/// stopped the old side for a call that is not sent yet.
fn pre_empted(seen: &Observed, resumed: Option<&RunLine>) -> Option<Box<RunLine>> {
    let line = seen.own_ledger()?.run.as_ref()?;
    let stops = line.phase == Phase::Open && line.kind == Kind::Switchover;
    let taken = resumed.is_none() && (line.phase == Phase::Calling || stops);
    match (taken, resumed) {
        (true, _) => Some(Box::new(RunLine { pre_empted: None, ..line.clone() })),
        // A resume of a run that pre-empted another still has that one behind it.
        (false, Some(resumed)) => resumed.pre_empted.clone(),
        (false, None) => None,
    }
}

/// The own ledger is claimed: now the other's.
pub(crate) fn go_on(run: &Run, seen: &Observed, line: &RunLine) -> Decision {
    if line.phase == Phase::Closed {
        return Decision::Refuse(Refusal::Closed);
    }
    if let Some(own) = seen.own_ledger().filter(|own| own.claimed > line.epoch) {
        return superseded(line.epoch, own);
    }
    let not_written = seen.receipt.as_ref().is_some_and(|receipt| receipt.other_not_written.is_some());
    match &seen.other {
        Seen::Unseen { .. } if goes_on_without_other(run) => Decision::Already,
        Seen::Unseen { why } => {
            Decision::Wait(Waiting::OtherLedgerUnseen { region: run.other().clone(), why: why.clone() })
        }
        Seen::Seen { value: None, .. } if not_written => Decision::Already,
        Seen::Seen { value: None, .. } => claim_other(run, seen, line),
        Seen::Seen { value: Some(other), .. } => {
            let there = other.ledger.run.as_ref();
            if there.is_some_and(|it| it.id == line.id && it.epoch == line.epoch) {
                Decision::Already
            } else if other.ledger.claimed > line.epoch {
                superseded(line.epoch, &other.ledger)
            } else if let Some(rival) = there.filter(|it| it.epoch == line.epoch) {
                race(run, seen, line, rival, &other.ledger)
            } else if not_written {
                Decision::Already
            } else {
                claim_other(run, seen, line)
            }
        }
    }
}

fn claim_other(run: &Run, seen: &Observed, line: &RunLine) -> Decision {
    let other = seen.other.value().and_then(Option::as_ref);
    let mut ledger = other.map_or_else(|| Ledger::new(run.other().clone()), |seen| seen.ledger.clone());
    if let Some(own) = seen.own_ledger() {
        ledger.learn(own);
    }
    ledger.claimed = line.epoch;
    ledger.run = Some(line.clone());
    Decision::Act(Action::ClaimOther(LedgerWrite {
        region: run.other().clone(),
        ledger,
        version: other.map(|seen| seen.version.clone()),
        run: run.id.clone(),
        epoch: line.epoch,
        goes_on_without: goes_on_without_other(run),
    }))
}

/// Two runs hold the same epoch, each in its own ledger. The higher `settled` holds. Where both are equal, the run in
/// the writer's ledger wins; where no ledger has one, RDS says who writes; where nobody knows, both give way and the
/// next claim is one higher. Both runs read the same two ledgers, so both come to the same end.
fn race(run: &Run, seen: &Observed, line: &RunLine, rival: &RunLine, other: &Ledger) -> Decision {
    let mine = seen.own_ledger().and_then(|own| own.settled.as_ref());
    let theirs = other.settled.as_ref();
    let lost = |winner: Option<&RunLine>| {
        Decision::Refuse(Refusal::LostRace { epoch: line.epoch, winner: winner.map(|it| it.id.clone()) })
    };
    let writer = match mine.map(|it| it.epoch).cmp(&theirs.map(|it| it.epoch)) {
        Ordering::Greater => Writes::Here,
        Ordering::Less => return superseded(line.epoch, other),
        Ordering::Equal => match (mine, theirs) {
            (Some(mine), Some(theirs)) if mine.writer != theirs.writer => Writes::Unknown,
            (Some(mine), _) if mine.writer == *run.own() => Writes::Here,
            (Some(_), _) => Writes::Elsewhere,
            (None, _) => seen.writer(run.own()),
        },
    };
    match writer {
        Writes::Here => claim_other(run, seen, line),
        Writes::Elsewhere => lost(Some(rival)),
        Writes::Unknown => lost(None),
    }
}

/// This run claimed an epoch, as its receipt says, and the own ledger names another run now.
pub(crate) fn overtaken(run: &Run, seen: &Observed, claimed: Epoch) -> Decision {
    match seen.own_ledger() {
        Some(own) if own.claimed == claimed => {
            let winner = own.run.as_ref().map(|line| line.id.clone());
            Decision::Refuse(Refusal::LostRace { epoch: claimed, winner })
        }
        Some(own) => superseded(claimed, own),
        None => superseded(claimed, &Ledger::new(run.own().clone())),
    }
}

fn superseded(epoch: Epoch, by: &Ledger) -> Decision {
    let settled = by.settled.as_ref().map_or(Epoch(0), |settled| settled.epoch);
    Decision::Refuse(Refusal::Superseded { epoch, region: by.region.clone(), claimed: by.claimed, settled })
}
