//! Moves the Aurora writer: switchover, failover, detach; proves the hand-over before, keeps the lost writes after.
//!
//! Runbook: "Failover RDS to secondary: go to the RDS global cluster, and under Actions, select Switchover or Failover
//! global database" (Mattermost, Active/passive DR deployment on AWS).
//!
//! What that one line hides, and where this step takes it from:
//! - Switchover is asked in the *current writer's* Region, a failover with data loss in the Region *being promoted*;
//!   FailoverGlobalCluster with neither option is a switchover (Aurora User Guide, "Using switchover or failover in
//!   Aurora Global Database"; RDS API model).
//! - No call takes an idempotency token, and a call that was accepted and lost its answer looks like a refused one.
//!   The ledger says `calling` before a call is sent; from then on only Aurora's state decides. The call is sent again
//!   only after two looks a minute apart have proven that it came to nothing.
//! - Done is five things at once (see `decide::complete`); `switching-over` and every unknown status mean "running".
//! - Aurora fences the old writer best effort: event RDS-EVENT-0390, or 0391 for "timed out".
//! - A detach fences nothing, saves nothing and ends the global database; only a person starts it.
//!
//! An exhausted bound never calls off: it ends "stopped: ask Aurora, then resume".

mod decide;
mod fencing;
mod look;
mod lost;
mod observed;
mod preconditions;
mod proof;
mod reasons;
mod resync;
mod snapshots;
mod words;

use std::marker::PhantomData;

use mmdr_core::ports::{Called, DatabaseReads, DatabaseWrites, LedgerReads, NodeReads, RecordReads, RecordWrites};
use mmdr_core::records::{self, facts};
use mmdr_core::{
    Assumption, CallError, Fault, LedgerMark, Look, Permit, Place, Run, Step, StepError, StepName, Store, Verdict,
    entry,
};
use serde::Serialize;
use serde_json::Value;

pub use observed::{CallRecord, DATABASE_CALL, Observed, Receipt, Said};
pub use reasons::{Refusal, Waiting};
pub use words::{Action, Note, Part, RecordAt};

/// The step, over its ports.
pub struct SwitchDatabase<R, W>(PhantomData<(R, W)>);

impl<R, W> Step for SwitchDatabase<R, W>
where
    R: DatabaseReads + NodeReads + LedgerReads + RecordReads,
    W: DatabaseWrites + RecordWrites,
{
    const NAME: StepName = StepName::SwitchDatabase;
    type Part = Part;
    type Reads = R;
    type Writes = W;
    type Observed = Observed;
    type Action = Action;
    type Waiting = Waiting;
    type Refusal = Refusal;
    type Receipt = Receipt;

    async fn observe(reads: &R, run: &Run, part: &Part, look: &Look<Receipt>) -> Result<Observed, StepError> {
        look::observe(reads, run, *part, look).await
    }

    fn decide(run: &Run, part: &Part, seen: &Observed) -> Verdict<Action, Waiting, Refusal> {
        decide::decide(run, *part, seen)
    }

    async fn act(writes: &W, _permit: Permit, _part: &Part, action: &Action) -> Result<Receipt, CallError> {
        act(writes, action).await
    }

    fn bound_s(run: &Run, part: &Part) -> u32 {
        let bounds = &run.deployment.policy.bounds;
        match part {
            Part::Prove => bounds.prove_s,
            // Its own patience ends before.
            Part::Fenced => bounds.other_s,
            Part::Promote | Part::SwitchOver | Part::Resynchronised => bounds.database_s,
            // Its own deadline announces the loss before the bound is reached.
            Part::SaveLostWrites => bounds.database_s.saturating_add(bounds.other_s),
        }
    }

    fn ledger_mark(_run: &Run, _part: &Part, action: &Action) -> Option<LedgerMark> {
        match action {
            Action::SwitchOver { after, .. } | Action::FailOver { after, .. } | Action::Detach { after, .. } => {
                Some(LedgerMark::Calling { after: *after })
            }
            Action::Settle { writer, .. } => Some(LedgerMark::Settled { writer: writer.clone() }),
            Action::CameToNothing { .. } => Some(LedgerMark::BackToOpen),
            _ => None,
        }
    }

    fn already(run: &Run, part: &Part, seen: &Observed) -> String {
        already(run, *part, seen)
    }

    fn assume(seen: &mut Observed, assumed: &[Assumption]) {
        observed::assume(seen, assumed);
    }

    fn effect(run: &Run, _part: &Part, action: &Action) -> Vec<Assumption> {
        let writer = || vec![assumption(facts::WRITER, run.own().as_str())];
        match action {
            Action::SwitchOver { .. } | Action::FailOver { .. } | Action::Detach { .. } => writer(),
            Action::Settle { .. } => writer(),
            Action::WriteProof { .. } => vec![assumption(facts::RECORDS, [records::HAND_OVER_PROOF])],
            _ => Vec::new(),
        }
    }
}

fn assumption(fact: &str, value: impl Serialize) -> Assumption {
    Assumption { fact: fact.into(), value: serde_json::to_value(value).unwrap_or_default() }
}

