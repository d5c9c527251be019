//! Closes a run: its report, the notice, and the ledgers.
//!
//! Mattermost's runbook ends with people writing down what they did. Here every look was written down when it was made;
//! this step reads all of it and says in one page how the run ended, where the time went, what may be lost and where it
//! lies, and which parts of the machine left no evidence at all ("did not answer").
//!
//! - The ending follows from the evidence and the own ledger's phase. A run whose database call was sent and whose
//!   outcome is not known ends "stopped: ask Aurora, then resume", whatever else happened.
//! - Both ledgers are written under the condition of the version that was looked at (`PutObject` with `If-Match`,
//!   Amazon S3 API), and only where they still name this run. A run that was superseded or gave way touches nothing
//!   that belongs to another.
//! - The notice comes before the ledger is closed: a crash in between tells people twice and never not at all.
//! - A dry run writes its report under `dry-run/` and nothing else.

mod account;
mod decide;
mod ending;
mod filing;
mod look;
mod observed;
mod parts;
mod words;

use std::marker::PhantomData;

use mmdr_core::ports::{LedgerReads, LedgerWrites, NoticeWrites, RecordReads, RecordWrites};
use mmdr_core::{
    Answer, CallError, Fault, Look, Payload, Permit, Place, Run, Step, StepError, StepName, Store, Verdict, Whole,
    entry, records, run_of, run_step_for,
};
use serde_json::{Value, json};

pub use observed::{Filed, Looked, Observed, Receipt};
pub use parts::{PartOf, When, parts_of};
pub use words::{Action, Filing, LedgerWrite, Refusal, Waiting};

/// The step.
pub struct CloseRun<R, W>(PhantomData<(R, W)>);

/// The Lambda's entry: like [`mmdr_core::run_step`], and it also hands the step what the machine's last look said, which
/// is the only trace of a branch that was caught.
///
/// Errors: [`StepError::BadInput`] where the payload does not fit, and whatever [`run_step_for`] gives.
pub async fn handle<R, W>(
    store: &impl Store,
    reads: &R,
    writes: &W,
    place: &Place,
    payload: Payload,
) -> Result<Answer, StepError>
where
    R: LedgerReads + RecordReads,
    W: LedgerWrites + RecordWrites + NoticeWrites,
{
    let run = run_of(&payload, place)?;
    let last = payload.previous.as_ref().filter(|previous| previous.step != StepName::CloseRun);
    let input = last.map(|previous| json!(previous));
    run_step_for::<CloseRun<R, W>>(store, reads, writes, place, run, payload, input).await
}

impl<R, W> Step for CloseRun<R, W>
where
    R: LedgerReads + RecordReads,
    W: LedgerWrites + RecordWrites + NoticeWrites,
{
    const NAME: StepName = StepName::CloseRun;
    type Part = Whole;
    type Reads = R;
    type Writes = W;
    type Observed = Observed;
    type Action = Action;
    type Waiting = Waiting;
    type Refusal = Refusal;
    type Receipt = Receipt;

    async fn observe(reads: &R, run: &Run, _part: &Whole, look: &Look<Receipt>) -> Result<Observed, StepError> {
        look::observe(reads, run, look).await
    }

    fn decide(run: &Run, _part: &Whole, seen: &Observed) -> Verdict<Action, Waiting, Refusal> {
        decide::decide(run, seen)
    }

    async fn act(writes: &W, _permit: Permit, _part: &Whole, action: &Action) -> Result<Receipt, CallError> {
        match action {
            Action::File(filing) => {
                if let Some((key, lost)) = &filing.lost {
                    records::put(writes, &filing.region, key, lost).await?;
                }
                let page = mmdr_report::page(&filing.report);
                writes.put_text(&filing.region, &filing.page_key, &page).await?;
                // Last of all: the next look takes the report as the sign that all three are there.
                records::put(writes, &filing.region, &filing.report_key, &filing.report).await?;
                Ok(Receipt::default())
            }
            Action::Tell { region, subject, text } => {
                // A topic that refuses would keep every run from closing, and so the next move from opening.
                match writes.notify(region, subject, text).await {
                    Err(error) if !error.is_look_again() => {
                        Ok(Receipt { told: true, not_told: Some(error.to_string()), ..Receipt::default() })
                    }
                    told => told.map(|()| Receipt { told: true, ..Receipt::default() }),
                }
            }
            Action::CloseOwn(write) => {
                writes.write_ledger(&write.region, &write.ledger, Some(&write.version)).await?;
                Ok(Receipt { told: true, not_told: write.not_told.clone(), ..Receipt::default() })
            }
            Action::CloseOther(write) => {
                let mut receipt = Receipt { told: true, not_told: write.not_told.clone(), ..Receipt::default() };
                match writes.write_ledger(&write.region, &write.ledger, Some(&write.version)).await {
                    Err(error) if error.fault != Fault::Conflict => receipt.other_not_closed = Some(error.to_string()),
                    written => written.map(|_| ())?,
                }
                Ok(receipt)
            }
        }
    }

    /// A run that lost its lease is reported too. The ledgers are protected by their versions, not by a permit.
    fn needs_lease(_run: &Run) -> bool {
        false
    }

    fn acts_in_dry_run(action: &Action) -> bool {
        matches!(action, Action::File(_))
    }

    fn already(run: &Run, _part: &Whole, seen: &Observed) -> String {
        let ending = seen.filed.as_ref().map_or("reported", |filed| mmdr_report::ending_in_words(filed.ending));
        let why = seen.other.why().or(seen.receipt.other_not_closed.as_deref());
        let mut sentence = ending.to_owned();
        if let Some(why) = why.filter(|_| run.kind.takes_epoch() && !run.dry_run) {
            sentence += &format!("; the ledger in {} does not know it yet ({why})", run.other());
        }
        if let Some(why) = &seen.receipt.not_told {
            sentence += &format!("; people were not told of it: {why}");
        }
        sentence
    }
}

/// The function's entry: one look, from the event as it comes in to the answer as it goes out.
///
/// Errors: [`StepError`], by its stable names.
pub async fn serve<P>(ports: &P, place: &Place, event: Value) -> Result<Value, StepError>
where
    P: Store + NoticeWrites,
{
    entry::answer(handle::<P, P>(ports, ports, ports, place, entry::payload(event)?).await?)
}

#[cfg(test)]
mod tests;
