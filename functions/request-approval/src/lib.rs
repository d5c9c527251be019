//! Asks a person before anything is lost, and takes the answer.
//!
//! Mattermost's runbook leaves the decision to fail over to the people on the call. Here the question shows them what
//! they decide on: the diagnosis, what would be lost at least, which files had not arrived, and which witnesses are
//! silent. Three parts:
//!
//! - `ask` decides: granted, denied, expired, or a question that is written and told;
//! - `wait` is the only task that waits for a token (Step Functions, "Wait for a callback with the task token"): it
//!   only keeps the token beside the question. Answer and time-out both lead back to `ask`;
//! - `answer` runs in a machine of its own, so that a move's start input can never approve itself.
//!
//! **The token wakes, the object decides.** The answer is one object, created only where none is (`PutObject` with
//! `If-None-Match: *`, Amazon S3 API): the first answer stands, however many people answer and however often a
//! function runs. `SendTaskSuccess` on a token that is dead (`InvalidToken`, `TaskTimedOut`, `TaskDoesNotExist`) is no
//! error.
//!
//! The machine's choice after `ask`: `Already` goes on; `Wait` with the code `AwaitsAnswer` goes to `wait`; any other
//! `Wait` and `Acted` look again.

mod decide;
mod observed;
mod question;
mod reply;
mod words;

use std::marker::PhantomData;

use mmdr_core::ports::{ExecutionWrites, LedgerReads, NoticeWrites, RecordReads, RecordWrites};
use mmdr_core::{
    CallError, LedgerMark, Look, Payload, Permit, Place, Previous, Run, Step, StepError, StepName, Store, Verdict,
    entry, records, run_standing, run_step,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use observed::{Divergent, Observed, Receipt};
pub use reply::Reply;
pub use words::{Action, Part, Refusal, Waiting};

/// The step.
pub struct RequestApproval<R, W>(PhantomData<(R, W)>);

/// What answer-approval's machine carries: it goes in as `{run: {run, decision, reason, digest}, part: "answer", previous?}` and
/// comes out as this, so that the reply is still there when the machine looks again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// The reply, as it came in.
    pub run: Reply,
    /// The look that was just made.
    pub previous: Previous,
}

/// The entry of answer-approval: the payload's `run` is a person's `{run, decision, reason, digest}`, not yet checked.
///
/// Errors: [`StepError::BadInput`] where it does not fit (nothing is written then), and whatever [`run_standing`] gives.
pub async fn handle_answer<R, W>(
    store: &impl Store,
    reads: &R,
    writes: &W,
    place: &Place,
    payload: Payload,
) -> Result<Answered, StepError>
where
    R: RecordReads + LedgerReads,
    W: RecordWrites + NoticeWrites + ExecutionWrites,
{
    if payload.part != Part::Answer.to_string() {
        return Err(StepError::BadInput(format!("part: expected answer, found {:?}", payload.part)));
    }
    let reply = Reply::parse(&payload.run)?;
    let input = serde_json::to_value(&reply).ok();
    let answer = run_standing::<RequestApproval<R, W>>(store, reads, writes, place, payload, input).await?;
    Ok(Answered { run: reply, previous: answer.previous })
}

