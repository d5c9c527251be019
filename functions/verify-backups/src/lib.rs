//! Holds the newest recovery points against their age limits.
//!
//! The runbook (Mattermost docs, "Active/passive DR deployment on AWS") protects against a lost Region; replication carries
//! a deletion or a bad migration to the other Region within seconds. So each kind (database, configuration, search, files)
//! must have a recent recovery point in *both* Regions; what AWS Backup keeps, the database and the files, must also lie
//! off site, and its restores must have been tested: a point that was never restored is a hope.
//!
//! Facts: AWS recommends backups in every Region of a global database (AWS Backup guide, Amazon Aurora); an automated
//! search snapshot can only be restored in its own domain (OpenSearch Service guide, snapshots); a clone tests that data
//! can be read, not that a backup can be restored (Aurora guide, cloning), so only restore jobs with a validation count.
//!
//! Nothing is refused and nothing is waited for: what is wrong, and what nobody can tell, is a named finding in the
//! run's record.

pub mod observed;
pub mod words;

mod decide;
/// The function's entry: one look, from the event as it comes in to the answer as it goes out.
///
/// Errors: [`StepError`], by its stable names.
pub async fn serve<P>(ports: &P, place: &Place, event: Value) -> Result<Value, StepError>
where
    P: Store,
    VerifyBackups<P, P>: Step<Reads = P, Writes = P>,
{
    entry::look::<VerifyBackups<P, P>>(ports, place, event).await
}

#[cfg(test)]
mod tests;

use std::marker::PhantomData;

use mmdr_core::ports::{BackupReads, RecordReads, RecordWrites};
use mmdr_core::{
    CallError, Look, Permit, Place, Run, Step, StepError, StepName, Store, Verdict, Whole, entry, records,
};
use serde_json::Value;

pub use observed::Observed;
pub use words::{Action, Refusal, Waiting};

/// The step, over its ports.
#[derive(Debug)]
pub struct VerifyBackups<R, W>(PhantomData<(R, W)>);

impl<R: BackupReads + RecordReads, W: RecordWrites> Step for VerifyBackups<R, W> {
    const NAME: StepName = StepName::VerifyBackups;
    type Part = Whole;
    type Reads = R;
    type Writes = W;
    type Observed = Observed;
    type Action = Action;
    type Waiting = Waiting;
    type Refusal = Refusal;
    type Receipt = ();

    async fn observe(reads: &R, run: &Run, _part: &Whole, look: &Look<()>) -> Result<Observed, StepError> {
        observed::observe(reads, run, look).await
    }

    fn decide(run: &Run, _part: &Whole, seen: &Observed) -> Verdict<Action, Waiting, Refusal> {
        decide::decide(run, seen)
    }

    async fn act(writes: &W, _permit: Permit, _part: &Whole, action: &Action) -> Result<(), CallError> {
        let Action::WriteFindings { region, key, record } = action;
        records::put(writes, region, key, record).await
    }

    fn already(_run: &Run, _part: &Whole, seen: &Observed) -> String {
        seen.record.as_ref().map_or_else(|| "the backups were looked at".into(), words::summary)
    }
}
