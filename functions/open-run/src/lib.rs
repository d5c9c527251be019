//! Opens a run: epoch and lease.
//!
//! Every machine begins here. The start input becomes a run; the run takes an epoch in the ledger of its target Region
//! and then in the other's, or learns why it must not. Mattermost's runbook has no such step: there, the people on the
//! call agree who does what. This is that agreement, written where both Regions can read it.
//!
//! - A claim is one conditional write (`PutObject` with `If-Match` or `If-None-Match: *`, Amazon S3 API): of two runs
//!   that claim at once, one finds another version and looks again.
//! - The lease is the execution: a run is alive while `DescribeExecution` in its Region says `RUNNING`. That call is
//!   eventually consistent (Step Functions API), so a dead run is left alone until its last function has ended.
//! - Where the writer is, is asked of the own Region's RDS; a claimed epoch says nothing about it.
//! - Only what promotes a standby goes on when the other Region's ledger does not answer.
//!
//! Kinds that only look, and dry runs, pass the checks and claim nothing.

mod claim;
mod decide;
mod field;
mod observed;
mod start;
mod words;

use std::marker::PhantomData;

use mmdr_core::ports::{DatabaseReads, ExecutionReads, LedgerReads, LedgerWrites};
use mmdr_core::{
    Answer, CallError, Fault, Look, Payload, Permit, Phase, Place, Run, Step, StepError, StepName, Store, Verdict,
    Whole, entry, run_step_for,
};
use serde_json::Value;

pub use observed::{Observed, Receipt, Writes};
pub use start::open;
pub use words::{Action, LedgerWrite, Refusal, Waiting};

/// The step.
pub struct OpenRun<R, W>(PhantomData<(R, W)>);

/// The Lambda's entry: the payload's `run` is the raw start input, or, when the machine looks again, the ticket.
///
/// Errors: [`StepError::BadInput`] where the input does not fit, and whatever [`run_step_for`] gives.
pub async fn handle<R, W>(
    store: &impl Store,
    reads: &R,
    writes: &W,
    place: &Place,
    payload: Payload,
) -> Result<Answer, StepError>
where
    R: LedgerReads + DatabaseReads + ExecutionReads,
    W: LedgerWrites,
{
    let run = open(&payload, place)?;
    run_step_for::<OpenRun<R, W>>(store, reads, writes, place, run, payload, None).await
}

impl<R, W> Step for OpenRun<R, W>
where
    R: LedgerReads + DatabaseReads + ExecutionReads,
    W: LedgerWrites,
{
    const NAME: StepName = StepName::OpenRun;
    type Part = Whole;
    type Reads = R;
    type Writes = W;
    type Observed = Observed;
    type Action = Action;
    type Waiting = Waiting;
    type Refusal = Refusal;
    type Receipt = Receipt;

    async fn observe(reads: &R, run: &Run, _part: &Whole, look: &Look<Receipt>) -> Result<Observed, StepError> {
        observed::observe(reads, run, look).await
    }

    fn decide(run: &Run, _part: &Whole, seen: &Observed) -> Verdict<Action, Waiting, Refusal> {
        decide::decide(run, seen)
    }

    async fn act(writes: &W, _permit: Permit, _part: &Whole, action: &Action) -> Result<Receipt, CallError> {
        let (write, claimed) = match action {
            Action::RaiseOther(write) => (write, None),
            Action::ClaimOwn(write) | Action::ClaimOther(write) => (write, Some(write.epoch)),
        };
        let written = writes.write_ledger(&write.region, &write.ledger, write.version.as_deref()).await;
        match written {
            Ok(_) => Ok(Receipt { claimed, other_not_written: None }),
            // A failover must not hang on the Region that it leaves.
            Err(error) if write.goes_on_without && error.fault != Fault::Conflict => {
                Ok(Receipt { claimed, other_not_written: Some(error.to_string()) })
            }
            Err(error) => Err(error),
        }
    }

    /// Open-run is what takes the lease.
    fn needs_lease(_run: &Run) -> bool {
        false
    }

    fn amend(run: &mut Run, _part: &Whole, seen: &Observed) {
        if let Some(line) = decide::own_claim(run, seen).cloned() {
            run.ticket.epoch = line.epoch;
            run.ticket.opened_at = line.opened_at;
            run.ticket.earlier = line.earlier;
            // A run that was opened for something new is at open here: its call comes later.
            run.ticket.forward_only = run.finishes() || line.phase != Phase::Open;
        } else if let Ok(resumed) = decide::resumed(run, seen) {
            run.ticket.forward_only = run.finishes() || decide::continues_past_call(resumed);
            run.ticket.earlier = resumed.map(decide::earlier).unwrap_or_default();
        }
    }

    fn already(run: &Run, _part: &Whole, seen: &Observed) -> String {
        let not_told = seen.other.why().map(str::to_owned).or_else(|| seen.receipt.clone()?.other_not_written);
        match (decide::own_claim(run, seen), not_told) {
            _ if !run.kind.takes_epoch() => format!("{} only looks: it takes no epoch", run.kind),
            (None, _) => format!("dry run: nothing speaks against this {}, and no epoch is claimed", run.kind),
            (Some(line), None) => format!("run {} holds epoch {} in both ledgers", run.id, line.epoch),
            (Some(line), Some(why)) => format!(
                "run {} holds epoch {} in {}; the ledger in {} does not know it ({why})",
                run.id,
                line.epoch,
                run.own(),
                run.other()
            ),
        }
    }
}

/// The function's entry: one look, from the event as it comes in to the answer as it goes out.
///
/// Errors: [`StepError`], by its stable names.
pub async fn serve<P>(ports: &P, place: &Place, event: Value) -> Result<Value, StepError>
where
    P: Store + LedgerReads + DatabaseReads + ExecutionReads + LedgerWrites,
{
    entry::answer(handle::<P, P>(ports, ports, ports, place, entry::payload(event)?).await?)
}

#[cfg(test)]
mod start_tests;
#[cfg(test)]
mod tests;