impl<R, W> Step for RequestApproval<R, W>
where
    R: RecordReads + LedgerReads,
    W: RecordWrites + NoticeWrites + ExecutionWrites,
{
    const NAME: StepName = StepName::RequestApproval;
    type Part = Part;
    type Reads = R;
    type Writes = W;
    type Observed = Observed;
    type Action = Action;
    type Waiting = Waiting;
    type Refusal = Refusal;
    type Receipt = Receipt;

    async fn observe(reads: &R, run: &Run, part: &Part, look: &Look<Receipt>) -> Result<Observed, StepError> {
        observed::observe(reads, run, *part, look).await
    }

    fn decide(run: &Run, part: &Part, seen: &Observed) -> Verdict<Action, Waiting, Refusal> {
        match part {
            Part::Ask => decide::ask(run, seen),
            Part::Wait => decide::wait(run, seen),
            Part::Answer => decide::answer(run, seen),
        }
    }

    async fn act(writes: &W, _permit: Permit, _part: &Part, action: &Action) -> Result<Receipt, CallError> {
        match action {
            Action::WriteQuestion { region, key, question, .. } => {
                records::put(writes, region, key, question).await?;
            }
            Action::Tell { region, subject, text, digest, .. } => {
                // A topic that refuses does not end a failover: whoever stands ready is shown the question by `mmdr approve RUN`.
                let not_told = match writes.notify(region, subject, text).await {
                    Err(error) if !error.is_look_again() => Some(error.to_string()),
                    told => told.map(|()| None)?,
                };
                return Ok(Receipt { told: Some(digest.clone()), not_told, woken: false });
            }
            Action::NoteTold { region, key, at, not_told } => {
                let note = match not_told {
                    None => json!({ "at": at }),
                    Some(why) => json!({ "at": at, "not_told": why }),
                };
                records::put(writes, region, key, &note).await?;
            }
            Action::KeepToken { region, key, token } => {
                records::put(writes, region, key, &json!({ "token": token.0 })).await?;
            }
            Action::Wake { region, token } => {
                writes.wake(region, &token.0, &json!({})).await?;
                return Ok(Receipt { woken: true, ..Receipt::default() });
            }
            Action::CreateAnswer { region, key, answer, .. } => {
                writes.create_record(region, key, &json!(answer)).await?;
            }
        }
        Ok(Receipt::default())
    }

    /// A question stands as long as the policy lets it; a minute more leads back to `ask`, which says "expired".
    fn bound_s(run: &Run, part: &Part) -> u32 {
        let other_s = run.deployment.policy.bounds.other_s;
        match part {
            Part::Ask => run.deployment.policy.approval_timeout_s.saturating_add(other_s),
            Part::Wait | Part::Answer => other_s,
        }
    }

    /// A denial silences the same diagnosis: the ledger says which one was asked about.
    fn ledger_mark(run: &Run, part: &Part, action: &Action) -> Option<LedgerMark> {
        let _ = (run, part);
        match action {
            Action::WriteQuestion { diagnosis: Some(digest), .. } | Action::Tell { diagnosis: Some(digest), .. } => {
                Some(LedgerMark::Diagnosis { digest: digest.clone() })
            }
            _ => None,
        }
    }

    fn already(run: &Run, part: &Part, seen: &Observed) -> String {
        match (part, &seen.answer) {
            (Part::Ask, _) if run.dry_run => "a dry run asks nobody".into(),
            (Part::Ask, _) if run.forward_only => "nothing is promoted any more, so nobody is asked".into(),
            (Part::Ask, Some(answer)) => format!("granted at {}: {}", answer.at, answer.reason),
            (Part::Ask, None) => format!("the policy asks nobody before this {}", run.kind),
            (Part::Wait, _) => "the question keeps this task's token".into(),
            (Part::Answer, Some(answer)) => format!("the answer stands: {} ({})", answer.decision, answer.reason),
            (Part::Answer, None) => "there is nothing to answer".into(),
        }
    }
}

/// The function's entry: one look, from the event as it comes in to the answer as it goes out.
///
/// Errors: [`StepError`], by its stable names.
pub async fn serve<P>(ports: &P, place: &Place, event: Value) -> Result<Value, StepError>
where
    P: Store + NoticeWrites + ExecutionWrites,
{
    let payload = entry::payload(event)?;
    if payload.part == Part::Answer.to_string() {
        return entry::answer(handle_answer::<P, P>(ports, ports, ports, place, payload).await?);
    }
    entry::answer(run_step::<RequestApproval<P, P>>(ports, ports, ports, place, payload).await?)
}

#[cfg(test)]
mod tests;
