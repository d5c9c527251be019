//! The ledger: one small durable record per Region, written only under a condition.
//!
//! `claimed` is the highest epoch given out and says nothing about who writes. `settled` names the writer and
//! is written only when the database's completion test held, or when RDS was observed at rest.

use serde::{Deserialize, Serialize};

use crate::{Epoch, Kind, Region, RunId, StartedBy, Time, named};

named!(
    /// How `settled` came to be known.
    How, "how it was settled" {
        /// The database's completion test held in a move.
        Move => "move",
        /// RDS was observed at rest, for instance after a move by hand.
        Observed => "observed",
    }
);

named!(
    /// How far a run has come.
    Phase, "a phase" {
        /// Open; everything can still be called off.
        Open => "open",
        /// The database call is being sent: forward only from here.
        Calling => "calling",
        /// The database's completion test held.
        Settled => "settled",
        /// The run has ended.
        Closed => "closed",
    }
);

impl Phase {
    /// Whether the database call may have been sent.
    pub fn reached_call(self, ending: Option<Ending>) -> bool {
        match self {
            Self::Calling | Self::Settled => true,
            Self::Closed => matches!(
                ending,
                Some(Ending::Healthy | Ending::Findings | Ending::StoppedAskAurora | Ending::Unfinished)
            ),
            Self::Open => false,
        }
    }
}

named!(
    /// How a run ended.
    Ending, "an ending" {
        /// Everything is as it should be.
        Healthy => "healthy",
        /// Done, with findings that somebody must look at.
        Findings => "findings",
        /// Called off before the database call; everything is as before.
        CalledOff => "called-off",
        /// Refused before anything was changed.
        Refused => "refused",
        /// A person said no.
        Denied => "denied",
        /// Nobody answered the question in time.
        Expired => "expired",
        /// Another run claimed the same epoch first; nothing was changed.
        LostRace => "lost-race",
        /// A run with a higher epoch took over; this one stopped where it was.
        Superseded => "superseded",
        /// The database call was sent and its outcome is not known: ask Aurora, then resume.
        StoppedAskAurora => "stopped-ask-aurora",
        /// The database has moved, and the run stopped at a step without which nobody is served: mend, then resume.
        Unfinished => "unfinished",
        /// Stopped before the database call, safely, with a named reason.
        Stopped => "stopped",
        /// A dry run reached its end.
        DryRun => "dry-run",
    }
);

/// Who writes, as proven.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settled {
    /// The writer Region.
    pub writer: Region,
    /// The epoch of the move that made it so.
    pub epoch: Epoch,
    /// When it was proven.
    pub at: Time,
    /// How it was proven.
    pub how: How,
    /// Observed: the writer that was settled before, where it was another one, so that somebody has moved it by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Region>,
}

/// The run that holds, or last held, the lease.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunLine {
    /// The run.
    pub id: RunId,
    /// Its execution: alive means that Step Functions says it is running.
    pub execution: String,
    /// What it does.
    pub kind: Kind,
    /// The Region in which it runs.
    pub region: Region,
    /// Its epoch.
    pub epoch: Epoch,
    /// How far it came.
    pub phase: Phase,
    /// Who started it.
    pub by: StartedBy,
    /// When it was opened.
    pub opened_at: Time,
    /// The run that it continues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumes: Option<RunId>,
    /// How many runs in a row continued each other without a person, this one included; 0 for a first run.
    #[serde(default)]
    pub resumed_times: u32,
    /// How it ended, once closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ending: Option<Ending>,
    /// When it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Time>,
    /// The run that this one pre-empted past its database call, or a switchover while it stopped the old side. A run that
    /// stops before its own call hands it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pre_empted: Option<Box<RunLine>>,
    /// Digest of the diagnosis that it acted or asked on, so that a denial silences the same diagnosis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<String>,
}

impl RunLine {
    /// Whether this run sent, or may have sent, its database call.
    pub fn reached_call(&self) -> bool {
        self.phase.reached_call(self.ending)
    }
}

/// Whether machines may start moves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hold {
    /// Counts every change; the highest readable number counts.
    pub number: u64,
    /// Whether the hold is on.
    pub on: bool,
    /// Who changed it last.
    pub by: String,
    /// When.
    pub at: Time,
    /// Why.
    pub reason: String,
}

/// The last move that reached its database call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastMove {
    /// The run.
    pub run: RunId,
    /// Its kind.
    pub kind: Kind,
    /// Its epoch.
    pub epoch: Epoch,
    /// The Region to which it moved the writer.
    pub to: Region,
    /// When the call was sent.
    pub at: Time,
    /// The move before it, until this one has settled: a call that comes to nothing must not make anybody forget what an
    /// earlier failover has lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Box<LastMove>>,
    /// Somebody moved the writer past this product, and the run only does the rest: `at` is when the move was observed, and
    /// only Aurora's events say whether it lost anything.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
}

