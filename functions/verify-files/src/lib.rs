//! Proves both directions of file replication.
//!
//! The runbook (Mattermost docs, "Active/passive DR deployment on AWS") sets up S3 replication both ways with replica
//! modification sync and then trusts it. This step looks:
//!
//! - `gate`, before a switchover stops anything: both directions are set up, little is pending, nothing has failed;
//! - `drained`, with the old side's nodes stopped: pending and failed are 0, *measured after the stop*;
//! - `both-ways`, after a move and in peace time: versioning, rules, delete markers, metrics, existing objects.
//!
//! Facts (S3 User Guide): pending operations appear in the destination's Region and failed ones in the source's
//! (`repl-metrics`), so a standby sees how far behind it is after its source has died; while the other Region is down
//! an object stays PENDING and goes on later, whereas FAILED stays until a batch replicates it (`replication-status`); a rule
//! never picks up objects older than itself (`replication-what-is-isnot-replicated`). A metric without data is
//! not zero: nobody knows.

pub mod configuration;
pub mod observed;
pub mod words;

mod decide;
/// The function's entry: one look, from the event as it comes in to the answer as it goes out.
///
/// Errors: [`StepError`], by its stable names.
pub async fn serve<P>(ports: &P, place: &Place, event: Value) -> Result<Value, StepError>
where
    P: Store,
    VerifyFiles<P, P>: Step<Reads = P, Writes = P>,
{
    entry::look::<VerifyFiles<P, P>>(ports, place, event).await
}

#[cfg(test)]
mod tests;

use std::marker::PhantomData;

use mmdr_core::ports::{FileReads, FileWrites, NodeReads, RecordReads, RecordWrites};
use mmdr_core::records::facts;
use mmdr_core::{
    Acceptance, Assumption, CallError, Look, Permit, Place, Run, Step, StepError, StepName, Store, Verdict, entry,
    records,
};
use serde_json::{Value, json};

pub use observed::Observed;
pub use words::{Action, Part, Refusal, Waiting};

/// The step, over its ports.
#[derive(Debug)]
pub struct VerifyFiles<R, W>(PhantomData<(R, W)>);

impl<R, W> Step for VerifyFiles<R, W>
where
    R: FileReads + NodeReads + RecordReads,
    W: FileWrites + RecordWrites,
{
    const NAME: StepName = StepName::VerifyFiles;
    type Part = Part;
    type Reads = R;
    type Writes = W;
    type Observed = Observed;
    type Action = Action;
    type Waiting = Waiting;
    type Refusal = Refusal;
    type Receipt = ();

    async fn observe(reads: &R, run: &Run, part: &Part, look: &Look<()>) -> Result<Observed, StepError> {
        observed::observe(reads, run, *part, look).await
    }

    fn decide(run: &Run, part: &Part, seen: &Observed) -> Verdict<Action, Waiting, Refusal> {
        match part {
            Part::Gate => decide::gate(run, seen),
            Part::Drained => decide::drained(run, seen),
            Part::BothWays => decide::both_ways(run, seen),
        }
    }

    async fn act(writes: &W, permit: Permit, _part: &Part, action: &Action) -> Result<(), CallError> {
        match action {
            Action::WriteProof { region, key, proof } => records::put(writes, region, key, proof).await,
            Action::PutProbe { source } => writes.put_probe_object(source).await,
            Action::PutReplication { source, destination, .. } => writes.put_replication(source, destination).await,
            // The job first: killed in between, a second job copies nothing twice; the other way round there is none.
            Action::ReplicateExisting { source, own, key, .. } => {
                writes.replicate_existing(source).await?;
                records::put(writes, own, key, &json!({ "asked_at": permit.at() })).await
            }
        }
    }

    fn bound_s(run: &Run, part: &Part) -> u32 {
        let bounds = &run.deployment.policy.bounds;
        if *part == Part::Drained { bounds.prove_s } else { bounds.other_s }
    }

    fn already(run: &Run, part: &Part, seen: &Observed) -> String {
        let (from, to) = (run.other(), run.own());
        match part {
            Part::Gate | Part::Drained if run.forward_only => {
                "the run that this one continues had reached its database call: files are not proven again".into()
            }
            Part::Gate if run.accepts(Acceptance::Lag) => {
                format!("files are replicated both ways; {} are pending or failed, accepted by name", lag(seen))
            }
            Part::Gate => "files are replicated both ways, nothing stands in the way".into(),
            Part::Drained => format!("no file is on its way from {from} to {to}"),
            Part::BothWays => both_ways(seen),
        }
    }

    fn assume(seen: &mut Observed, assumed: &[Assumption]) {
        seen.overlay(assumed);
    }

    fn effect(_run: &Run, _part: &Part, action: &Action) -> Vec<Assumption> {
        match action {
            // The list replaces the one before it: search has been proven when the files are.
            Action::WriteProof { .. } => {
                let value = json!([records::SEARCH_PROOF, records::FILES_PROOF]);
                vec![Assumption { fact: facts::RECORDS.into(), value }]
            }
            Action::PutProbe { .. } | Action::PutReplication { .. } | Action::ReplicateExisting { .. } => Vec::new(),
        }
    }
}

fn lag(seen: &Observed) -> u64 {
    let samples = [&seen.pending, &seen.failed].into_iter().filter_map(|seen| seen.value().copied().flatten());
    samples.map(|sample| decide::count(&sample)).sum()
}

fn both_ways(seen: &Observed) -> String {
    let on_the_way: Vec<&str> = seen.batches_asked.iter().map(mmdr_core::Region::as_str).collect();
    let blind = [&seen.failed_here, &seen.failed].into_iter().any(|seen| seen.value().copied().flatten().is_none());
    let mut sentence = "files are replicated both ways".to_owned();
    if !on_the_way.is_empty() {
        sentence += &format!("; a batch brings existing and failed files out of {}", on_the_way.join(" and "));
    }
    if blind {
        sentence += "; nobody can tell whether operations failed";
    }
    sentence
}
