//! When a lost Region answers again: keep the rows that only its old volume has.
//!
//! Aurora snapshots the old volume before it gives the returned cluster a new one, as a system snapshot under that
//! cluster's retention: the only record of the lost writes, unless it is copied (Aurora User Guide, "Recovering an
//! Aurora global database from an unplanned outage"). So every such snapshot is copied, whoever made the move, and only
//! then is it asked what the last change of the writer has lost.

use mmdr_core::records::{self, FencingOutcome, LostMessages};
use mmdr_core::{CLOCKS_APART_S, Kind, Region, Run, Time, Verdict};

use crate::decide::Decided;
use crate::fencing::{cut_loose, ends_a_move};
use crate::observed::Observed;
use crate::reasons::{Refusal, Waiting};
use crate::snapshots::{Copies, cluster_name, copies};
use crate::words::{Action, RecordAt};

/// What the last change of the writer can have lost, and when it began.
enum LastChange {
    /// A managed failover: rows that had not arrived are in the old volume only.
    Failover(Time),
    /// A detach: the old cluster stays as it was, writable, with its rows in it.
    Detach,
    /// A switchover loses nothing.
    Switchover,
    /// Nothing on record and no event of Aurora says what it was.
    Unknown,
}

/// Saves the lost writes: the copies first, then the account of where they lie.
pub(crate) fn save(run: &Run, seen: &Observed) -> Decided {
    let Some(lost) = &seen.lost else { return account_for(run, seen) };
    if !lost.gone {
        return Verdict::Already;
    }
    // A loss that was announced is taken back where a snapshot appears after all, and not announced twice.
    match account_for(run, seen) {
        Verdict::Act(Action::WriteLostMessages { account, .. }) if account.gone => Verdict::Already,
        Verdict::Wait(Waiting::NoSnapshotYet { .. }) => Verdict::Already,
        decided => decided,
    }
}

fn account_for(run: &Run, seen: &Observed) -> Decided {
    let settled = seen.ledger.as_ref().and_then(|ledger| ledger.settled.as_ref());
    if let Some(elsewhere) = settled.filter(|settled| settled.writer != *run.own()) {
        // The rows of a Region that is not the writer are nobody's loss: this run would call the real ones old.
        return Verdict::Refuse(Refusal::SettledElsewhere { writer: elsewhere.writer.clone(), epoch: elsewhere.epoch });
    }
    let change = last_change(seen);
    if matches!(change, LastChange::Detach) {
        return left_behind(run, seen);
    }
    let mut kept = Vec::new();
    for (region, snapshots) in [(run.other(), &seen.snapshots), (run.own(), &seen.snapshots_here)] {
        let Some(snapshots) = snapshots.value() else { return silent(region, snapshots.why()) };
        match copies(run, region, snapshots) {
            Copies::Next(decided) => return *decided,
            Copies::Kept(copies) => kept.extend(copies),
        }
    }
    if let (true, Some(why)) = (by_hand(seen), seen.events.why()) {
        return silent(run.own(), Some(why));
    }
    let since = match change {
        LastChange::Failover(at) => at.plus_s(-CLOCKS_APART_S),
        _ => Time(i64::MIN),
    };
    let names: Vec<String> = kept
        .into_iter()
        .filter(|copy| copy.of >= since)
        .map(|copy| format!("{} in {}", copy.id, copy.region))
        .collect();
    match change {
        LastChange::Failover(_) if names.is_empty() => none_yet(run, seen),
        LastChange::Unknown if names.is_empty() => unknown(run, seen),
        LastChange::Switchover => {
            let earlier = match names.is_empty() {
                true => String::new(),
                false => format!("; rows that earlier moves left behind are kept in {}", names.join(" and ")),
            };
            nothing_lost(run, Some(0), format!("the last move was a switchover: nothing was lost by it{earlier}"))
        }
        _ => {
            let place = format!("snapshot {}", names.join(" and "));
            let sentence = format!("the rows that only the old writer had are kept in {place}{}", unfenced(run, seen));
            write(run, account(seen, Some(place), sentence))
        }
    }
}

/// Without any move on record there is nothing to look for. A move by hand that nobody can name may have been a failover: a
/// snapshot is waited for, and its absence is a finding.
fn unknown(run: &Run, seen: &Observed) -> Decided {
    let until = patience_ends(run, seen);
    if by_hand(seen) && seen.now < until {
        return Verdict::Wait(Waiting::NoSnapshotYet { until });
    }
    let at_least_s = (!by_hand(seen)).then_some(0);
    let sentence =
        format!("no move that lost rows is known, and Aurora lists no snapshot of an old volume in {}", run.other());
    nothing_lost(run, at_least_s, sentence)
}

fn nothing_lost(run: &Run, at_least_s: Option<i64>, sentence: String) -> Decided {
    write(run, LostMessages { from: None, until: None, at_least_s, kept_in: None, gone: false, sentence })
}

