//! Names and starts an execution for an event, nothing else.
//!
//! An EventBridge rule cannot name the execution that it starts, and both EventBridge and SNS deliver at least once
//! (Step Functions API, StartExecution; EventBridge, event delivery). So a function stands between: it reads the
//! event, whatever its form, into one canonical [`mmdr_core::StartInput`], and names the execution after a digest of
//! the alarm's ARN and the moment at which the state was entered. Duplicates, and the same transition told by three
//! ways at once, end in `ExecutionAlreadyExists`: collapsed, and reported as `Already`.
//!
//! The trigger is not evidence. What start-move starts looks for itself; what it refuses, it refuses by name. It
//! stands outside the machines and takes no lease.
//!
//! Runbook: "Failover RDS to secondary" begins with a person who decides to act; this is the same beginning without
//! one.
//!
//! Forms that are read (CloudWatch user guide, alarm actions; Aurora user guide, events):
//! - the alarm's direct Lambda action, metric, metric-math or composite;
//! - EventBridge `CloudWatch Alarm State Change`, which also tells of suppressed and muted transitions;
//! - SNS, with capitalised names inside `Records[0].Sns.Message`;
//! - EventBridge `RDS DB Cluster Event`, by [`RDS_EVENTS`];
//! - schedules: `{"kind": "verify-backups", "scheduled_time": "<aws.scheduler.scheduled-time>"}`, or EventBridge's own
//!   scheduled event of a rule `mmdr-<deployment>-<kind>`.

mod decide;
mod event;
mod field;
mod naming;
mod observed;
mod timestamp;
mod words;

use std::marker::PhantomData;

use mmdr_core::ports::{ExecutionWrites, Started};
use mmdr_core::{
    Answer, CallError, Fault, Look, Outcome, Payload, Permit, Place, Run, Step, StepError, StepName, Store, Verdict,
    Whole, entry, run_standing,
};
use serde_json::Value;

pub use decide::{AHEAD_S, EVENT_BYTES, RDS_EVENTS, STALE_S, prefix};
pub use observed::Observed;
pub use words::{Action, Refusal, Waiting};

/// The step: reads nothing outside, writes executions.
#[derive(Debug)]
pub struct StartMove<R, W>(PhantomData<(R, W)>);

impl<R, W: ExecutionWrites> Step for StartMove<R, W> {
    const NAME: StepName = StepName::StartMove;
    type Part = Whole;
    type Reads = R;
    type Writes = W;
    type Observed = Observed;
    type Action = Action;
    type Waiting = Waiting;
    type Refusal = Refusal;
    type Receipt = Started;

    async fn observe(_: &R, _: &Run, _: &Whole, look: &Look<Started>) -> Result<Observed, StepError> {
        Ok(Observed { now: look.now, event: look.input.clone().unwrap_or_default() })
    }

    fn decide(run: &Run, _: &Whole, seen: &Observed) -> Verdict<Action, Waiting, Refusal> {
        decide::decide(run, seen)
    }

    async fn act(writes: &W, _: Permit, _: &Whole, action: &Action) -> Result<Started, CallError> {
        let Action::Start { region, kind, name, input } = action;
        let input = serde_json::to_value(input).map_err(|error| CallError {
            call: mmdr_core::calls::START_EXECUTION.name.into(),
            region: region.clone(),
            fault: Fault::Unreadable(error.to_string()),
        })?;
        writes.start_execution(region, *kind, name, &input).await
    }
}

/// Handles one event: starts what it stands for, or says why not. An execution that exists already counts as started.
///
/// Errors: [`StepError::RecordFailed`] where Step Functions did not answer (Lambda's own asynchronous retry tries
/// again, under the same name), [`StepError::ReadFailed`] where the own ledger could not be read for the permit.
pub async fn handle<R, W: ExecutionWrites>(
    store: &impl Store,
    reads: &R,
    writes: &W,
    place: &Place,
    event: Value,
) -> Result<Answer, StepError> {
    let payload = Payload::standing();
    let mut answer = run_standing::<StartMove<R, W>>(store, reads, writes, place, payload, Some(event)).await?;
    let last = &mut answer.previous;
    if last.outcome == Outcome::Wait {
        // Nobody loops here: the event must come again.
        return Err(StepError::RecordFailed(CallError {
            call: mmdr_core::calls::START_EXECUTION.name.into(),
            region: place.own.clone(),
            fault: Fault::LookAgain(last.sentence.clone()),
        }));
    }
    let receipt = last.receipt.clone().and_then(|receipt| serde_json::from_value(receipt).ok());
    if receipt == Some(Started::AlreadyExists) {
        last.outcome = Outcome::Already;
        last.sentence = format!("collapsed into an execution that was started before: {}", last.sentence);
    }
    Ok(answer)
}

/// The function's entry: one look, from the event as it comes in to the answer as it goes out.
///
/// Errors: [`StepError`], by its stable names.
pub async fn serve<P>(ports: &P, place: &Place, event: Value) -> Result<Value, StepError>
where
    P: Store + ExecutionWrites,
{
    entry::answer(handle::<P, P>(ports, ports, ports, place, event).await?)
}

#[cfg(test)]
mod tests;
