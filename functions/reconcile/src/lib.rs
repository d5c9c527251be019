//! Each minute, in each Region's stack: settles, resumes, asks again.
//!
//! The runbook has a person who stays until everything is done. This is what stands in: it looks at ledgers, runs and
//! the diagnosis, and does the first of these that is due, one kind of change a minute:
//!
//! 1. **resume** a run that failed or timed out past its database call, three times at most. A run that a person
//!    stopped, or that ended before the call, is only reported;
//! 2. **settle**: write into the own ledger who writes, when RDS shows it at rest in two looks that agree and the ledger
//!    says otherwise; a move made by hand is understood by it. A cluster that stands alone is judged by `settled`, never
//!    by the global cluster, which after a detach still names the lost Region (Aurora user guide, detaching);
//! 3. **ask again** for a failover while the diagnosis stands: actions of an alarm fire on transitions only, so a
//!    trigger that was lost, denied or expired never recurs by itself (CloudWatch user guide, alarm actions);
//! 4. **reprotect**, when the Region that a failover left answers again;
//! 5. **tell** people, once, what only they can mend;
//! 6. otherwise **keep**: publish the take-over flag as the ledger says, so that its metric never stops.
//!
//! Every start is written down before it is made and named after its purpose, so that a second copy of this function
//! collapses into the first. A hold keeps it from beginning anything; what is past its database call goes on.

mod ask;
mod decide;
mod memory;
mod mend;
mod notes;
mod observed;
mod settle;
mod start;
mod words;

use std::marker::PhantomData;

use mmdr_core::ports::*;
use mmdr_core::{
    CallError, Fault, Look, Permit, Place, Region, Run, Step, StepError, StepName, Store, Verdict, Whole, calls, entry,
    records,
};
use serde_json::Value;

pub use memory::{GAP_S, MEMORY_KEY, Memory, Row, StartedLine};
pub use notes::Note;
pub use observed::Observed;
pub use words::{Action, Refusal, Start, Waiting};

/// Everything that reconcile reads.
pub trait AllReads:
    LedgerReads
    + RecordReads
    + ExecutionReads
    + WitnessReads
    + DatabaseReads
    + ApplicationReads
    + NodeReads
    + DnsReads
    + SearchReads
    + FileReads
{
}
impl<T> AllReads for T where
    T: LedgerReads
        + RecordReads
        + ExecutionReads
        + WitnessReads
        + DatabaseReads
        + ApplicationReads
        + NodeReads
        + DnsReads
        + SearchReads
        + FileReads
{
}

/// Everything that reconcile writes.
pub trait AllWrites: LedgerWrites + RecordWrites + ExecutionWrites + DnsWrites + NoticeWrites {}
impl<T: LedgerWrites + RecordWrites + ExecutionWrites + DnsWrites + NoticeWrites> AllWrites for T {}

/// The step.
#[derive(Debug)]
pub struct Reconcile<R, W>(PhantomData<(R, W)>);

impl<R: AllReads, W: AllWrites> Step for Reconcile<R, W> {
    const NAME: StepName = StepName::Reconcile;
    type Part = Whole;
    type Reads = R;
    type Writes = W;
    type Observed = Observed;
    type Action = Action;
    type Waiting = Waiting;
    type Refusal = Refusal;
    type Receipt = Option<Started>;

    async fn observe(reads: &R, run: &Run, _: &Whole, look: &Look<Self::Receipt>) -> Result<Observed, StepError> {
        observed::observe(reads, run, look.now).await
    }

    fn decide(run: &Run, _: &Whole, seen: &Observed) -> Verdict<Action, Waiting, Refusal> {
        decide::decide(run, seen)
    }

    async fn act(writes: &W, _: Permit, _: &Whole, action: &Action) -> Result<Self::Receipt, CallError> {
        match action {
            Action::Resume { start, memory }
            | Action::AskAgain { start, memory }
            | Action::Reprotect { start, memory } => {
                remember(writes, &start.region, memory).await?;
                begin(writes, start).await.map(Some)
            }
            Action::Settle { ledger, version, memory } | Action::Close { ledger, version, memory, .. } => {
                remember(writes, &ledger.region, memory).await?;
                writes.write_ledger(&ledger.region, ledger, version.as_deref()).await.map(|_| None)
            }
            Action::Tell { region, subject, note, memory } => {
                // A topic that does not answer must not keep the next minutes from their work.
                remember(writes, region, memory).await?;
                writes.notify(region, subject, &note.to_string()).await.map(|()| None)
            }
            Action::Keep { region, taken_over, memory, .. } => {
                remember(writes, region, memory).await?;
                match taken_over {
                    Some(taken_over) => writes.publish_flag(region, *taken_over).await.map(|()| None),
                    None => Ok(None),
                }
            }
        }
    }
}

async fn remember(writes: &impl RecordWrites, region: &Region, memory: &Memory) -> Called<()> {
    records::put(writes, region, MEMORY_KEY, memory).await
}

async fn begin(writes: &impl ExecutionWrites, start: &Start) -> Called<Started> {
    let Start { region, kind, name, input } = start;
    let input = serde_json::to_value(input).map_err(|error| CallError {
        call: calls::START_EXECUTION.name.into(),
        region: region.clone(),
        fault: Fault::Unreadable(error.to_string()),
    })?;
    writes.start_execution(region, *kind, name, &input).await
}

/// The function's entry: one minute's look and, where something is due, its one change.
///
/// Errors: [`StepError::ReadFailed`] where the own ledger or the memory could not be read; the next minute looks again.
pub async fn serve<P>(ports: &P, place: &Place, _event: Value) -> Result<Value, StepError>
where
    P: Store,
    Reconcile<P, P>: Step<Reads = P, Writes = P>,
{
    entry::duty::<Reconcile<P, P>>(ports, place).await
}

#[cfg(test)]
mod tests;