/// What must be said aloud where Aurora did not say that it had blocked the old writer.
fn unfenced(run: &Run, seen: &Observed) -> String {
    let fenced = |outcome| matches!(outcome, FencingOutcome::Blocked | FencingOutcome::HandedOver);
    if seen.fencing.as_ref().is_some_and(|fencing| fenced(fencing.outcome)) {
        return String::new();
    }
    format!(
        "; nobody knows since when it was fenced: two writers possible until Aurora took its volume in {} away",
        run.other()
    )
}

/// The ledger knows its own moves. What was settled above the last of them was made by hand; Aurora's events, kept for
/// 14 days, say how: RDS-EVENT-0238 ends a failover, RDS-EVENT-0185 a switchover (Aurora User Guide, event messages).
fn last_change(seen: &Observed) -> LastChange {
    // A cluster that was cut loose by hand since then, too, leaves the old one as it is, with whatever it holds.
    if cut_loose(seen) {
        return LastChange::Detach;
    }
    let last = seen.ledger.as_ref().and_then(|ledger| ledger.last_move.as_ref());
    match last.filter(|_| !by_hand(seen)) {
        Some(last) => match last.kind {
            Kind::Failover => LastChange::Failover(last.at),
            Kind::Detach => LastChange::Detach,
            _ => LastChange::Switchover,
        },
        None => by_events(seen),
    }
}

/// Whether the last change of the writer was none of this product's moves.
fn by_hand(seen: &Observed) -> bool {
    let Some(ledger) = &seen.ledger else { return false };
    ledger.moved_by_hand().is_some() || ledger.last_move.as_ref().is_some_and(|last| last.by_hand)
}

/// One failover among the ends is enough: a switchover after it hands over what the failover had left behind.
fn by_events(seen: &Observed) -> LastChange {
    let events = seen.events.value().map(Vec::as_slice).unwrap_or_default();
    let ends = || events.iter().filter(|event| ends_a_move(event));
    match ends().filter(|event| event.id == "RDS-EVENT-0238").max_by_key(|event| event.at) {
        // The event ends the failover; Aurora's part of it takes minutes, and the snapshot follows it.
        Some(end) => LastChange::Failover(end.at.plus_s(-MANAGED_FAILOVER_S)),
        None if ends().next().is_some() => LastChange::Switchover,
        None => LastChange::Unknown,
    }
}

/// No managed failover takes longer, in seconds: "within a few minutes" (Aurora User Guide), with room.
const MANAGED_FAILOVER_S: i64 = 3_600;

/// Until when a snapshot is waited for. From the first look on: a run whose own Region was dark meanwhile has waited for
/// nothing.
fn patience_ends(run: &Run, seen: &Observed) -> Time {
    let since = seen.first_look_at.unwrap_or(run.opened_at);
    since.plus_s(i64::from(run.deployment.policy.bounds.database_s))
}

fn silent(region: &Region, why: Option<&str>) -> Decided {
    Verdict::Wait(Waiting::ReturnedRegionSilent { region: region.clone(), why: why.unwrap_or("unseen").to_owned() })
}

/// Aurora "first tries to" snapshot: where none appears, the loss is said aloud instead of waited for without end.
fn none_yet(run: &Run, seen: &Observed) -> Decided {
    let until = patience_ends(run, seen);
    if seen.now < until {
        return Verdict::Wait(Waiting::NoSnapshotYet { until });
    }
    let sentence = format!(
        "LOSS: Aurora made no snapshot of the old volume in {}: what only the old writer had is lost, unless a backup \
         of that cluster holds it. Should a snapshot of it appear after all, start reprotect again, which keeps it",
        run.other()
    );
    write(run, LostMessages { gone: true, ..account(seen, None, sentence) })
}

/// A detach leaves the old cluster as it was, writable, with its rows in it.
fn left_behind(run: &Run, seen: &Observed) -> Decided {
    let place = format!("the old cluster {} in {}", cluster_name(run, run.other()), run.other());
    let sentence = format!("the rows that only the old writer had lie in {place}: keep it until they are saved");
    write(run, account(seen, Some(place), sentence))
}

fn write(run: &Run, account: LostMessages) -> Decided {
    Verdict::Act(Action::WriteLostMessages { at: RecordAt::of(run, records::LOST_MESSAGES), account })
}

/// The window runs from the newest commit known to be replicated until the fence was proven; both ends may be unknown.
fn account(seen: &Observed, kept_in: Option<String>, sentence: String) -> LostMessages {
    // What an earlier move of this product recorded says nothing about one that was made by hand since.
    let own_move = !by_hand(seen);
    let forecast = seen.diagnosis.as_ref().filter(|_| own_move).map(|diagnosis| diagnosis.forecast);
    let from = forecast.and_then(|forecast| {
        let (at, lag_ms) = (forecast.measured_at?, forecast.last_lag_ms?);
        Some(Time(at.0 - lag_ms as i64))
    });
    let fenced = seen.fencing.as_ref().filter(|fencing| own_move && fencing.outcome == FencingOutcome::Blocked);
    let until = fenced.and_then(|fencing| fencing.at);
    let at_least_s = match (from, until) {
        (Some(from), Some(until)) => Some(until.since_s(from).max(0)),
        _ => forecast.and_then(|forecast| forecast.at_least_s),
    };
    LostMessages { from, until, at_least_s, kept_in, gone: false, sentence }
}
