//! The checks before a claim, in the order in which an operator wants to hear of them.

use mmdr_core::{
    Acceptance, Ending, Kind, LONGEST_FUNCTION_S, LastMove, Lease, Ledger, Phase, RESUMED_AT_MOST, Run, RunId, RunLine,
    StartedBy, Time, Verdict, highest_hold, taken_over,
};

use crate::claim;
use crate::observed::{Observed, Writes};
use crate::words::{Action, Refusal, Waiting};

/// What open-run decides.
pub(crate) type Decision = Verdict<Action, Waiting, Refusal>;

/// Why a check stops the run, for now or for good.
pub(crate) enum Stop {
    Wait(Waiting),
    Refuse(Refusal),
}

impl From<Stop> for Decision {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Wait(why) => Self::Wait(why),
            Stop::Refuse(why) => Self::Refuse(why),
        }
    }
}

type Check = Result<(), Stop>;

pub(crate) fn decide(run: &Run, seen: &Observed) -> Decision {
    if !run.kind.takes_epoch() {
        return Decision::Already;
    }
    if let Some(line) = own_claim(run, seen) {
        return claim::go_on(run, seen, line);
    }
    if let Some(claimed) = seen.receipt.as_ref().and_then(|receipt| receipt.claimed) {
        return claim::overtaken(run, seen, claimed);
    }
    match check(run, seen) {
        Err(stop) => stop.into(),
        Ok(_) if run.dry_run => Decision::Already,
        Ok(resumed) => claim::begin(run, seen, resumed),
    }
}

/// This execution's line in the own ledger: a duplicate delivery finds what the first one claimed.
pub(crate) fn own_claim<'a>(run: &Run, seen: &'a Observed) -> Option<&'a RunLine> {
    let line = seen.own_ledger()?.run.as_ref()?;
    (line.id == run.id && line.execution == run.execution).then_some(line)
}

/// The run that this one continues and that reached its database call.
pub(crate) fn continues_past_call(resumed: Option<&RunLine>) -> bool {
    resumed.is_some_and(|line| line.kind.is_move() && line.reached_call())
}

/// Whether this run goes on when the other Region does not answer: what promotes a standby, and nothing else.
pub(crate) fn goes_on_without_other(run: &Run) -> bool {
    matches!(run.kind, Kind::Failover | Kind::Detach)
}

/// Every check. Gives the run that this one takes over, where there is one.
fn check<'a>(run: &Run, seen: &'a Observed) -> Result<Option<&'a RunLine>, Stop> {
    let resumed = resumed(run, seen)?;
    if run.finishes() {
        // While a run is open nobody settles a move by hand: that run is what keeps this one from knowing who writes.
        in_the_way(run, seen, resumed)?;
    }
    if !continues_past_call(resumed) {
        writer(run, seen)?;
        policy(run)?;
        hold(run, seen)?;
    }
    in_the_way(run, seen, resumed)?;
    if !continues_past_call(resumed) {
        anti_flap(run, seen)?;
    }
    match seen.other.why() {
        Some(why) if !goes_on_without_other(run) => {
            Err(Stop::Wait(Waiting::OtherLedgerUnseen { region: run.other().clone(), why: why.to_owned() }))
        }
        _ => Ok(resumed),
    }
}

/// A resume is a take-over of a run that ended: in this Region, of this kind, and not too often without a person.
pub(crate) fn resumed<'a>(run: &Run, seen: &'a Observed) -> Result<Option<&'a RunLine>, Stop> {
    let Some(asked) = &run.resumes else { return Ok(None) };
    let nothing = |found: String| Stop::Refuse(Refusal::NothingToResume { asked: asked.clone(), found });
    let last = seen.own_ledger().and_then(|ledger| ledger.run.as_ref());
    let Some(line) = last else { return Err(nothing(format!("the ledger in {} knows no run", run.own()))) };
    if line.id != *asked {
        return Err(nothing(format!("the last run that the ledger in {} knows is {}", run.own(), line.id)));
    }
    if line.region != *run.own() {
        return Err(nothing(format!("it ran in {}, resume it there", line.region)));
    }
    if line.kind != run.kind {
        return Err(nothing(format!("{asked} is a {}, and this is a {}", line.kind, run.kind)));
    }
    if line.finish {
        return Err(nothing(format!(
            "{asked} only brings up the Region that writes: start it again, with accepts finish"
        )));
    }
    if let Some(epoch) = taken_over(line, seen.readable()) {
        return Err(nothing(format!("epoch {epoch} stands above its epoch {}", line.epoch)));
    }
    match (line.phase, line.ending) {
        (Phase::Closed, Some(Ending::Findings | Ending::Stopped | Ending::StoppedAskAurora | Ending::Unfinished)) => {}
        (Phase::Closed, Some(ending)) => return Err(nothing(format!("it ended {ending}"))),
        _ => ended(seen, line)?,
    }
    if run.by.is_machine() && line.resumed_times >= RESUMED_AT_MOST {
        let times = line.resumed_times;
        return Err(Stop::Refuse(Refusal::ResumedTooOften { run: line.id.clone(), times }));
    }
    Ok(Some(line))
}

