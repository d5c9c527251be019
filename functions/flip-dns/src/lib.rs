//! Moves the public name to the Region that writes.
//!
//! Runbook, "Active/passive DR deployment on AWS", *Testing end to end*: *"You can use DNS to easily switch between
//! PRIMARY to SECONDARY during a failover."*
//!
//! - **Route 53's write API lives in us-east-1**; queries and health checks do not (AWS Fault Isolation Boundaries,
//!   "Global services"). So nothing is written to Route 53 on the worst day: PRIMARY is the old writer's record, its
//!   health check watches a take-over flag *in the standby Region*, and the flip publishes that flag (AWS blog,
//!   "Creating disaster recovery mechanisms using Amazon Route 53"). One shot per arming; arm-dns exchanges the roles.
//! - The flag is a CloudWatch metric, because a health check reads the metric's stream and not the alarm:
//!   `SetAlarmState` cannot flip it. Losing the flag's Region changes nothing, thanks to `LastKnownStatus`.
//! - **Never towards a Region that cannot write or does not serve.** "Cannot tell" waits.
//! - "Flipped" is said only when every resolver that answered gives this Region and the flag reads back.
//! - `records` is a policy of its own: the flip then depends on us-east-1, and every sentence says so.
//!
//! `truth-table.toml` has what Route 53 answers in every state of records and flag; tests hold it against Route 53's rules.

mod decide;
mod observed;
mod words;

use std::marker::PhantomData;

use mmdr_core::ports::{DatabaseReads, DnsReads, DnsWrites, LedgerReads, NodeReads};
use mmdr_core::records::facts;
use mmdr_core::{
    Assumption, CallError, LedgerMark, Look, Permit, Place, Run, Step, StepError, StepName, Store, Verdict, Whole,
    entry,
};
use serde_json::Value;

pub use observed::{Observed, Receipt};
pub use words::{Action, Refusal, Waiting};

/// The step, over the ports that it needs.
pub struct FlipDns<R, W>(PhantomData<(R, W)>);

impl<R, W> Step for FlipDns<R, W>
where
    R: DnsReads + DatabaseReads + NodeReads + LedgerReads,
    W: DnsWrites,
{
    const NAME: StepName = StepName::FlipDns;
    type Part = Whole;
    type Reads = R;
    type Writes = W;
    type Observed = Observed;
    type Action = Action;
    type Waiting = Waiting;
    type Refusal = Refusal;
    type Receipt = Receipt;

    async fn observe(reads: &R, run: &Run, _part: &Whole, look: &Look<Receipt>) -> Result<Observed, StepError> {
        Ok(observed::observe(reads, run, look).await)
    }

    fn decide(run: &Run, _part: &Whole, seen: &Observed) -> Verdict<Action, Waiting, Refusal> {
        decide::decide(run, seen)
    }

    async fn act(writes: &W, _permit: Permit, _part: &Whole, action: &Action) -> Result<Receipt, CallError> {
        match action {
            Action::PublishFlag { region, taken_over } => writes.publish_flag(region, *taken_over).await?,
            Action::ExchangeRecords { primary } => writes.exchange_records(primary).await?,
        }
        Ok(Receipt {})
    }

    fn bound_s(run: &Run, _part: &Whole) -> u32 {
        run.deployment.policy.bounds.dns_s
    }

    /// The own flag is kept in the ledger, from which it is published again each minute.
    fn ledger_mark(run: &Run, _part: &Whole, action: &Action) -> Option<LedgerMark> {
        match action {
            Action::PublishFlag { region, taken_over } if region == run.own() => {
                Some(LedgerMark::Flag { taken_over: *taken_over })
            }
            _ => None,
        }
    }

    fn already(run: &Run, _part: &Whole, seen: &Observed) -> String {
        decide::already(run, seen)
    }

    fn assume(seen: &mut Observed, assumed: &[Assumption]) {
        observed::assume(seen, assumed);
    }

    fn effect(run: &Run, _part: &Whole, _action: &Action) -> Vec<Assumption> {
        vec![Assumption { fact: facts::DNS_AT.into(), value: run.own().as_str().into() }]
    }
}

/// The function's entry: one look, from the event as it comes in to the answer as it goes out.
///
/// Errors: [`StepError`], by its stable names.
pub async fn serve<P>(ports: &P, place: &Place, event: Value) -> Result<Value, StepError>
where
    P: Store,
    FlipDns<P, P>: Step<Reads = P, Writes = P>,
{
    entry::look::<FlipDns<P, P>>(ports, place, event).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use mmdr_cases::Nobody;

    #[test]
    fn every_case_is_decided_as_written() {
        mmdr_cases::check::<FlipDns<Nobody, Nobody>>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
    }
}
