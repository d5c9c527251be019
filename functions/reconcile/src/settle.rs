//! Writes what RDS shows at rest into the own ledger, so that a move made by hand is understood.

use mmdr_core::{Epoch, How, Lease, Ledger, Phase, Region, RunLine, Settled, highest_settled, next_epoch};

use crate::decide::{Duty, View};
use crate::notes::Note;
use crate::observed::Observed;
use crate::words::{self, Action};

/// Two looks must lie so far apart, in seconds.
const LOOKS_APART_S: i64 = 30;

/// Settles when two looks at rest agree on another writer than the own ledger's or the highest readable `settled`.
pub(crate) fn settle(view: &View<'_>) -> Duty {
    let seen = view.seen;
    if let Some(note) = stands_alone(seen) {
        return Duty::Not(note);
    }
    if let Some(ledger) = learned(seen) {
        return match at_work(seen) {
            Some(note) => Duty::Not(note),
            None => write(view, ledger),
        };
    }
    let Some(writer) = seen.writer_at_rest() else { return Duty::Nothing };
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
    if let Some(settled) = seen.contradicting().filter(|settled| !seen.undone_there(settled, writer)) {
        return Duty::Not(Note::Contradicted {
            writer: writer.clone(),
            settled: settled.writer.clone(),
            epoch: settled.epoch,
        });
    }
    write(view, settled(seen, writer))
}

fn write(view: &View<'_>, ledger: Ledger) -> Duty {
    Duty::Do(Box::new(Action::Settle {
        ledger: Box::new(ledger),
        version: words::version(view.seen.own.as_ref()),
        memory: view.memory.clone(),
    }))
}

/// What the other ledger has settled above the own one, where RDS at rest names no other writer: it was proven there, and
/// a Region that was dark then, or that a detach left, learns it in no other way once that Region is silent in turn.
fn learned(seen: &Observed) -> Option<Ledger> {
    let other = seen.other_ledger()?;
    let above = other.settled.as_ref()?;
    let own = seen.ledger().cloned().unwrap_or_else(|| Ledger::new(seen.witnesses.own.clone()));
    let known = own.settled.as_ref().is_some_and(|settled| settled.epoch >= above.epoch);
    let contradicted = seen.writer_at_rest().is_some_and(|writer| *writer != above.writer);
    if known || contradicted {
        return None;
    }
    let mut ledger = own;
    ledger.learn(other);
    Some(ledger)
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

/// The epoch of what made it so: the open move to that Region, or, for a move made by hand, the next one.
fn settled(seen: &Observed, writer: &Region) -> Ledger {
    let own = || Ledger::new(seen.witnesses.own.clone());
    let mut ledger = seen.ledger().cloned().unwrap_or_else(own);
    let known = highest_settled(seen.readable());
    let before = known.filter(|known| known.writer != *writer).map(|known| known.writer.clone());
    let highest = known.map_or(Epoch(0), |settled| settled.epoch);
    let open = |line: &&RunLine| {
        line.kind.is_move() && line.phase != Phase::Closed && line.region == *writer && line.epoch > highest
    };
    let moving = || seen.readable().filter_map(|ledger| ledger.run.as_ref()).filter(open);
    // A move of ours that may have sent its call is settled by nobody's hand. It says so first in the ledger of its Region.
    let its_ledger_is_read = seen.readable().any(|ledger| ledger.region == *writer);
    let may_have_called = !its_ledger_is_read || moving().any(|line| line.phase != Phase::Open);
    let before = before.filter(|_| moving().next().is_none() || !may_have_called);
    let moving = moving().map(|line| line.epoch).max();
    let epoch = moving.unwrap_or_else(|| next_epoch(seen.readable()));
    ledger.claimed = ledger.claimed.max(epoch);
    ledger.settled = Some(Settled { writer: writer.clone(), epoch, at: seen.now, how: How::Observed, before });
    ledger
}

/// A move by hand to this Region whose rest nobody has done: a person is told how.
pub(crate) fn by_hand(view: &View<'_>) -> Duty {
    let own = view.run.own();
    match view.seen.ledger().and_then(Ledger::moved_by_hand).filter(|settled| settled.writer == *own) {
        Some(settled) => Duty::Not(Note::MovedByHand { region: own.clone(), epoch: settled.epoch }),
        None => Duty::Nothing,
    }
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
