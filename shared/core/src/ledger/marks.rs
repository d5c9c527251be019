//! What the core writes into the own ledger for a step, and what becomes of the ledger by it.

use serde::{Deserialize, Serialize};

use super::{ArmedLine, Ending, FlagLine, How, LastMove, Ledger, Phase, RunLine, Settled};
use crate::{Region, Time};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Epoch, Kind, RunId, StartedBy};

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
            earlier: Vec::new(),
            resumed_times: 0,
            finish: false,
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