/// The take-over flag that this Region publishes, as a step decided it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlagLine {
    /// Whether the flag says "this Region has taken over".
    pub taken_over: bool,
    /// The epoch of the run that decided it.
    pub epoch: Epoch,
    /// When it was published with this value first.
    pub at: Time,
}

/// The last exchange of the DNS records that was asked for from this Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArmedLine {
    /// The Region that was made PRIMARY.
    pub primary: Region,
    /// The epoch of the run that did it.
    pub epoch: Epoch,
    /// When it was asked for first in that run; name servers follow within about a minute.
    pub at: Time,
}

/// One Region's record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// The Region whose ledger this is.
    pub region: Region,
    /// Highest epoch given out, as far as this ledger knows.
    pub claimed: Epoch,
    /// Who writes, as proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Settled>,
    /// The run that holds or last held the lease.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunLine>,
    /// The hold.
    #[serde(default)]
    pub hold: Hold,
    /// The last move that reached its call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_move: Option<LastMove>,
    /// The take-over flag of this Region, published again each minute as [`Ledger::flag_to_publish`] says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<FlagLine>,
    /// The last exchange of the DNS records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub armed: Option<ArmedLine>,
}

/// What the core writes into the own ledger for a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LedgerMark {
    /// The database call is about to be sent. Written before the act, and only while the newest call is still the one
    /// that the step looked at: of two copies of a function that look at once, one sends.
    Calling {
        /// When the newest call was sent that the step knows of, whoever sent it; none where it knows of none.
        after: Option<Time>,
    },
    /// The completion test held: `writer` writes. Written after the act.
    Settled {
        /// The writer Region.
        writer: Region,
    },
    /// The database call came to nothing, as proven: the run may call off again.
    BackToOpen,
    /// The run has ended.
    Closed {
        /// How.
        ending: Ending,
    },
    /// The run acts, or asks, on this diagnosis.
    Diagnosis {
        /// Its digest.
        digest: String,
    },
    /// This Region's take-over flag was published. Written after the act.
    Flag {
        /// What it says.
        taken_over: bool,
    },
    /// The DNS records were exchanged. Written after the act.
    Armed {
        /// The Region that is PRIMARY now.
        primary: Region,
    },
}

impl Ledger {
    /// An empty ledger for a Region that has none yet.
    pub fn new(region: Region) -> Self {
        Self {
            region,
            claimed: Epoch(0),
            settled: None,
            run: None,
            hold: Hold::default(),
            last_move: None,
            flag: None,
            armed: None,
        }
    }

    /// The open run, if any.
    pub fn open_run(&self) -> Option<&RunLine> {
        self.run.as_ref().filter(|run| run.phase != Phase::Closed)
    }

    /// When the newest database call was sent that this ledger knows of, whoever sent it.
    pub fn newest_call(&self) -> Option<Time> {
        self.last_move.as_ref().map(|last| last.at)
    }

    /// The settlement of a move that somebody made past this product, above every move of its own, while no run has done
    /// the rest of it.
    pub fn moved_by_hand(&self) -> Option<&Settled> {
        let last = self.last_move.as_ref().map(|last| last.epoch);
        let changed = |settled: &&Settled| settled.before.as_ref().is_some_and(|before| *before != settled.writer);
        self.settled
            .as_ref()
            .filter(|settled| settled.how == How::Observed && Some(settled.epoch) > last)
            .filter(changed)
    }

    /// What this Region's take-over flag must say each minute: "taken over" only while a step decided so and this
    /// Region is the settled writer. A Region that lost the writer since then can never pull traffic back.
    pub fn flag_to_publish(&self) -> bool {
        let decided = self.flag.is_some_and(|flag| flag.taken_over);
        decided && self.settled.as_ref().is_some_and(|settled| settled.writer == self.region)
    }

    /// Takes over what `other` knows better: a higher claimed epoch, a higher settled one, a later hold, a later move.
    /// The run is left alone: who holds the lease is only ever said by a claim.
    pub fn learn(&mut self, other: &Self) {
        self.claimed = self.claimed.max(other.claimed);
        let epoch = |settled: &Option<Settled>| settled.as_ref().map(|settled| settled.epoch);
        if epoch(&other.settled) > epoch(&self.settled) {
            self.settled.clone_from(&other.settled);
        }
        if other.hold.number > self.hold.number {
            self.hold = other.hold.clone();
        }
        let sent_at = |last: &Option<LastMove>| last.as_ref().map(|last| last.at);
        if sent_at(&other.last_move) > sent_at(&self.last_move) {
            self.last_move.clone_from(&other.last_move);
        }
    }

