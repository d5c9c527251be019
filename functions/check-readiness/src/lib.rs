//! Named checks that a move would succeed.
//!
//! Runbook: the list that stands before its first step (permissions, a pair of Regions, a healthy primary, control of
//! DNS, a restorable backup, OpenSearch with access control, connectivity) and every set-up step after it, each
//! turned into a question that is asked again and again instead of once. The traps that the runbook does not name
//! stand in the same table, each with its source.
//!
//! Two parts:
//! - `gate`, in a switchover and before anything is stopped: only the checks that a switchover needs. What does not
//!   mend itself is refused at once, by name; lag and jobs that end by themselves are waited for, shortly; a person may
//!   accept lag by name. "Cannot tell" never lets a switchover through.
//! - `report`, in protect and check-readiness: every check, written to the run's readiness record. It never refuses: in
//!   a failover preconditions are findings.
//!
//! The checks only read. Rights to change are not tried: the reads share their policies.

pub mod checks;
mod decide;
mod observed;
mod table;
mod words;

use std::marker::PhantomData;

use mmdr_core::ports::*;
use mmdr_core::{CallError, Look, Permit, Place, Run, Step, StepError, StepName, Store, Verdict, entry, records};
use serde_json::Value;

pub use observed::{Observed, RegionSeen};
pub use table::{Area, Check, Gate};
pub use words::{Action, Part, Refusal, Waiting};

/// Everything that the checks read, in both Regions.
pub trait AllReads:
    LedgerReads
    + RecordReads
    + DatabaseReads
    + SearchReads
    + FileReads
    + NodeReads
    + SchedulerReads
    + ApplicationReads
    + DnsReads
    + WitnessReads
    + BackupReads
    + NoticeReads
{
}
impl<T> AllReads for T where
    T: LedgerReads
        + RecordReads
        + DatabaseReads
        + SearchReads
        + FileReads
        + NodeReads
        + SchedulerReads
        + ApplicationReads
        + DnsReads
        + WitnessReads
        + BackupReads
        + NoticeReads
{
}

/// Seconds that the gate waits for lag, for jobs and for answers: short, because nothing has been stopped yet and the
/// person who started the switchover is watching.
pub const GATE_S: u32 = 120;

/// The step.
#[derive(Debug)]
pub struct CheckReadiness<R, W>(PhantomData<(R, W)>);

impl<R: AllReads, W: RecordWrites> Step for CheckReadiness<R, W> {
    const NAME: StepName = StepName::CheckReadiness;
    type Part = Part;
    type Reads = R;
    type Writes = W;
    type Observed = Observed;
    type Action = Action;
    type Waiting = Waiting;
    type Refusal = Refusal;
    type Receipt = ();

    async fn observe(reads: &R, run: &Run, part: &Part, look: &Look<()>) -> Result<Observed, StepError> {
        observed::observe(reads, run, *part, look.now).await
    }

    fn decide(run: &Run, part: &Part, seen: &Observed) -> Verdict<Action, Waiting, Refusal> {
        decide::decide(run, *part, seen)
    }

    async fn act(writes: &W, _: Permit, _: &Part, action: &Action) -> Result<(), CallError> {
        let Action::WriteReport { region, key, readiness } = action;
        records::put(writes, region, key, readiness).await
    }

    fn bound_s(run: &Run, part: &Part) -> u32 {
        match part {
            Part::Gate => GATE_S,
            Part::Report => run.deployment.policy.bounds.other_s,
        }
    }

    fn already(run: &Run, part: &Part, seen: &Observed) -> String {
        decide::already(run, *part, seen)
    }
}

/// The function's entry: one look, from the event as it comes in to the answer as it goes out.
///
/// Errors: [`StepError`], by its stable names.
pub async fn serve<P>(ports: &P, place: &Place, event: Value) -> Result<Value, StepError>
where
    P: Store,
    CheckReadiness<P, P>: Step<Reads = P, Writes = P>,
{
    entry::look::<CheckReadiness<P, P>>(ports, place, event).await
}

#[cfg(test)]
mod tests;
