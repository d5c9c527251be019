//! Finishes what was begun: resumes runs past their database call, and starts reprotect when the lost Region answers.

use mmdr_core::{
    Ending, Epoch, Kind, LONGEST_FUNCTION_S, LastMove, Lease, Ledger, LedgerMark, Phase, RESUMED_AT_MOST, RunId,
    RunLine, Time, highest_hold, taken_over,
};

use crate::decide::{Duty, View};
use crate::notes::Note;
use crate::observed::Observed;
use crate::start::{ATTEMPTS, Purpose};
use crate::words::Action;

/// The lost Region must have answered for so many seconds.
const ANSWERS_S: i64 = 60;
/// Seconds after a reprotect that did not end well before the next one: a person has to look at its report first.
const REPROTECT_AGAIN_S: i64 = 3_600;

/// Resumes a run that ended past its database call. A hold does not keep it: forward is the only way.
pub(crate) fn resume(view: &View<'_>) -> Duty {
    let seen = view.seen;
    let Some(line) = seen.unfinished() else { return Duty::Nothing };
    let run = line.id.clone();
    let dead_at = match seen.lease() {
        Lease::Alive => return Duty::Not(Note::RunAtWork { run }),
        Lease::Unknown => {
            return Duty::Not(Note::LeaseUnknown { run, why: seen.execution.why().unwrap_or("no answer").into() });
        }
        Lease::StoppedByPerson(_) | Lease::Dead(_) if line.finish => return Duty::Not(Note::FinishAnew { run }),
        Lease::StoppedByPerson(_) => return Duty::Not(Note::StoppedByPerson { run }),
        Lease::Dead(at) => at,
    };
    if !line.reached_call() || !line.kind.is_move() {
        return Duty::Not(Note::EndedBeforeCall { run });
    }
    if seen.now.since_s(dead_at) < LONGEST_FUNCTION_S {
        return Duty::Not(Note::FunctionsMayStillRun { run });
    }
    // The copy of an earlier run that died holds off nobody; only a later claim does.
    let later = |it: &&RunLine| it.id != run && it.kind.is_move() && it.epoch > line.epoch;
    if let Some(other) = seen.other_ledger().and_then(Ledger::open_run).filter(later) {
        return Duty::Not(Note::MoveOpenThere { run: other.id.clone() });
    }
    if taken_over(line, seen.readable()).is_some() {
        return Duty::Not(Note::Superseded { run });
    }
    if line.resumed_times >= RESUMED_AT_MOST {
        return Duty::Not(Note::ResumedTooOften { run, times: line.resumed_times });
    }
    match resumption(view, line).attempt(view.memory, seen.now, ATTEMPTS) {
        Ok((start, memory)) => Duty::Do(Box::new(Action::Resume { start, memory })),
        Err(note) => Duty::Not(note),
    }
}

fn resumption<'a>(view: &View<'a>, line: &RunLine) -> Purpose<'a> {
    let was = match line.phase {
        Phase::Settled => "the writer has moved and the rest was not done",
        _ => "its database call was sent and its outcome is not known",
    };
    Purpose {
        stem: format!("{}-r{}", first_name(&line.id), line.resumed_times + 1),
        kind: line.kind,
        reason: format!("continues {}, which ended: {was}", line.id),
        resumes: Some(line.id.clone()),
        run: view.run,
    }
}

/// Closes the line of a run that only brought up the Region that writes and died doing so: nobody resumes it, and an open
/// line would hold off what protects. People are told first; then the line says no more than that it stopped.
pub(crate) fn close(view: &View<'_>) -> Duty {
    let seen = view.seen;
    let (Some(line), Some(own)) =
        (seen.unfinished().filter(|line| line.finish && line.phase != Phase::Closed), &seen.own)
    else {
        return Duty::Nothing;
    };
    let dead = seen.lease().ended_at().is_some_and(|at| seen.now.since_s(at) >= LONGEST_FUNCTION_S);
    let told = Note::FinishAnew { run: line.id.clone() }.told_as().is_some_and(|key| view.memory.told.contains(&key));
    if !dead || !told {
        return Duty::Nothing;
    }
    let mut ledger = own.ledger.clone();
    ledger.apply(&LedgerMark::Closed { ending: Ending::Stopped }, seen.now);
    let (version, memory) = (Some(own.version.clone()), view.memory.clone());
    Duty::Do(Box::new(Action::Close { run: line.id.clone(), ledger: Box::new(ledger), version, memory }))
}

