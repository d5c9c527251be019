//! Exactly one Region runs jobs.
//!
//! Runbook, "Active/passive DR deployment on AWS", *Replicate job servers*: *"set JobSettings.RunScheduler to false on
//! all nodes in the secondary region. When a failover happens, you need to enable it for the new primary region, and
//! deactivate it for the new secondary region."*
//!
//! What that leaves out, and this step does:
//!
//! - **The flags are read once, at process start** (mattermost/mattermost `server/channels/app/server.go`, `runJobs`).
//!   A change through the API is stored and shown and changes nothing. So they are written *before* nodes start, into
//!   the parameter that each node's environment file is made from; roll-nodes restarts what started with other flags.
//! - **`RunScheduler` alone is not enough**: every node with `RunJobs` claims pending jobs from the shared database
//!   (`jobs/jobs_watcher.go`). Both flags are always written together, with the run's epoch beside them.
//! - **The API is never used**: a key that the environment overrides answers 200 to a patch and stays as it is
//!   (`server/config/store.go`), and with the file store and high availability the configuration is read-only.
//! - **A dedicated job server ignores the flags** (`cmd/mattermost/commands/jobserver.go`); it is scaled to 1 or 0.
//! - **A configuration in the database is one row for both Regions**: Region-specific keys that do not come from the
//!   environment are a finding.
//! - A missing parameter is not "off": Mattermost's own defaults are true and true (`server/public/model/config.go`).
//!
//! An older epoch never overwrites a newer one's flags, and every write is read back by the next look.

mod decide;
mod observed;
mod words;

use std::marker::PhantomData;

use mmdr_core::ports::{LedgerReads, SchedulerReads, SchedulerWrites};
use mmdr_core::records::facts;
use mmdr_core::{Assumption, CallError, Look, Permit, Place, Run, Step, StepError, StepName, Store, Verdict, entry};
use serde_json::Value;

pub use observed::{Observed, Receipt};
pub use words::{Action, Part, Refusal, Waiting};

/// The step, over the ports that it needs.
pub struct ToggleScheduler<R, W>(PhantomData<(R, W)>);

impl<R, W> Step for ToggleScheduler<R, W>
where
    R: SchedulerReads + LedgerReads,
    W: SchedulerWrites,
{
    const NAME: StepName = StepName::ToggleScheduler;
    type Part = Part;
    type Reads = R;
    type Writes = W;
    type Observed = Observed;
    type Action = Action;
    type Waiting = Waiting;
    type Refusal = Refusal;
    type Receipt = Receipt;

    async fn observe(reads: &R, run: &Run, part: &Part, look: &Look<Receipt>) -> Result<Observed, StepError> {
        Ok(observed::observe(reads, run, *part, look).await)
    }

    fn decide(run: &Run, part: &Part, seen: &Observed) -> Verdict<Action, Waiting, Refusal> {
        decide::decide(run, *part, seen)
    }

    async fn act(writes: &W, _permit: Permit, _part: &Part, action: &Action) -> Result<Receipt, CallError> {
        let (done, best_effort) = match action {
            Action::WriteFlags { region, flags, best_effort } => {
                (writes.write_job_flags(region, *flags).await, *best_effort)
            }
            Action::ScaleJobServer { region, replicas, best_effort } => {
                (writes.scale_job_server(region, *replicas).await, *best_effort)
            }
        };
        match done {
            Ok(()) => Ok(Receipt { failed: None }),
            Err(error) if best_effort => Ok(Receipt { failed: Some(error.to_string()) }),
            Err(error) => Err(error),
        }
    }

    fn already(run: &Run, part: &Part, seen: &Observed) -> String {
        decide::already(run, *part, seen)
    }

    fn effect(run: &Run, part: &Part, _action: &Action) -> Vec<Assumption> {
        let region = match part {
            Part::Activate => run.own(),
            Part::GiveBack => run.other(),
            // Whoever ran jobs still does until its nodes are stopped.
            Part::Quiesce => return Vec::new(),
        };
        vec![Assumption { fact: facts::JOBS_IN.into(), value: region.as_str().into() }]
    }
}

/// The function's entry: one look, from the event as it comes in to the answer as it goes out.
///
/// Errors: [`StepError`], by its stable names.
pub async fn serve<P>(ports: &P, place: &Place, event: Value) -> Result<Value, StepError>
where
    P: Store,
    ToggleScheduler<P, P>: Step<Reads = P, Writes = P>,
{
    entry::look::<ToggleScheduler<P, P>>(ports, place, event).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use mmdr_cases::Nobody;

    #[test]
    fn every_case_is_decided_as_written() {
        mmdr_cases::check::<ToggleScheduler<Nobody, Nobody>>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
    }

    #[test]
    fn a_part_is_read_back_from_its_own_name() {
        for part in Part::ALL {
            assert_eq!(part.to_string().parse::<Part>(), Ok(*part));
        }
        assert!("whole".parse::<Part>().is_err());
    }
}