/// Most runs that a line names beside the one that it resumes: the machine's state stays small.
const EARLIER: usize = 10;

/// The runs that come before `resumed` in what is continued. The first one made the move: it is never left out.
pub(crate) fn earlier(resumed: &RunLine) -> Vec<RunId> {
    let mut runs: Vec<RunId> = resumed.resumes.iter().chain(&resumed.earlier).cloned().collect();
    if runs.len() > EARLIER {
        runs.remove(EARLIER - 1);
    }
    runs
}

/// The run's execution has ended, whoever ended it, and so has the last function that it called.
fn ended(seen: &Observed, line: &RunLine) -> Check {
    match seen.lease(line) {
        Lease::Alive => Err(Stop::Refuse(running(line))),
        Lease::Unknown => Err(Stop::Wait(Waiting::LeaseUnknown { run: line.id.clone(), region: line.region.clone() })),
        Lease::Dead(at) | Lease::StoppedByPerson(at) if seen.now.since_s(at) < LONGEST_FUNCTION_S => {
            Err(Stop::Wait(Waiting::FunctionsMayStillRun {
                run: line.id.clone(),
                until: at.plus_s(LONGEST_FUNCTION_S),
            }))
        }
        Lease::Dead(_) | Lease::StoppedByPerson(_) => Ok(()),
    }
}

fn running(line: &RunLine) -> Refusal {
    Refusal::MoveRunning { run: line.id.clone(), kind: line.kind, region: line.region.clone(), by: line.by }
}

/// A move goes to the Region that is not the writer; everything that protects runs where the writer is.
fn writer(run: &Run, seen: &Observed) -> Check {
    let region = run.own().clone();
    if let Some(settled) = seen.abandoned(run.own()).filter(|_| run.kind.is_move()) {
        let (writer, epoch) = (settled.writer.clone(), settled.epoch);
        return Err(Stop::Refuse(Refusal::Abandoned { region, writer, epoch }));
    }
    if run.kind != Kind::Detach && seen.stands_alone(run.own()) {
        return Err(Stop::Refuse(Refusal::StandsAlone { region }));
    }
    match (seen.writer(run.own()), run.kind.is_move()) {
        (Writes::Elsewhere, true) if run.finishes() && seen.is_moving() => {
            Err(Stop::Wait(Waiting::NotAtRest { region }))
        }
        (Writes::Elsewhere, true) if run.finishes() => {
            Err(Stop::Refuse(Refusal::NothingToFinish { region, other: run.other().clone() }))
        }
        (Writes::Here, false) if moved_by_hand(run, seen) => Err(Stop::Refuse(Refusal::FinishFirst { region })),
        (Writes::Elsewhere, true) | (Writes::Here, false) => Ok(()),
        (Writes::Here, true) if run.finishes() => Ok(()),
        (Writes::Here, true) => {
            Err(Stop::Refuse(Refusal::AlreadyWriter { region, unfinished: unfinished_here(run, seen) }))
        }
        (Writes::Elsewhere, false) => {
            Err(Stop::Refuse(Refusal::NotTheWriter { region, other: run.other().clone(), kind: run.kind }))
        }
        (Writes::Unknown, _) => Err(Stop::Wait(Waiting::WriterUnknown { region })),
    }
}

/// Whether the writer came here by hand and nobody has done the rest: what protects would turn search around, and arm the
/// public name for a Region in which nobody serves.
fn moved_by_hand(run: &Run, seen: &Observed) -> bool {
    let by_hand = seen.own_ledger().and_then(Ledger::moved_by_hand);
    by_hand.is_some_and(|settled| settled.writer == *run.own())
}

/// The last move to this Region, where it called and did not end well: what never called is not what made it the writer.
fn unfinished_here(run: &Run, seen: &Observed) -> Option<mmdr_core::RunId> {
    let line = seen.own_ledger()?.run.as_ref()?;
    let called = match line.phase {
        Phase::Open => false,
        Phase::Closed => {
            matches!(line.ending, Some(Ending::Findings | Ending::StoppedAskAurora | Ending::Unfinished))
        }
        _ => true,
    };
    (line.region == *run.own() && line.kind.is_move() && called).then(|| line.id.clone())
}

