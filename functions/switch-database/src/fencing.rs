//! How the old writer was fenced, as Aurora says: best effort at the storage layer, told by an event.

use mmdr_core::ports::{DatabaseEvent, DatabaseReads};
use mmdr_core::records::{self, Fencing, FencingOutcome};
use mmdr_core::{CLOCKS_APART_S, Kind, Run, Seen, Time, Verdict};

use crate::decide::{Decided, complete};
use crate::look::EVENTS_BEFORE_S;
use crate::observed::Observed;
use crate::reasons::Waiting;
use crate::words::{Action, RecordAt, fenced};

/// So many seconds after the writer has moved Aurora's word is waited for, while search and jobs are finished: nobody
/// waits for it, and a word that comes later than that is not promised by anybody.
const PATIENCE_S: i64 = 120;

/// Looks at Aurora's events. They lie at the old writer where that can be reached, else at the new one: the own Region is
/// asked first, the other where that says nothing; neither is needed.
pub(crate) async fn look<R: DatabaseReads>(reads: &R, run: &Run, seen: &mut Observed) {
    let by_hand = seen.ledger.as_ref().and_then(|ledger| ledger.last_move.as_ref()).is_some_and(|last| last.by_hand);
    let since = match seen.sent_at(run) {
        Some(observed_at) if by_hand => observed_at.plus_s(-EVENTS_BEFORE_S),
        Some(sent_at) => sent_at.plus_s(-CLOCKS_APART_S),
        // Somebody else's move, found complete: it happened before this run was opened, or a little later.
        None if complete(run, seen) => run.opened_at.plus_s(-EVENTS_BEFORE_S),
        None => return,
    };
    let own_move = seen.called(run) && !by_hand;
    let here = reads.database_events(run.own(), since).await;
    if own_move && here.as_ref().is_ok_and(|here| is_said(run, seen, here)) {
        seen.events = Seen::from_call(here, seen.now);
        return;
    }
    seen.events = match (here, reads.database_events(run.other(), since).await) {
        (Ok(mut here), Ok(there)) => {
            here.extend(there);
            Seen::seen(here, seen.now)
        }
        (Ok(here), Err(_)) => Seen::seen(here, seen.now),
        // Of a move that somebody else made, the other Region alone may know only the one before it.
        (Err(_), Ok(there)) if own_move => Seen::seen(there, seen.now),
        (Err(error), _) => Seen::unseen(error.to_string()),
    };
}

/// Whether the own Region's events say how the old writer was fenced by the call of this run, and not by one before it.
fn is_said(run: &Run, seen: &Observed, here: &[DatabaseEvent]) -> bool {
    let Some(sent_at) = seen.sent_at(run) else { return false };
    here.iter().any(|event| is_about_fencing(event) && event.at > sent_at)
}

/// What Aurora says now, or has said to a run that this one continues: an event lies where the old writer was, and that Region
/// may have gone silent since.
pub(crate) fn known(run: &Run, seen: &Observed) -> Fencing {
    let now = said(run, seen);
    let before = seen.fencing.as_ref().filter(|before| before.outcome != FencingOutcome::Unknown && !now.cut_loose);
    match before.filter(|_| now.outcome == FencingOutcome::Unknown && seen.called(run)) {
        Some(before) => before.clone(),
        None => now,
    }
}

/// What was said before the move before this one ended belongs to that one. A detach fences nothing.
pub(crate) fn said(run: &Run, seen: &Observed) -> Fencing {
    let events = seen.events.value().map(Vec::as_slice).unwrap_or_default();
    let mut ends: Vec<Time> = events.iter().filter(|event| ends_a_move(event)).map(|event| event.at).collect();
    ends.sort();
    let before = ends.iter().rev().nth(1);
    let last = events.iter().filter(|event| is_about_fencing(event));
    let last = last.filter(|event| before.is_none_or(|before| event.at > *before));
    let last = last.max_by_key(|event| event.at).filter(|_| !cut_loose(seen));
    if let Some(event) = switched_over_by_hand(run, seen, events) {
        return Fencing {
            outcome: FencingOutcome::HandedOver,
            at: Some(event.at),
            region: run.other().clone(),
            cut_loose: false,
        };
    }
    let outcome = match last.map(|event| event.id.as_str()) {
        Some("RDS-EVENT-0390") => FencingOutcome::Blocked,
        Some(_) => FencingOutcome::TimedOut,
        None => FencingOutcome::Unknown,
    };
    Fencing { outcome, at: last.map(|event| event.at), region: run.other().clone(), cut_loose: cut_loose(seen) }
}

/// Whether the own cluster belongs to no global cluster.
pub(crate) fn cut_loose(seen: &Observed) -> bool {
    seen.own.value().is_some_and(|own| own.as_ref().is_some_and(|own| own.global_cluster.is_none()))
}

/// The end of a switchover, where somebody else made the move that this run only finishes.
fn switched_over_by_hand<'a>(run: &Run, seen: &Observed, events: &'a [DatabaseEvent]) -> Option<&'a DatabaseEvent> {
    let last = seen.ledger.as_ref().and_then(|ledger| ledger.last_move.as_ref());
    let by_hand = last.is_some_and(|last| last.by_hand) || run.kind == Kind::Switchover && !seen.called(run);
    let end = events.iter().filter(|event| ends_a_move(event)).max_by_key(|event| event.at)?;
    (by_hand && end.id == "RDS-EVENT-0185").then_some(end)
}

/// Events 0390 (blocked) and 0391 (timed out), matched by id, because one copy of AWS's published table lists them under
/// another source type.
pub(crate) fn is_about_fencing(event: &DatabaseEvent) -> bool {
    matches!(event.id.as_str(), "RDS-EVENT-0390" | "RDS-EVENT-0391")
}

/// RDS-EVENT-0238 ends a failover, RDS-EVENT-0185 a switchover (Aurora User Guide, event messages).
pub(crate) fn ends_a_move(event: &DatabaseEvent) -> bool {
    matches!(event.id.as_str(), "RDS-EVENT-0238" | "RDS-EVENT-0185")
}

/// Writes down what was said after the writer had moved; ends without a word once its patience has.
pub(crate) fn decide(run: &Run, seen: &Observed) -> Decided {
    let known = seen.fencing.as_ref().is_some_and(|fencing| fencing.outcome != FencingOutcome::Unknown);
    let nothing_moved = run.finishes() && !seen.called(run);
    if run.dry_run || cut_loose(seen) || known || nothing_moved {
        return Verdict::Already;
    }
    let said = said(run, seen);
    if said.outcome != FencingOutcome::Unknown {
        return Verdict::Act(Action::RecordFencing { at: RecordAt::of(run, records::FENCING), fencing: said });
    }
    let settled = seen.ledger.as_ref().and_then(|ledger| ledger.settled.as_ref());
    match settled.map(|settled| settled.at.plus_s(PATIENCE_S)) {
        Some(until) if seen.now < until => Verdict::Wait(Waiting::FencingNotSaid { until }),
        _ => Verdict::Already,
    }
}

/// The sentence of an `Already`.
pub(crate) fn already(seen: &Observed) -> String {
    match (&seen.fencing, cut_loose(seen)) {
        (_, true) => "a detach fences nothing: the old cluster goes on as it is".into(),
        (Some(fencing), _) => fenced(fencing),
        (None, _) => "this run moved nothing: there was no writer to fence".into(),
    }
}
