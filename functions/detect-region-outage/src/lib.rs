//! Names what is wrong with the writer Region, from independent witnesses.
//!
//! Runbook: the page has no such step; it begins with "when a failover happens". Who decides that one must happen is what
//! this step makes visible: each witness with its time and vantage, a table of diagnoses, one sentence.
//!
//! What it rests on:
//! - Detection is apart from recovery; diagnoses have names; "cannot tell" is one of them (orchestrator, VTOrc).
//! - Two places alone cannot tell "lost" from "cut off" (Patroni's documentation on two data centres): without a third
//!   Region's probe a machine goes on only where a person is asked.
//! - Signals that share a vantage count once; an observer without data never counts.
//! - A plain ping never touches the database, a deep one may be forwarded (Mattermost `getSystemPing`): neither alone
//!   says that a Region writes.
//! - The lag metric lives in the standby Region (Aurora User Guide, CloudWatch metrics for Aurora): it is a witness with
//!   a path of its own.
//!
//! The diagnosis must stand for two looks before it is recorded. `diagnose-again` never uses a record that is older
//! than its own first look.

mod decide;
mod observed;
mod words;

use std::marker::PhantomData;

use mmdr_core::ports::{
    ApplicationReads, DatabaseReads, DnsReads, FileReads, LedgerReads, NodeReads, RecordReads, RecordWrites,
    SearchReads, WitnessReads,
};
use mmdr_core::records::{self, facts};
use mmdr_core::{
    Assumption, CallError, LedgerMark, Look, Permit, Place, Run, Step, StepError, StepName, Store, Verdict, entry,
};
use mmdr_diagnosis::Witnesses;
use serde_json::Value;

pub use observed::{Observed, STANDING, Standing};
pub use words::{Action, Part, Refusal, Waiting};

/// The step, over its ports.
pub struct DetectRegionOutage<R, W>(PhantomData<(R, W)>);

impl<R, W> Step for DetectRegionOutage<R, W>
where
    R: WitnessReads
        + DatabaseReads
        + ApplicationReads
        + NodeReads
        + DnsReads
        + SearchReads
        + FileReads
        + LedgerReads
        + RecordReads,
    W: RecordWrites,
{
    const NAME: StepName = StepName::DetectRegionOutage;
    type Part = Part;
    type Reads = R;
    type Writes = W;
    type Observed = Observed;
    type Action = Action;
    type Waiting = Waiting;
    type Refusal = Refusal;
    /// The standing record says everything that a receipt could.
    type Receipt = ();

    async fn observe(reads: &R, run: &Run, part: &Part, look: &Look<()>) -> Result<Observed, StepError> {
        let witnesses = if run.forward_only {
            Witnesses::not_asked(&run.deployment, run.own(), "nobody was asked: nothing is promoted any more", look.now)
        } else {
            mmdr_diagnosis::look(reads, &run.deployment, run.own(), Some(&run.id), look.now).await
        };
        Ok(Observed {
            now: look.now,
            first_look: look.looks == 0,
            witnesses,
            standing: records::read(reads, run.own(), &observed::standing_key(run, *part)).await?,
            recorded: records::read(reads, run.own(), &records::key(run, records::DIAGNOSIS)).await?,
        })
    }

    fn decide(run: &Run, part: &Part, seen: &Observed) -> Verdict<Action, Waiting, Refusal> {
        decide::decide(run, *part, seen)
    }

    async fn act(writes: &W, _permit: Permit, _part: &Part, action: &Action) -> Result<(), CallError> {
        match action {
            Action::NoteLook { region, key, standing } => records::put(writes, region, key, standing).await,
            Action::Record { region, key, diagnosis } => records::put(writes, region, key, diagnosis).await,
        }
    }

    fn bound_s(run: &Run, _part: &Part) -> u32 {
        run.deployment.policy.bounds.diagnose_s
    }

    fn ledger_mark(_run: &Run, _part: &Part, action: &Action) -> Option<LedgerMark> {
        match action {
            Action::Record { diagnosis, .. } => Some(LedgerMark::Diagnosis { digest: diagnosis.digest.clone() }),
            Action::NoteLook { .. } => None,
        }
    }

    fn already(run: &Run, _part: &Part, seen: &Observed) -> String {
        match &seen.recorded {
            _ if run.finishes() => "the database is left as it is: no diagnosis is needed".into(),
            _ if run.forward_only => "the database call has been sent already: no diagnosis can stop it".into(),
            Some(diagnosis) => match diagnosis.forecast.at_least_s {
                Some(lost_s) => format!(
                    "{}; what was written in the last {lost_s} s at least is not known to have arrived",
                    diagnosis.sentence
                ),
                None => format!("{}; nobody can say what has not arrived", diagnosis.sentence),
            },
            None => "the diagnosis permits this run".into(),
        }
    }

    fn effect(_run: &Run, _part: &Part, action: &Action) -> Vec<Assumption> {
        let value = serde_json::to_value([records::DIAGNOSIS]).unwrap_or_default();
        match action {
            Action::Record { .. } => vec![Assumption { fact: facts::RECORDS.into(), value }],
            Action::NoteLook { .. } => Vec::new(),
        }
    }
}

/// The function's entry: one look, from the event as it comes in to the answer as it goes out.
///
/// Errors: [`StepError`], by its stable names.
pub async fn serve<P>(ports: &P, place: &Place, event: Value) -> Result<Value, StepError>
where
    P: Store,
    DetectRegionOutage<P, P>: Step<Reads = P, Writes = P>,
{
    entry::look::<DetectRegionOutage<P, P>>(ports, place, event).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use mmdr_cases::Nobody;

    #[test]
    fn every_decision_case_is_decided_as_written() {
        let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/cases");
        let count = mmdr_cases::check::<DetectRegionOutage<Nobody, Nobody>>(cases);
        assert!(count >= 15, "{count}");
    }

    #[test]
    fn every_part_is_read_back_from_its_name() {
        for part in [Part::Diagnose, Part::DiagnoseAgain] {
            assert_eq!(part.to_string().parse::<Part>(), Ok(part));
        }
        assert!("again".parse::<Part>().is_err());
    }
}
