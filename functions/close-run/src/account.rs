//! The lost-message account of a failover or a detach: the window, an "at least" figure, and where the rows lie.

use mmdr_core::records::{FencingOutcome, HandOverProof, LostMessages};
use mmdr_core::{Kind, Outcome, Run, StepName, Time};

use crate::ending::database_moved;
use crate::observed::{Looked, Observed};

/// The account, where the run may have lost writes. What another step wrote stands: reprotect knows the copied snapshot.
pub(crate) fn account(run: &Run, seen: &Observed) -> Option<LostMessages> {
    if seen.lost.is_some() {
        return seen.lost.clone();
    }
    let said_so = seen.own_line(run).is_some_and(|line| line.reached_call());
    let reached_call = said_so || database_moved(run, seen) || superseded_after_the_call(run, seen);
    if run.dry_run || !reached_call || (run.finishes() && !by_hand(run, seen)) {
        return None;
    }
    match run.kind {
        Kind::Failover if by_hand(run, seen) => Some(moved_by_hand(run, seen)),
        Kind::Failover | Kind::Detach => Some(lossy(run, seen)),
        Kind::Switchover if seen.fencing.is_some() => Some(moved_by_hand(run, seen)),
        Kind::Switchover => seen.proof.as_ref().map(|proof| lossless(run, proof)),
        _ => None,
    }
}

/// A run that another one took the ledger from still sent what it sent: its own looks say so, and not the ledger.
fn superseded_after_the_call(run: &Run, seen: &Observed) -> bool {
    const CALLS: [&str; 3] = ["FailOver", "Detach", "SwitchOver"];
    let sent = |look: &Looked| matches!(look.outcome, Outcome::Acted | Outcome::Wait) && CALLS.contains(&&*look.code);
    seen.own_line(run).is_none() && seen.looks.iter().any(|look| look.step == StepName::SwitchDatabase && sent(look))
}

/// A planned move loses no message. Files that somebody accepted as failed stay behind in the old bucket.
fn lossless(run: &Run, proof: &HandOverProof) -> LostMessages {
    let bucket = run.deployment.region(&run.from).map(|setup| setup.files_bucket.clone());
    let (kept_in, sentence) = match proof.files_failed {
        0 => (None, format!("Nothing was lost: the four stores were equal at {}.", proof.at)),
        failed => (
            bucket.clone(),
            format!(
                "No message was lost. {failed} files had failed to replicate and were accepted by name: they lie only in \
                 {}, until verify-files has replicated them.",
                bucket.unwrap_or_else(|| format!("the bucket of {}", run.from))
            ),
        ),
    };
    LostMessages { from: Some(proof.at), until: Some(proof.at), at_least_s: Some(0), kept_in, gone: false, sentence }
}

/// Whether this run only did the rest of a move that somebody had made past the product.
fn by_hand(run: &Run, seen: &Observed) -> bool {
    let last = seen.own.as_ref().and_then(|own| own.ledger.last_move.as_ref());
    last.is_some_and(|last| last.by_hand && run.is_or_continues(&last.run))
}

/// Nobody forecast anything: only Aurora's own events say what kind of move it was.
fn moved_by_hand(run: &Run, seen: &Observed) -> LostMessages {
    let until = fenced_at(seen);
    let switched = seen.fencing.as_ref().is_some_and(|fencing| fencing.outcome == FencingOutcome::HandedOver);
    if switched {
        let sentence = "Nothing was lost: the writer was moved by hand, by a switchover.".into();
        return LostMessages { from: until, until, at_least_s: Some(0), kept_in: None, gone: false, sentence };
    }
    let sentence = format!(
        "The writer was moved by hand, and nobody measured what had not arrived from {}. When it answers again, reprotect \
         copies what Aurora has snapshotted of the old volume and completes this account.",
        run.from
    );
    LostMessages { from: None, until, at_least_s: None, kept_in: None, gone: false, sentence }
}

fn lossy(run: &Run, seen: &Observed) -> LostMessages {
    let forecast = seen.diagnosis.as_ref().map(|diagnosis| diagnosis.forecast);
    let from = forecast.and_then(|it| {
        let lag_ms = it.last_lag_ms?.max(0.0).ceil() as i64;
        Some(Time(it.measured_at?.0 - lag_ms))
    });
    let until = fenced_at(seen);
    let at_least_s = forecast.and_then(|it| it.at_least_s);
    let old = run.deployment.region(&run.from).map_or("the old cluster", |setup| setup.cluster_arn.as_str());
    let window = match (from, until) {
        (Some(from), Some(until)) => format!("Writes made in {} between {from} and {until} may be missing", run.from),
        (Some(from), None) => format!(
            "Writes made in {} since {from} may be missing, and the window is open: two writers are possible until {} \
             is stopped",
            run.from, run.from
        ),
        (None, Some(until)) => {
            format!("Nobody knows since when writes made in {} are missing, until {until}", run.from)
        }
        (None, None) => format!(
            "Nobody knows which writes made in {} are missing, and two writers are possible until {} is stopped",
            run.from, run.from
        ),
    };
    let figure = at_least_s.map_or_else(String::new, |s| format!("; a window of at least {s} s"));
    let (kept_in, rows) = match cut_loose(run, seen) {
        true => (Some(old.to_owned()), format!("Their rows lie in the cluster that was left, {old}.")),
        false => (
            None,
            format!(
                "Their rows lie in {old}. When {} answers again, Aurora first tries to snapshot that volume; reprotect \
                 copies the snapshot and completes this account.",
                run.from
            ),
        ),
    };
    LostMessages { from, until, at_least_s, kept_in, gone: false, sentence: format!("{window}{figure}. {rows}") }
}

/// Whether a detach has moved the database: this run's kind says what was asked for, and the record of the fencing what was
/// found. A detach that finds a managed failover complete leaves the old cluster to Aurora, which takes it back.
fn cut_loose(run: &Run, seen: &Observed) -> bool {
    seen.fencing.as_ref().map_or(run.kind == Kind::Detach, |fencing| fencing.cut_loose)
}

/// When the old writer was proven fenced: Aurora blocked it (RDS-EVENT-0390). A time-out (RDS-EVENT-0391) or silence
/// proves nothing (Aurora User Guide, "Amazon RDS event categories and event messages for Aurora").
pub(crate) fn fenced_at(seen: &Observed) -> Option<Time> {
    let fenced = |outcome| matches!(outcome, FencingOutcome::Blocked | FencingOutcome::HandedOver);
    seen.fencing.as_ref().filter(|fencing| fenced(fencing.outcome))?.at
}

/// Why two writers are possible after this run, where they are.
pub(crate) fn two_writers(run: &Run, seen: &Observed) -> Option<String> {
    // A switchover has a record of fencing only where somebody else moved the database meanwhile.
    let planned = run.kind == Kind::Switchover && seen.fencing.is_none();
    let lossy = run.kind.is_move() && !planned && account(run, seen).is_some();
    if !lossy || fenced_at(seen).is_some() {
        return None;
    }
    let why = match (cut_loose(run, seen), seen.fencing.as_ref().map(|fencing| fencing.outcome)) {
        (true, _) => "a detach fences nothing",
        (_, Some(FencingOutcome::TimedOut)) => "Aurora could not block the old writer in time",
        _ => "Aurora did not say whether it blocked the old writer",
    };
    Some(format!(
        "{why}: until {} is stopped, its database may take writes that end in the lost-message account.",
        run.from
    ))
}