/// The name of the first run of a row of resumes, short enough for what is added to it.
fn first_name(id: &RunId) -> String {
    let name =
        id.0.rsplit_once("-r")
            .filter(|(_, rest)| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'));
    name.map_or(id.0.as_str(), |(first, _)| first).chars().take(60).collect()
}

/// The failover to this Region that made it the writer, if that was the last move.
fn failover_here(seen: &Observed) -> Option<&LastMove> {
    let ledger = seen.ledger()?;
    let own = &seen.witnesses.own;
    let last = ledger.last_move.as_ref().filter(|last| last.kind == Kind::Failover && last.to == *own)?;
    let settled = ledger.settled.as_ref().filter(|settled| settled.writer == *own && settled.epoch >= last.epoch)?;
    (settled.writer == ledger.region).then_some(last)
}

/// The epoch of the failover that the last reprotect has mended, where that can be seen.
pub(crate) fn reprotected(seen: &Observed) -> Option<Epoch> {
    let last = failover_here(seen)?;
    let line = seen.ledger()?.run.as_ref()?;
    let done = line.kind == Kind::Reprotect
        && line.epoch > last.epoch
        && matches!(line.ending, Some(Ending::Healthy | Ending::Findings));
    done.then_some(last.epoch)
}

/// Starts reprotect after a failover to this Region, once the lost Region has answered twice.
pub(crate) fn reprotect(view: &View<'_>) -> Duty {
    let seen = view.seen;
    let Some(last) = failover_here(seen) else { return Duty::Nothing };
    if view.memory.reprotected >= Some(last.epoch) {
        return Duty::Nothing;
    }
    if let Some(note) = not_now(view) {
        return Duty::Not(note);
    }
    let purpose = Purpose {
        stem: format!("rp-{}", mmdr_core::digest(&format!("{}\n{}{}", last.run, last.epoch, attempt_key(seen)))),
        kind: Kind::Reprotect,
        reason: format!("{} answers again after {}", view.run.other(), last.run),
        resumes: None,
        run: view.run,
    };
    match purpose.attempt(view.memory, seen.now, ATTEMPTS) {
        Ok((start, memory)) => Duty::Do(Box::new(Action::Reprotect { start, memory })),
        Err(note) => Duty::Not(note),
    }
}

/// A reprotect that showed itself in the ledger was no start in vain: the next one has a purpose of its own.
fn attempt_key(seen: &Observed) -> String {
    let line = seen.ledger().and_then(|ledger| ledger.run.as_ref());
    line.filter(|line| line.kind == Kind::Reprotect).map_or_else(String::new, |line| format!("\n{}", line.id))
}

fn not_now(view: &View<'_>) -> Option<Note> {
    let seen = view.seen;
    if let Some(line) = seen.unfinished() {
        let run = line.id.clone();
        match seen.lease() {
            Lease::Alive => return Some(Note::RunAtWork { run }),
            Lease::Unknown => {
                return Some(Note::LeaseUnknown { run, why: seen.execution.why().unwrap_or("no answer").into() });
            }
            Lease::StoppedByPerson(_) => return Some(Note::StoppedByPerson { run }),
            Lease::Dead(_) if line.kind.is_move() => return Some(Note::UnfinishedHere { run }),
            Lease::Dead(_) => {}
        }
    }
    if let Some(hold) = highest_hold(seen.readable()).filter(|hold| hold.on) {
        return Some(Note::Held { by: hold.by.clone(), reason: hold.reason.clone() });
    }
    let answers = view.memory.other_answers.as_ref().filter(|row| seen.now.since_s(row.since) >= ANSWERS_S);
    if answers.is_none() {
        return Some(Note::OtherSilent { region: view.run.other().clone() });
    }
    let line = seen.ledger()?.run.as_ref().filter(|line| line.kind == Kind::Reprotect)?;
    let ended_at: Time = line.closed_at.unwrap_or(line.opened_at);
    let until = ended_at.plus_s(REPROTECT_AGAIN_S);
    (seen.now < until).then(|| Note::ReprotectLater { run: line.id.clone(), until })
}