fn policy(run: &Run) -> Check {
    let may = run.deployment.policy.machine_may_start_failover;
    if run.kind == Kind::Failover && run.by.is_machine() && !may {
        return Err(Stop::Refuse(Refusal::MachineMayNotStart));
    }
    Ok(())
}

/// The highest readable hold counts. It stops machines; a person accepts it by name.
fn hold(run: &Run, seen: &Observed) -> Check {
    match highest_hold(seen.readable()) {
        Some(hold) if hold.on && run.kind.is_move() && !run.accepts(Acceptance::Hold) => {
            let person = run.by == StartedBy::Person;
            Err(Stop::Refuse(Refusal::Hold { by: hold.by.clone(), reason: hold.reason.clone(), person }))
        }
        _ => Ok(()),
    }
}

/// Runs that are open, that no higher epoch has superseded, and that this run neither continues nor pre-empts.
fn in_the_way(run: &Run, seen: &Observed, resumed: Option<&RunLine>) -> Check {
    for line in seen.open_runs() {
        let continued = resumed.is_some_and(|resumed| resumed.execution == line.execution);
        if continued || line.execution == run.execution || pre_empts(run, line) {
            continue;
        }
        if seen.lease(line).ended_at().is_some() {
            left_behind(run, seen, line)?;
        }
        ended(seen, line)?;
    }
    Ok(())
}

/// A person's failover pre-empts every run that has not settled; a machine's only what protects.
fn pre_empts(run: &Run, line: &RunLine) -> bool {
    // What only brings up the Region that writes takes nothing from a run that is at work.
    if run.finishes() {
        return false;
    }
    match (run.kind, run.by) {
        (Kind::Failover | Kind::Detach, StartedBy::Person) => line.phase != Phase::Settled,
        (Kind::Failover, _) => matches!(line.kind, Kind::Protect | Kind::Reprotect),
        _ => false,
    }
}

/// What a dead run left behind: past its call it must be resumed, and no machine makes a failover of a switchover. A
/// switchover that died before its call, and that nobody took up while `anti_flap_s` passed, is history.
fn left_behind(run: &Run, seen: &Observed, line: &RunLine) -> Check {
    let anti_flap_s = i64::from(run.deployment.policy.anti_flap_s);
    let converts = run.kind == Kind::Failover && run.by.is_machine() && line.kind == Kind::Switchover;
    match line.phase {
        Phase::Calling if converts => Err(Stop::Refuse(Refusal::SwitchoverUnfinished { run: line.id.clone() })),
        Phase::Calling => Err(Stop::Refuse(Refusal::Unfinished { run: line.id.clone(), region: line.region.clone() })),
        Phase::Open if converts && seen.now.since_s(line.opened_at) < anti_flap_s => {
            Err(Stop::Refuse(Refusal::SwitchoverUnfinished { run: line.id.clone() }))
        }
        _ => Ok(()),
    }
}

/// A machine does not move the writer again so soon. Only moves that reached their database call count: runs that
/// were denied, expired, called off, superseded or dry do not, and open ones are in the way already.
fn anti_flap(run: &Run, seen: &Observed) -> Check {
    if !(run.kind.is_move() && run.by.is_machine()) {
        return Ok(());
    }
    let until = |at: Time| at.plus_s(i64::from(run.deployment.policy.anti_flap_s));
    let last = seen.readable().filter_map(counted).max_by_key(|(_, at)| *at);
    match last {
        Some((id, at)) if seen.now < until(at) => {
            Err(Stop::Refuse(Refusal::AntiFlap { run: id.clone(), until: until(at) }))
        }
        _ => Ok(()),
    }
}

/// The ledger's last move and when it sent its call, unless its call came to nothing and it was called off.
fn counted(ledger: &Ledger) -> Option<(&mmdr_core::RunId, Time)> {
    let came_to_nothing =
        |last: &&LastMove| ledger.run.as_ref().is_some_and(|line| line.id == last.run && line.came_to_nothing());
    let last = ledger.last_move.as_ref().filter(|last| !came_to_nothing(last)).map(|last| (&last.run, last.at));
    let line = ledger.run.as_ref().filter(|line| line.kind.is_move() && line.reached_call());
    last.into_iter().chain(line.map(|line| (&line.id, line.opened_at))).max_by_key(|(_, at)| *at)
}
