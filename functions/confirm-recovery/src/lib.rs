//! Confirms that Mattermost works: from inside before the flip, from outside and with a job after it.
//!
//! Runbook, "Active/passive DR deployment on AWS", *Failover RDS to secondary*: *"everything should be functional. You
//! can read/write, upload images and everything should be replicated."* This step makes that sentence a proof.
//!
//! - **A plain ping proves nothing**: it never touches the database. The deep ping writes and deletes a row, but does
//!   not tell which Region is primary: with write forwarding an ex-primary answers OK (mattermost/mattermost
//!   `api4/system.go`, `getSystemPing`). So a post is written and read back at the Region's own address.
//! - **401 never means a revoked secret**: without its database Mattermost answers 401 to a right password and to a
//!   good token alike. It is looked at again until the bound.
//! - **Search is a finding**: a rejected bulk item is silently lost, and `ActiveSearchBackend` may say `database` for
//!   minutes (`app/platform/searchengine.go`). Files are a finding: the database and the nodes decide.
//! - **The job proof** uses a job of type `plugins`, whose worker is always on; `product_notices`, `expiry_notify` and
//!   `active_users` can stay pending for ever on healthy workers (`app/job.go`, `jobs/jobs_watcher.go`). Its success
//!   shows that some node claims jobs; that no other Region does is shown by its stopped nodes.
//!
//! Every probe is found again by its tag (run, epoch and part) or by its type and time, so a repeated look makes none
//! twice.

mod decide;
mod observed;
mod words;

use std::marker::PhantomData;

use mmdr_core::ports::{ApplicationReads, ApplicationWrites, DnsReads, LedgerReads, NodeReads};
use mmdr_core::{
    Assumption, CallError, Fault, Look, Permit, Place, Run, Step, StepError, StepName, Store, Verdict, entry,
};
use serde_json::Value;

pub use observed::{Observed, Probe, Receipt};
pub use words::{Action, Part, Refusal, Waiting};

/// The step, over the ports that it needs.
pub struct ConfirmRecovery<R, W>(PhantomData<(R, W)>);

impl<R, W> Step for ConfirmRecovery<R, W>
where
    R: ApplicationReads + DnsReads + NodeReads + LedgerReads,
    W: ApplicationWrites,
{
    const NAME: StepName = StepName::ConfirmRecovery;
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
        match action {
            Action::CreatePost { region, tag } => receipt(Probe::Post, writes.create_post(region, tag).await),
            Action::UploadFile { region, tag } => match writes.upload_file(region, tag).await {
                Ok(()) => Ok(Receipt { made: Probe::File, failed: None }),
                // Files never hold up a recovery.
                Err(error) => Ok(Receipt { made: Probe::File, failed: Some(error.to_string()) }),
            },
            Action::CreateCanaryJob { region } => match writes.create_canary_job(region).await {
                Ok(_) => Ok(Receipt { made: Probe::Job, failed: None }),
                Err(error) => Err(patient(error)),
            },
        }
    }

    fn bound_s(run: &Run, part: &Part) -> u32 {
        let bounds = &run.deployment.policy.bounds;
        if *part == Part::Outside { bounds.dns_s } else { bounds.other_s }
    }

    fn already(run: &Run, part: &Part, seen: &Observed) -> String {
        decide::already(run, *part, seen)
    }

    fn assume(seen: &mut Observed, assumed: &[Assumption]) {
        observed::assume(seen, assumed);
    }
}

/// What is wrong with the probe itself (no such channel) is noted and gone on from; everything else is asked again.
fn receipt(made: Probe, done: Result<(), CallError>) -> Result<Receipt, CallError> {
    match done {
        Ok(()) => Ok(Receipt { made, failed: None }),
        Err(error) if matches!(error.fault, Fault::Refused(_) | Fault::NotFound(_)) => {
            Ok(Receipt { made, failed: Some(error.to_string()) })
        }
        Err(error) => Err(patient(error)),
    }
}

/// "Not allowed" from Mattermost may only mean that it lost its database: look again.
fn patient(error: CallError) -> CallError {
    let fault = match error.fault {
        Fault::Denied(text) => Fault::LookAgain(format!("{text}; without its database Mattermost says the same")),
        other => other,
    };
    CallError { fault, ..error }
}

/// The function's entry: one look, from the event as it comes in to the answer as it goes out.
///
/// Errors: [`StepError`], by its stable names.
pub async fn serve<P>(ports: &P, place: &Place, event: Value) -> Result<Value, StepError>
where
    P: Store,
    ConfirmRecovery<P, P>: Step<Reads = P, Writes = P>,
{
    entry::look::<ConfirmRecovery<P, P>>(ports, place, event).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use mmdr_cases::Nobody;
    use mmdr_core::Region;

    #[test]
    fn every_case_is_decided_as_written() {
        mmdr_cases::check::<ConfirmRecovery<Nobody, Nobody>>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
    }

    #[test]
    fn the_part_that_tells_the_time_to_recover_is_called_as_the_shell_thinks() {
        let (step, part) = mmdr_core::codes::SERVED_AGAIN;
        assert_eq!((step, part.parse()), (ConfirmRecovery::<Nobody, Nobody>::NAME, Ok(Part::Outside)));
    }

    #[test]
    fn a_part_is_read_back_from_its_own_name() {
        for part in Part::ALL {
            assert_eq!(part.to_string().parse::<Part>(), Ok(*part));
        }
        assert!("whole".parse::<Part>().is_err());
    }

    fn error(fault: Fault) -> CallError {
        CallError { call: "mattermost:CreatePost".into(), region: Region::new("us-east-1"), fault }
    }

    #[test]
    fn a_401_is_looked_at_again_and_never_taken_for_a_revoked_secret() {
        let answer = receipt(Probe::Post, Err(error(Fault::Denied("401".into()))));
        assert!(answer.is_err_and(|error| error.is_look_again()));
    }

    #[test]
    fn a_probe_channel_that_is_not_there_is_noted_and_gone_on_from() {
        let answer = receipt(Probe::Post, Err(error(Fault::NotFound("channel".into()))));
        assert!(answer.is_ok_and(|receipt| receipt.failed.is_some()));
    }
}