async fn act<W: DatabaseWrites + RecordWrites>(writes: &W, action: &Action) -> Result<Receipt, CallError> {
    match action {
        Action::SwitchOver { asked, target_arn, .. } => said(writes.switch_over(asked, target_arn).await),
        Action::FailOver { asked, target_arn, .. } => said(writes.fail_over(asked, target_arn).await),
        Action::Detach { asked, cluster_arn, .. } => said(writes.detach(asked, cluster_arn).await),
        Action::NoteCall { at, record, .. } | Action::CameToNothing { at, record } => put(writes, at, record).await,
        Action::Settle { fencing: Some((at, fencing)), .. } => put(writes, at, fencing).await,
        Action::Settle { fencing: None, .. } => Ok(Receipt::default()),
        Action::RecordFencing { at, fencing } => put(writes, at, fencing).await,
        Action::WriteProof { at, proof } => put(writes, at, proof).await,
        Action::WriteLostMessages { at, account } => put(writes, at, account).await,
        Action::CopySnapshot { region, source, copy } => {
            match writes.copy_snapshot(region, source, copy).await {
                // Two copies of this function, or an answer that was lost: the snapshot is there, which was wanted.
                Err(error) if already_exists(&error) => Ok(Receipt::default()),
                answer => answer.map(|()| Receipt::default()),
            }
        }
    }
}

/// Whatever RDS says to one of the three calls, Aurora's state decides at the next look, never the answer: a call that
/// was accepted and re-sent below us is answered like one that is refused.
fn said(answer: Called<()>) -> Result<Receipt, CallError> {
    match answer {
        Ok(()) => Ok(Receipt::default()),
        Err(error) if matches!(error.fault, Fault::NoAnswer | Fault::Throttled | Fault::Conflict) => Err(error),
        Err(error) => {
            let text = match &error.fault {
                Fault::LookAgain(text) | Fault::Refused(text) => text.clone(),
                other => other.to_string(),
            };
            Ok(Receipt { said: Some(text) })
        }
    }
}

async fn put<W: RecordWrites>(writes: &W, at: &RecordAt, value: &impl Serialize) -> Result<Receipt, CallError> {
    records::put(writes, &at.region, &at.key, value).await.map(|()| Receipt::default())
}

fn already_exists(error: &CallError) -> bool {
    matches!(&error.fault, Fault::Refused(text) | Fault::LookAgain(text) if text.to_lowercase().replace(' ', "").contains("alreadyexists"))
}

fn already(run: &Run, part: Part, seen: &Observed) -> String {
    let (own, other) = (run.own(), run.other());
    match part {
        Part::Promote | Part::SwitchOver => written(run, seen),
        Part::Prove if run.forward_only => "the database call has been sent already: nothing is left to prove".into(),
        Part::Prove => {
            let proven = seen.hand_over.as_ref().map_or_else(|| "the four stores are equal".into(), words::equal);
            format!("proven: {proven}; the writer can be handed over")
        }
        Part::Fenced => fencing::already(seen),
        Part::SaveLostWrites => {
            seen.lost.as_ref().map_or_else(|| "the lost writes are accounted for".into(), |lost| lost.sentence.clone())
        }
        Part::Resynchronised => format!("the cluster in {other} follows {own} again"),
    }
}

fn written(run: &Run, seen: &Observed) -> String {
    let (own, other) = (run.own(), run.other());
    let done = match fencing::cut_loose(seen) {
        true => {
            format!("{own} writes, cut loose from the global database; the cluster in {other} is untouched")
        }
        false => format!("{own} is the writer: Aurora's completion test holds"),
    };
    match seen.fencing.as_ref().and_then(words::two_writers) {
        Some(warning) => format!("{done}; {warning}"),
        None => done,
    }
}

/// The function's entry: one look, from the event as it comes in to the answer as it goes out.
///
/// Errors: [`StepError`], by its stable names.
pub async fn serve<P>(ports: &P, place: &Place, event: Value) -> Result<Value, StepError>
where
    P: Store,
    SwitchDatabase<P, P>: Step<Reads = P, Writes = P>,
{
    entry::look::<SwitchDatabase<P, P>>(ports, place, event).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use mmdr_cases::Nobody;

    #[test]
    fn every_decision_case_is_decided_as_written() {
        let count = mmdr_cases::check::<SwitchDatabase<Nobody, Nobody>>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
        assert!(count >= 20, "{count}");
    }

    fn fault(fault: Fault) -> Called<()> {
        Err(CallError { call: "rds:FailoverGlobalCluster".into(), region: mmdr_core::Region::new("us-east-1"), fault })
    }

    #[test]
    fn whatever_rds_says_to_a_call_the_next_look_decides() {
        assert_eq!(said(Ok(())), Ok(Receipt::default()));
        for text in ["already switching over", "engine versions differ"] {
            let expected = Ok(Receipt { said: Some(text.into()) });
            assert_eq!(said(fault(Fault::Refused(text.into()))), expected);
            assert_eq!(said(fault(Fault::LookAgain(text.into()))), expected);
        }
        assert!(said(fault(Fault::Unreadable("<html>".into()))).is_ok());
        assert!(said(fault(Fault::NoAnswer)).is_err_and(|error| error.is_look_again()));
    }

    #[test]
    fn a_copy_that_is_there_already_is_no_failure() {
        let refused = |text: &str| fault(Fault::Refused(text.into())).unwrap_err();
        assert!(already_exists(&refused("DBClusterSnapshotAlreadyExistsFault")));
        assert!(!already_exists(&refused("SnapshotQuotaExceeded")));
    }

    #[test]
    fn every_part_is_read_back_from_its_name() {
        for part in Part::ALL {
            assert_eq!(part.to_string().parse::<Part>(), Ok(*part));
        }
        assert!("promoted".parse::<Part>().is_err());
    }
}
