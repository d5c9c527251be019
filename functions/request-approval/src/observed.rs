//! Everything that request-approval looks at.

use mmdr_core::ports::{LedgerReads, RecordReads};
use mmdr_core::records::{self, ApprovalAnswer, Diagnosis, LostMessages, Question, SearchDivergence};
use mmdr_core::{Epoch, Kind, Look, Run, StepError, Time};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::decide;
use crate::reply::Reply;
use crate::words::Part;

/// What an act leaves: a hint for the next look.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// Digest of the question of which people were told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<String>,
    /// Why the topic refused to tell them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_told: Option<String>,
    /// The waiting task was woken, or its token was dead.
    #[serde(default)]
    pub woken: bool,
}

/// What only the Region that returns has in its search domain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Divergent {
    /// Indices that hold divergent operations.
    pub indices: u64,
    /// Divergent operations, deletions included.
    pub operations: u64,
    /// Documents that were exported.
    pub documents: u64,
}

impl Divergent {
    /// The sum of the record that `swap-search-leader: divergence` left.
    pub fn of(record: &SearchDivergence) -> Self {
        let mut sum = Self::default();
        for index in record.indices.values() {
            sum.indices += u64::from(index.operations > 0);
            sum.operations += index.operations;
            sum.documents += index.documents;
        }
        sum
    }
}

/// Everything that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Now.
    pub now: Time,
    /// The epoch that stands above the run's own in the own ledger, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overtaken_by: Option<Epoch>,
    /// The latest diagnosis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<Diagnosis>,
    /// Reprotect: what was exported before anything is replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub divergent: Option<Divergent>,
    /// Reprotect: what became of the lost writes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<LostMessages>,
    /// What was asked last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
    /// The token under which a task waits for the answer to that question; evidence never shows it.
    #[serde(default, skip_serializing)]
    pub waiting_token: Option<String>,
    /// The answer to that question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<ApprovalAnswer>,
    /// Whether it is written down that people were told of that question.
    #[serde(default)]
    pub told: bool,
    /// The token of this very task (`wait`); evidence never shows it.
    #[serde(default, skip_serializing)]
    pub own_token: Option<String>,
    /// What a person answers (`answer`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
    /// Whether the run that the reply names left any record in this Region (`answer`).
    #[serde(default)]
    pub run_is_known: bool,
    /// What the last act left.
    #[serde(default)]
    pub receipt: Receipt,
}

/// Looks. The own records and ledger are reads without which nothing can be decided.
pub(crate) async fn observe<R>(reads: &R, run: &Run, part: Part, look: &Look<Receipt>) -> Result<Observed, StepError>
where
    R: RecordReads + LedgerReads,
{
    let reply: Option<Reply> = look.input.clone().and_then(|input| serde_json::from_value(input).ok());
    let asked_by = reply.as_ref().map_or(&run.id, |reply| &reply.run);
    let prefix = records::prefix_of(asked_by, run.dry_run);
    let mut seen = Observed {
        now: look.now,
        overtaken_by: None,
        diagnosis: None,
        divergent: None,
        lost: None,
        question: record(reads, run, &prefix, records::QUESTION).await?,
        waiting_token: None,
        answer: None,
        told: false,
        own_token: look.token.clone(),
        reply,
        run_is_known: false,
        receipt: look.hint.clone().unwrap_or_default(),
    };
    match part {
        Part::Ask => judged(reads, run, &prefix, &mut seen).await?,
        Part::Wait => {}
        Part::Answer if seen.question.is_some() => seen.run_is_known = true,
        Part::Answer => {
            let keys = reads.record_keys(run.own(), &prefix).await.map_err(StepError::ReadFailed)?;
            seen.run_is_known = !keys.is_empty();
        }
    }
    if let Some(asked) = seen.question.clone() {
        answered(reads, run, &prefix, &asked, &mut seen).await?;
    }
    Ok(seen)
}

/// What a person judges, and whether the run may still ask.
async fn judged(
    reads: &(impl RecordReads + LedgerReads),
    run: &Run,
    prefix: &str,
    seen: &mut Observed,
) -> Result<(), StepError> {
    if run.kind == Kind::Reprotect {
        let found = records::read_own(reads, run, records::SEARCH_DIVERGENCE).await?;
        seen.divergent = found.as_ref().map(Divergent::of);
        seen.lost = records::read_own(reads, run, records::LOST_MESSAGES).await?;
    } else {
        seen.diagnosis = record(reads, run, prefix, records::DIAGNOSIS).await?;
    }
    if !decide::nobody_is_asked(run) {
        let own = reads.ledger(run.own()).await.map_err(StepError::ReadFailed)?;
        seen.overtaken_by = own.map(|own| own.ledger.claimed).filter(|claimed| *claimed > run.epoch);
    }
    Ok(())
}

/// The answer to the question, the token that waits for it, and whether people were told.
async fn answered(
    reads: &impl RecordReads,
    run: &Run,
    prefix: &str,
    asked: &Question,
    seen: &mut Observed,
) -> Result<(), StepError> {
    let kept: Option<Value> = record(reads, run, prefix, &asked.token_name()).await?;
    seen.waiting_token = kept.as_ref().and_then(|kept| kept["token"].as_str()).map(str::to_owned);
    seen.answer = record(reads, run, prefix, &asked.answer_name()).await?;
    let told: Option<Value> = record(reads, run, prefix, &asked.told_name()).await?;
    seen.told = told.is_some();
    Ok(())
}

/// A record of the run that is asked about: this one, or the one that a reply names.
async fn record<T: DeserializeOwned>(
    reads: &impl RecordReads,
    run: &Run,
    prefix: &str,
    name: &str,
) -> Result<Option<T>, StepError> {
    records::read(reads, run.own(), &format!("{prefix}{name}.json")).await
}
