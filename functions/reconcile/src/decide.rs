//! The duties in their order: the first that has something to do is this minute's.

use mmdr_core::ports::ClusterSeen;
use mmdr_core::{Lease, Phase, Run, Verdict, records::Diagnosis};
use mmdr_diagnosis::diagnose;

use crate::memory::Memory;
use crate::notes::Note;
use crate::observed::Observed;
use crate::words::{Action, Refusal, Waiting};
use crate::{ask, mend, settle};

/// What every duty may look at.
pub(crate) struct View<'a> {
    pub(crate) run: &'a Run,
    pub(crate) seen: &'a Observed,
    pub(crate) diagnosis: &'a Diagnosis,
    /// What is remembered after this look, before any duty adds to it.
    pub(crate) memory: &'a Memory,
}

/// A duty's answer: its action, or why there is none.
pub(crate) enum Duty {
    /// Do this.
    Do(Box<Action>),
    /// Nothing, for this reason.
    Not(Note),
    /// Nothing to do.
    Nothing,
}

/// Decides. Finishing what was begun goes first, then knowing who writes, then beginning anything new.
pub(crate) fn decide(run: &Run, seen: &Observed) -> Verdict<Action, Waiting, Refusal> {
    let diagnosis = diagnose(&seen.witnesses, &run.deployment.policy, seen.now);
    let mut memory = Memory::after(seen, &diagnosis);
    memory.reprotected = mend::reprotected(seen).or(memory.reprotected);
    let view = View { run, seen, diagnosis: &diagnosis, memory: &memory };
    let mut notes = Vec::new();
    for duty in [mend::resume, mend::close, settle::settle, settle::by_hand, ask::ask, mend::reprotect] {
        match duty(&view) {
            Duty::Do(action) => return Verdict::Act(*action),
            Duty::Not(note) if !notes.contains(&note) => notes.push(note),
            Duty::Not(_) | Duty::Nothing => {}
        }
    }
    Verdict::Act(tell(&view, &notes).unwrap_or_else(|| Action::Keep {
        region: run.own().clone(),
        taken_over: flag(seen),
        memory: memory.clone(),
        notes,
    }))
}

/// What only people can mend is told them once.
fn tell(view: &View<'_>, notes: &[Note]) -> Option<Action> {
    let news = notes.iter().find_map(|note| {
        let key = note.told_as()?;
        (!view.memory.told.contains(&key)).then_some((note, key))
    });
    let (note, key) = news?;
    let region = view.run.own().clone();
    Some(Action::Tell {
        subject: format!("{}: {region} needs a person", view.run.deployment.name),
        note: note.clone(),
        memory: view.memory.clone().with_told(key),
        region,
    })
}

/// What the flag says, from the ledger alone. While a run past its database call is about to decide it, nobody else
/// says anything, not even what a run of an earlier epoch decided: the health check keeps its last status. Nor is it raised
/// again where the other ledger has settled its own Region at the same epoch, and RDS here does not show this Region as the writer.
fn flag(seen: &Observed) -> Option<bool> {
    let ledger = seen.ledger();
    let taken_over = seen.taken_over();
    let settled = ledger.and_then(|ledger| ledger.settled.as_ref()).map(|settled| settled.epoch);
    let decided = taken_over && ledger.and_then(|ledger| ledger.flag).map(|flag| flag.epoch) >= settled;
    let deciding = seen.unfinished().is_some_and(|line| {
        line.kind.is_move() && matches!(line.phase, Phase::Calling | Phase::Settled) && seen.lease() == Lease::Alive
    });
    // To lower it leads the public name to the other Region: not while that one is seen to take no writes.
    let leads_nowhere = seen.lowers_the_flag()
        && seen.cluster_there.value().is_some_and(|cluster| !cluster.as_ref().is_some_and(ClusterSeen::writable));
    let own_writes = seen.writer_at_rest().is_some_and(|writer| *writer == seen.witnesses.own);
    if taken_over && seen.is_contested() && !own_writes {
        return None;
    }
    (decided || !(deciding || leads_nowhere)).then_some(taken_over)
}
