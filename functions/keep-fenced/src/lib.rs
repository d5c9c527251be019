//! Keeps the passive Region stopped: each minute, in each stack, on positive readings only.
//!
//! Runbook: "set JobSettings.RunScheduler to false on all nodes in the secondary region … deactivate it for the new
//! secondary region". Here that means that no application process runs in a Region that does not write: the flags are
//! read only at a process's start, and three recurring tasks obey none of them (Mattermost `server.go`, `runJobs`).
//!
//! The check is [`mmdr_fence::may_run`], the same one that a node asks before it starts and before it obeys a stop. It
//! stops nothing on a claimed epoch, a running move, a missing ledger or an error, and it starts nothing, ever. A hold
//! does not silence it.
//!
//! Each invocation is one look, so what the first positive look saw is kept in a small record.

mod decide;
mod observed;
mod words;

use std::marker::PhantomData;

use mmdr_core::ports::{
    DatabaseReads, LedgerReads, NodeReads, NodeWrites, RecordReads, RecordWrites, SchedulerReads, SchedulerWrites,
};
use mmdr_core::{
    CallError, Look, Permit, Place, Run, Step, StepError, StepName, Store, Verdict, Whole, entry, records,
};
use serde_json::Value;

pub use observed::{FirstLook, NOTE, Observed};
pub use words::{Action, Refusal, Waiting};

/// The step, over its ports.
pub struct KeepFenced<R, W>(PhantomData<(R, W)>);

impl<R, W> Step for KeepFenced<R, W>
where
    R: DatabaseReads + LedgerReads + NodeReads + SchedulerReads + RecordReads,
    W: NodeWrites + SchedulerWrites + RecordWrites,
{
    const NAME: StepName = StepName::KeepFenced;
    type Part = Whole;
    type Reads = R;
    type Writes = W;
    type Observed = Observed;
    type Action = Action;
    type Waiting = Waiting;
    type Refusal = Refusal;
    /// Invocations share nothing but the record.
    type Receipt = ();

    async fn observe(reads: &R, run: &Run, _part: &Whole, look: &Look<()>) -> Result<Observed, StepError> {
        Ok(observed::observe(reads, run, look.now).await)
    }

    fn decide(_run: &Run, _part: &Whole, seen: &Observed) -> Verdict<Action, Waiting, Refusal> {
        decide::decide(seen)
    }

    async fn act(writes: &W, _permit: Permit, _part: &Whole, action: &Action) -> Result<(), CallError> {
        match action {
            Action::Note { region, elsewhere_since } => {
                let note = FirstLook { elsewhere_since: *elsewhere_since };
                records::put(writes, region, NOTE, &note).await
            }
            Action::StopNodes { region, ids, epoch, .. } => writes.stop(region, ids, *epoch, true).await,
            Action::FlagsOff { region, flags, .. } => writes.write_job_flags(region, *flags).await,
            Action::NoJobServer { region, .. } => writes.scale_job_server(region, 0).await,
        }
    }

    fn already(_run: &Run, _part: &Whole, seen: &Observed) -> String {
        match mmdr_fence::may_run(&seen.view) {
            mmdr_fence::MayRun::No(proof) => format!("nothing runs here: {proof}"),
            mmdr_fence::MayRun::NoAtFirstLook { writer } => {
                format!("nothing runs here; RDS names {writer} as the writer")
            }
            answer => format!("leaves {} as it is: {answer}", seen.view.own),
        }
    }
}

/// The function's entry: one look, from the event as it comes in to the answer as it goes out.
///
/// Errors: [`StepError`], by its stable names.
pub async fn serve<P>(ports: &P, place: &Place, _event: Value) -> Result<Value, StepError>
where
    P: Store,
    KeepFenced<P, P>: Step<Reads = P, Writes = P>,
{
    entry::duty::<KeepFenced<P, P>>(ports, place).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use mmdr_cases::Nobody;

    #[test]
    fn every_decision_case_is_decided_as_written() {
        let count = mmdr_cases::check::<KeepFenced<Nobody, Nobody>>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
        assert!(count >= 15, "{count}");
    }
}
