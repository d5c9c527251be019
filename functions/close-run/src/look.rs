//! Reads what the run left: ledgers, records, and the evidence of every look.

use std::collections::BTreeMap;

use mmdr_core::ports::{LedgerReads, RecordReads};
use mmdr_core::records::{self, ApprovalAnswer, Question};
use mmdr_core::{Evidence, Kind, Look, Run, Seen, StepError, StepName};
use mmdr_report::RunReport;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::decide::page_key;
use crate::filing;
use crate::observed::{Filed, Looked, Observed, Receipt};

/// Most of one part's evidence that the report repeats, in characters; the whole lies under its key.
const EVIDENCE_CHARACTERS: usize = 6_000;
/// Most looks that are read, the newest: what is left out of a run that looked more often is its beginning.
const LOOKS: usize = 2_000;

pub(crate) async fn observe(
    reads: &(impl LedgerReads + RecordReads),
    run: &Run,
    look: &Look<Receipt>,
) -> Result<Observed, StepError> {
    let own = reads.ledger(run.own()).await.map_err(StepError::ReadFailed)?;
    let other = Seen::from_call(reads.ledger(run.other()).await, look.now);
    let report: Option<RunReport> = record(reads, run, records::REPORT).await?;
    let filed = report.map(|report| {
        let (subject, text) = filing::notice(run, &report, &page_key(run));
        Filed { ending: report.ending, subject, text }
    });
    let last = look.input.clone().and_then(|input| serde_json::from_value(input).ok());
    let receipt = look.hint.clone().unwrap_or_default();
    let mut seen = Observed {
        now: look.now,
        own,
        other,
        filed,
        last,
        looks: Vec::new(),
        unreadable: Vec::new(),
        diagnosis: None,
        question: None,
        answer: None,
        fencing: None,
        lost: None,
        proof: None,
        readiness: None,
        backups: None,
        receipt,
    };
    if seen.filed.is_none() {
        seen.diagnosis = records::read_own_tolerant(reads, run, records::DIAGNOSIS).await?;
        seen.fencing = records::read_own_tolerant(reads, run, records::FENCING).await?;
        seen.proof = records::read_own_tolerant(reads, run, records::HAND_OVER_PROOF).await?;
        // What reprotect found of the lost writes stays true for the run that continues it; a move makes its account anew.
        seen.lost = match run.kind {
            Kind::Reprotect => records::read_own_tolerant(reads, run, records::LOST_MESSAGES).await?,
            _ => record(reads, run, records::LOST_MESSAGES).await?,
        };
        seen.readiness = record(reads, run, records::READINESS).await?;
        if run.kind == Kind::VerifyBackups {
            seen.backups = record(reads, run, records::BACKUPS).await?;
        }
        (seen.question, seen.answer) = asked(reads, run).await?;
        looks(reads, run, &mut seen).await?;
    }
    Ok(seen)
}

/// The last question and its answer.
async fn asked(reads: &impl RecordReads, run: &Run) -> Result<(Option<Question>, Option<ApprovalAnswer>), StepError> {
    let Some(question): Option<Question> = record(reads, run, records::QUESTION).await? else {
        return Ok((None, None));
    };
    let answer = record(reads, run, &question.answer_name()).await?;
    Ok((Some(question), answer))
}

/// Every look of every other step. What is seen by the last look of each part is kept, shortened.
async fn looks(reads: &impl RecordReads, run: &Run, seen: &mut Observed) -> Result<(), StepError> {
    let prefix = format!("{}evidence/", records::prefix(&run.ticket));
    let keys = reads.record_keys(run.own(), &prefix).await.map_err(StepError::ReadFailed)?;
    let too_many = keys.len().saturating_sub(LOOKS);
    let mut last_seen: BTreeMap<(StepName, String), (usize, Box<RawValue>)> = BTreeMap::new();
    for key in keys.into_iter().skip(too_many) {
        if key.contains(&format!("-{}-", StepName::CloseRun)) {
            continue;
        }
        let found = reads.text(run.own(), &key).await.map_err(StepError::ReadFailed)?;
        match found.map(|text| serde_json::from_str::<Evidence>(&text)) {
            Some(Ok(evidence)) => {
                let part = (evidence.previous.step, evidence.previous.part.clone());
                last_seen.insert(part, (seen.looks.len(), evidence.observed.clone()));
                seen.looks.push(looked(key, evidence));
            }
            Some(Err(_)) => seen.unreadable.push(key),
            None => {}
        }
    }
    for (at, observed) in last_seen.into_values() {
        if let Some(look) = seen.looks.get_mut(at) {
            look.evidence = shortened(&observed);
        }
    }
    seen.looks.sort_by_key(|look| look.at);
    Ok(())
}

/// What was seen, in so many characters at most.
fn shortened(observed: &RawValue) -> String {
    let mut observed: Value = serde_json::from_str(observed.get()).unwrap_or_default();
    hide_tokens(&mut observed);
    let mut text = serde_json::to_string_pretty(&observed).unwrap_or_default();
    if let Some((end, _)) = text.char_indices().nth(EVIDENCE_CHARACTERS) {
        text.truncate(end);
        text.push_str("\n…");
    }
    text
}

fn looked(key: String, evidence: Evidence) -> Looked {
    Looked {
        step: evidence.previous.step,
        part: evidence.previous.part,
        outcome: evidence.previous.outcome,
        code: evidence.previous.code,
        sentence: evidence.previous.sentence,
        first_look_at: evidence.previous.first_look_at,
        at: evidence.at,
        evidence: String::new(),
        key,
    }
}

/// A task token lets its bearer wake the run: it appears on no page.
fn hide_tokens(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if name.ends_with("token") && field.is_string() {
                    *field = Value::from("(not shown)");
                } else {
                    hide_tokens(field);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(hide_tokens),
        _ => {}
    }
}

/// A record that cannot be understood is like one that is not there: a report is always made.
async fn record<T: DeserializeOwned>(reads: &impl RecordReads, run: &Run, name: &str) -> Result<Option<T>, StepError> {
    records::read_tolerant(reads, run.own(), &records::key(run, name)).await
}