    /// Applies `mark` for the run that holds the lease. The caller has checked that it does.
    pub fn apply(&mut self, mark: &LedgerMark, now: Time) {
        let Some(run) = &mut self.run else { return };
        match mark {
            LedgerMark::Calling { .. } => {
                run.phase = Phase::Calling;
                let (id, kind, epoch, to) = (run.id.clone(), run.kind, run.epoch, run.region.clone());
                let before = self
                    .last_move
                    .take()
                    .and_then(|last| if last.run == id { last.before } else { Some(Box::new(last)) });
                let before = before.map(|last| Box::new(LastMove { before: None, ..*last }));
                self.last_move = Some(LastMove { run: id, kind, epoch, to, at: now, before, by_hand: false });
            }
            LedgerMark::Settled { writer } => {
                run.phase = Phase::Settled;
                if let Some(last) = &mut self.last_move {
                    last.before = None;
                }
                self.settled =
                    Some(Settled { writer: writer.clone(), epoch: run.epoch, at: now, how: How::Move, before: None });
            }
            LedgerMark::BackToOpen => run.phase = Phase::Open,
            LedgerMark::Closed { ending } => close(run, *ending, now),
            LedgerMark::Diagnosis { digest } => run.diagnosis = Some(digest.clone()),
            LedgerMark::Flag { taken_over } => {
                let at = self.flag.filter(|flag| flag.taken_over == *taken_over).map_or(now, |flag| flag.at);
                self.flag = Some(FlagLine { taken_over: *taken_over, epoch: run.epoch, at });
            }
            LedgerMark::Armed { primary } => {
                let same = |armed: &ArmedLine| armed.primary == *primary && armed.epoch == run.epoch;
                let at = self.armed.as_ref().filter(|armed| same(armed)).map_or(now, |armed| armed.at);
                self.armed = Some(ArmedLine { primary: primary.clone(), epoch: run.epoch, at });
            }
        }
    }
}

/// Closes a run's line. What it pre-empted had sent its call or stopped the old side: nobody may forget that because this
/// run came to nothing.
fn close(run: &mut RunLine, ending: Ending, now: Time) {
    run.phase = Phase::Closed;
    run.ending = Some(ending);
    run.closed_at = Some(now);
    if run.reached_call() {
        run.pre_empted = None;
    } else if let Some(earlier) = run.pre_empted.take() {
        // The epoch stays the highest one given out: a resume must find nothing above the run that it continues.
        let ending = Some(if earlier.phase == Phase::Open { Ending::Stopped } else { Ending::StoppedAskAurora });
        let epoch = run.epoch;
        *run = RunLine { epoch, phase: Phase::Closed, ending, closed_at: Some(now), ..*earlier };
    }
}

/// The highest epoch above `line`'s under which the writer went elsewhere: another Region is settled under it, or another
/// run sent its call. An epoch that was only given out, to a run that came to nothing, takes nothing over.
pub fn taken_over<'a>(line: &RunLine, readable: impl IntoIterator<Item = &'a Ledger>) -> Option<Epoch> {
    let above = |ledger: &'a Ledger| {
        let settled = ledger.settled.as_ref().filter(|settled| settled.writer != line.region).map(|it| it.epoch);
        let called = ledger.run.as_ref().filter(|other| other.id != line.id && other.reached_call()).map(|it| it.epoch);
        settled.max(called)
    };
    readable.into_iter().filter_map(above).max().filter(|epoch| *epoch > line.epoch)
}

/// The epoch of the next run: one above the highest that any readable ledger has given out or settled.
pub fn next_epoch<'a>(readable: impl IntoIterator<Item = &'a Ledger>) -> Epoch {
    let highest = readable
        .into_iter()
        .map(|ledger| ledger.claimed.0.max(ledger.settled.as_ref().map_or(0, |settled| settled.epoch.0)))
        .max();
    Epoch(highest.unwrap_or(0) + 1)
}

/// The hold that counts: the one with the highest number among the readable ledgers.
pub fn highest_hold<'a>(readable: impl IntoIterator<Item = &'a Ledger>) -> Option<&'a Hold> {
    readable.into_iter().map(|ledger| &ledger.hold).max_by_key(|hold| hold.number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(id: &str, kind: Kind, epoch: u64) -> RunLine {
        RunLine {
            id: RunId(id.into()),
            execution: format!("arn:{id}"),
            kind,
            region: Region::new("us-east-1"),
            epoch: Epoch(epoch),
            phase: Phase::Open,
            by: StartedBy::Person,
            opened_at: Time(0),
            resumes: None,
            resumed_times: 0,
            ending: None,
            closed_at: None,
            pre_empted: None,
            diagnosis: None,
        }
    }

    #[test]
    fn a_call_remembers_the_move_before_it_until_it_has_settled() {
        let mut ledger = Ledger::new(Region::new("us-east-1"));
        let calling = LedgerMark::Calling { after: None };
        ledger.run = Some(opened("fo-1", Kind::Failover, 1));
        ledger.apply(&calling, Time(10));
        ledger.run = Some(opened("so-2", Kind::Switchover, 2));
        ledger.apply(&calling, Time(20));
        ledger.apply(&calling, Time(30));
        let before = ledger.last_move.as_ref().and_then(|last| last.before.as_ref()).map(|before| before.run.clone());
        assert_eq!(before, Some(RunId("fo-1".into())));
        ledger.apply(&LedgerMark::Settled { writer: Region::new("us-east-1") }, Time(40));
        assert_eq!(ledger.last_move.and_then(|last| last.before), None);
    }
}
