//! Exchanges the DNS roles in peace time, so that the next flip needs no control plane.
//!
//! Runbook, "Active/passive DR deployment on AWS", *Testing end to end*: *"You can use DNS to easily switch between
//! PRIMARY to SECONDARY during a failover."* A flip by take-over flag is one shot per arming: after a move the roles
//! must be exchanged, so that PRIMARY is the writer's record again and its health check watches the flag in the new
//! standby.
//!
//! The order keeps every moment away from the passive Region (`flip-dns` holds the model and tests it):
//!
//! 1. the flag of the standby, which will be watched next, is cleared, and its ledger will not publish it again;
//! 2. it has been clear for [`SETTLED_S`] seconds, because a health check follows its metric with delay;
//! 3. the records are exchanged: PRIMARY is the writer, watched by the standby's flag;
//! 4. the resolvers give the writer, and the exchange is [`PROPAGATED_S`] seconds old: every name server has it;
//! 5. the own flag, which nobody watches any more, is cleared for the next time.
//!
//! Route 53's write API lives in us-east-1 (AWS Fault Isolation Boundaries, "Global services"). Where it does not
//! answer the name stays where it is, and the bound makes a finding of it: arming never stops a run.

mod decide;
mod observed;
mod words;

use std::marker::PhantomData;

use mmdr_core::ports::{DatabaseReads, DnsReads, DnsWrites, LedgerReads};
use mmdr_core::records::facts;
use mmdr_core::{
    Assumption, CallError, LedgerMark, Look, Permit, Place, Run, Step, StepError, StepName, Store, Verdict, Whole,
    entry,
};
use serde_json::Value;

pub use decide::{PROPAGATED_S, SETTLED_S};
pub use observed::{Observed, Receipt};
pub use words::{Action, Refusal, Waiting};

/// The step, over the ports that it needs.
pub struct ArmDns<R, W>(PhantomData<(R, W)>);

impl<R, W> Step for ArmDns<R, W>
where
    R: DnsReads + DatabaseReads + LedgerReads,
    W: DnsWrites,
{
    const NAME: StepName = StepName::ArmDns;
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
            Action::ClearFlag { region } => {
                writes.publish_flag(region, false).await?;
                Ok(Receipt { cleared: Some(region.clone()) })
            }
            Action::ExchangeRecords { primary } => {
                writes.exchange_records(primary).await?;
                Ok(Receipt { cleared: None })
            }
        }
    }

    fn bound_s(run: &Run, _part: &Whole) -> u32 {
        run.deployment.policy.bounds.dns_s
    }

    /// The own flag is kept in the ledger, from which it is published again each minute, and so is the time of the
    /// exchange.
    fn ledger_mark(run: &Run, _part: &Whole, action: &Action) -> Option<LedgerMark> {
        match action {
            Action::ClearFlag { region } if region == run.own() => Some(LedgerMark::Flag { taken_over: false }),
            Action::ClearFlag { .. } => None,
            Action::ExchangeRecords { primary } => Some(LedgerMark::Armed { primary: primary.clone() }),
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
    ArmDns<P, P>: Step<Reads = P, Writes = P>,
{
    entry::look::<ArmDns<P, P>>(ports, place, event).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use mmdr_cases::Nobody;

    #[test]
    fn every_case_is_decided_as_written() {
        mmdr_cases::check::<ArmDns<Nobody, Nobody>>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
    }
}
