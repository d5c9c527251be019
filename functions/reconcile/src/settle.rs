//! Writes what RDS shows at rest into the own ledger, so that a move made by hand is understood.

use mmdr_core::{Epoch, How, Lease, Ledger, Phase, Region, RunLine, Settled, highest_settled, next_epoch};

use crate::decide::{Duty, View};
use crate::observed::Observed;
use crate::words::{self, Action, Note};

/// Two looks must lie so far apart, in seconds.
const LOOKS_APART_S: i64 = 30;

/// Settles when two looks at rest agree on another writer than the own ledger's or the highest readable `settled`.
pub(crate) fn settle(view: &View<'_>) -> Duty {
    let seen = view.seen;
    if let Some(note) = stands_alone(seen) {
        return Duty::Not(note);
    }
    let Some(writer) = seen.writer_at_rest() else { return Duty::Nothing };
    // What only the other ledger settled was since undone by hand, where RDS at rest says otherwise.
    let agrees = |settled: Option<&Settled>| settled.is_some_and(|settled| settled.writer == *writer);
    let own = seen.ledger().and_then(|ledger| ledger.settled.as_ref());
    if agrees(own) && agrees(highest_settled(seen.readable())) {
        return Duty::Nothing;
    }
    if let Some(note) = at_work(seen) {
        return Duty::Not(note);
    }
    let row = view.memory.at_rest.as_ref().filter(|row| row.value == *writer);
    if row.is_none_or(|row| seen.now.since_s(row.since) < LOOKS_APART_S) {
        return Duty::Not(Note::OneLookSoFar { writer: writer.clone() });
    }
    Duty::Do(Box::new(Action::Settle {
        ledger: Box::new(settled(seen, writer)),
        version: words::version(seen.own.as_ref()),
        memory: view.memory.clone(),
    }))
}

/// A run that is at work here settles by itself.
fn at_work(seen: &Observed) -> Option<Note> {
    let line = seen.unfinished()?;
    match (seen.lease(), &seen.execution) {
        (Lease::Alive, _) => Some(Note::RunAtWork { run: line.id.clone() }),
        (Lease::Unknown, execution) => {
            Some(Note::LeaseUnknown { run: line.id.clone(), why: execution.why().unwrap_or("no answer").into() })
        }
        (Lease::Dead(_) | Lease::StoppedByPerson(_), _) => None,
    }
}

/// The epoch of what made it so: the other ledger's own settlement, or the open move to that Region, or, for a move
/// made by hand, the next one.
fn settled(seen: &Observed, writer: &Region) -> Ledger {
    let own = || Ledger::new(seen.witnesses.own.clone());
    let mut ledger = seen.ledger().cloned().unwrap_or_else(own);
    let before = ledger.settled.as_ref().map_or(Epoch(0), |settled| settled.epoch);
    if let Some(other) = seen.other_ledger()
        && other.settled.as_ref().is_some_and(|settled| settled.writer == *writer && settled.epoch > before)
    {
        ledger.learn(other);
        return ledger;
    }
    let highest = highest_settled(seen.readable()).map_or(Epoch(0), |settled| settled.epoch);
    let open = |line: &&RunLine| {
        line.kind.is_move() && line.phase != Phase::Closed && line.region == *writer && line.epoch > highest
    };
    let moving = seen.readable().filter_map(|ledger| ledger.run.as_ref()).filter(open).map(|line| line.epoch).max();
    let epoch = moving.unwrap_or_else(|| next_epoch(seen.readable()));
    ledger.claimed = ledger.claimed.max(epoch);
    ledger.settled = Some(Settled { writer: writer.clone(), epoch, at: seen.now, how: How::Observed });
    ledger
}

/// A cluster that was detached by hand: the ledger does not know, and nobody may guess.
fn stands_alone(seen: &Observed) -> Option<Note> {
    let cluster = seen.witnesses.own_cluster.value()?.as_ref()?;
    let own = &seen.witnesses.own;
    let settled_here =
        seen.ledger().and_then(|ledger| ledger.settled.as_ref()).is_some_and(|settled| settled.writer == *own);
    let deciding = seen.unfinished().is_some_and(|line| line.kind.is_move() && line.phase != Phase::Open);
    let alone = cluster.global_cluster.is_none() && cluster.writable() && !settled_here && !deciding;
    alone.then(|| Note::StandsAlone { region: own.clone() })
}
