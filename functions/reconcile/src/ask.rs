//! Asks again while the diagnosis stands: an alarm's transition never recurs (CloudWatch user guide, alarm actions).

use mmdr_core::{Ending, Kind, LastMove, Lease, Ledger, RunLine, Time, highest_hold};

use crate::decide::{Duty, View};
use crate::notes::Note;
use crate::start::{ATTEMPTS, Purpose};
use crate::words::Action;

/// A diagnosis must have stood for so many seconds in reconcile's own looks before it asks again.
const STANDS_S: i64 = 60;
/// The alarm goes first: only a diagnosis that has stood for so many seconds without any run asking is one whose
/// trigger was lost.
const TRIGGER_LOST_S: i64 = 300;
/// Far more than a machine ever needs: each ask is a new one after `ask_again_s`, not a start in vain.
const ASKS: u32 = 500;

/// Asks for a failover to this Region.
pub(crate) fn ask(view: &View<'_>) -> Duty {
    let seen = view.seen;
    let settled_here = seen.ledger().and_then(|ledger| ledger.settled.as_ref());
    if !view.diagnosis.machine_may_fail_over || settled_here.is_some_and(|it| it.writer == *view.run.own()) {
        return Duty::Nothing;
    }
    match in_the_way(view).or_else(|| too_early(view)) {
        Some(note) => Duty::Not(note),
        None => start(view),
    }
}

/// When the diagnosis began to stand.
fn since(view: &View<'_>) -> Time {
    view.memory.diagnosis.as_ref().map_or(view.seen.now, |row| row.since)
}

/// One incident: the diagnosis' digest and when it began to stand. The attempt's number is added to it.
fn stem(view: &View<'_>) -> String {
    format!("fo-{}", mmdr_core::digest(&format!("{}\n{}", view.diagnosis.digest, since(view).0)))
}

fn start(view: &View<'_>) -> Duty {
    let (diagnosis, since) = (view.diagnosis, since(view));
    let purpose = Purpose {
        stem: stem(view),
        kind: Kind::Failover,
        reason: format!("{} since {since}: {}", diagnosis.code, diagnosis.sentence),
        resumes: None,
        run: view.run,
    };
    match purpose.attempt(view.memory, view.seen.now, ASKS.max(ATTEMPTS)) {
        Ok((start, memory)) => Duty::Do(Box::new(Action::AskAgain { start, memory })),
        Err(note) => Duty::Not(note),
    }
}

/// What keeps automation from starting a move at all.
fn in_the_way(view: &View<'_>) -> Option<Note> {
    let (seen, policy) = (view.seen, &view.run.deployment.policy);
    if let Some(hold) = highest_hold(seen.readable()).filter(|hold| hold.on) {
        return Some(Note::Held { by: hold.by.clone(), reason: hold.reason.clone() });
    }
    if let Some(line) = seen.unfinished() {
        let run = line.id.clone();
        match seen.lease() {
            Lease::Alive => return Some(Note::RunAtWork { run }),
            Lease::Unknown => {
                return Some(Note::LeaseUnknown { run, why: seen.execution.why().unwrap_or("no answer").into() });
            }
            Lease::StoppedByPerson(_) => return Some(Note::StoppedByPerson { run }),
            Lease::Dead(_) if line.reached_call() => return Some(Note::UnfinishedHere { run }),
            Lease::Dead(_) => {}
        }
    }
    if let Some(line) = seen.other_ledger().and_then(Ledger::open_run).filter(|line| line.kind.is_move()) {
        let is_own_copy = seen.unfinished().is_some_and(|own| own.id == line.id);
        // The copy of a run that a later claim has overtaken stays open there until its Region is told.
        let overtaken = seen.ledger().is_some_and(|own| own.claimed > line.epoch);
        if !is_own_copy && !overtaken {
            return Some(Note::MoveOpenThere { run: line.id.clone() });
        }
    }
    let until = |last: &LastMove| last.at.plus_s(i64::from(policy.anti_flap_s));
    let recent = seen.readable().filter_map(last_move).find(|last| seen.now < until(last));
    if let Some(last) = recent {
        return Some(Note::AntiFlap { run: last.run.clone(), until: until(last) });
    }
    view.diagnosis.forecast.at_least_s.is_none().then_some(Note::LossUnknown)
}

/// The last move, unless its call came to nothing.
fn last_move(ledger: &Ledger) -> Option<&LastMove> {
    let nothing =
        |last: &&LastMove| ledger.run.as_ref().is_some_and(|line| line.id == last.run && line.came_to_nothing());
    ledger.last_move.as_ref().filter(|last| !nothing(last))
}

/// A denial silences the same diagnosis; a diagnosis that nobody asked about yet leaves the alarm its time.
fn too_early(view: &View<'_>) -> Option<Note> {
    let (now, since) = (view.seen.now, since(view));
    let asked = asked(view).map(|line| (&line.id, ended_at(line)));
    // What was started and left nothing in the ledger was refused by open-run: it counts as asked, too.
    let started = view.memory.started(&stem(view)).map(|line| (&line.name, line.at));
    let last = asked.into_iter().chain(started).max_by_key(|(_, at)| *at);
    if let Some((run, at)) = last {
        let until = at.plus_s(i64::from(view.run.deployment.policy.ask_again_s));
        if now < until {
            return Some(Note::Silenced { run: run.clone(), until });
        }
    }
    let same_incident = last.is_some_and(|(_, at)| at >= since);
    let until = since.plus_s(if same_incident { STANDS_S } else { TRIGGER_LOST_S });
    (now < until).then(|| Note::NotLongEnough { code: view.diagnosis.code.clone(), until })
}

/// The machine's run that asked the same last, and ended without moving anything.
fn asked<'a>(view: &View<'a>) -> Option<&'a RunLine> {
    let line = view.seen.ledger()?.run.as_ref()?;
    let same = line.diagnosis.as_ref().is_none_or(|digest| *digest == view.diagnosis.digest);
    let moved = matches!(line.ending, Some(Ending::Healthy | Ending::Findings));
    (line.kind == Kind::Failover && line.by.is_machine() && same && !moved).then_some(line)
}

fn ended_at(line: &RunLine) -> Time {
    line.closed_at.unwrap_or(line.opened_at)
}
