//! Stops, drains and starts the nodes of a Region.
//!
//! Runbook, "Active/passive DR deployment on AWS": *"Once you fail over the region, it will start working"* and
//! *"Websockets will still point to the old data center even if you have switched DNS. You need to roll over each app
//! node gradually to move those connections to the new data center."*
//!
//! Why it is more than that:
//!
//! - Scheduled posts, reminders and the expiry of "do not disturb" obey neither job flag (mattermost/mattermost
//!   `server/channels/app/server.go`, `runJobs`): two live Regions post scheduled messages twice. So **no process
//!   runs in the passive Region**; the flags come second.
//! - `POST /api/v4/restart` answers OK and does nothing: nodes are stopped and started through their platform.
//! - A stopped process sends its clients no close frame, and health check and sockets fail together: nodes are taken
//!   out of the load balancer first (`DeregisterTargets`).
//! - A start runs DDL unconditionally (morph `drivers/postgres/lock.go`: `CREATE TABLE IF NOT EXISTS db_lock`), so a
//!   node on a read-only database exits and its supervisor starts it again (`RestartSec=10` in the documented unit).
//!   That restart loop is normal, ends within about 10 s of the promotion, and is not the same as a broken node.
//! - The job flags are read once, at the start: a node that started with other flags, or before its database moved,
//!   is restarted, a batch at a time and never below the healthy minimum.
//! - Fencing a lost Region is tried and never waited for: AWS advises to take the application offline before a managed
//!   failover, and its own fencing is best effort (Aurora user guide, "disaster recovery"). The early stop carries no
//!   `fence_check`, since the lost Region's database still calls itself the writer and the check would stop nothing;
//!   it is sent only while the run has not settled, and what it stops late is started again by the run that goes on there.
//!   Once the database has moved, and in `keep-there-stopped`,
//!   every stop carries the check, because that Region may have become right again when the command arrives.

mod bring_up;
mod decide;
mod observed;
mod words;

use std::marker::PhantomData;

use mmdr_core::ports::{DatabaseReads, LedgerReads, NodeReads, NodeWrites, SchedulerReads};
use mmdr_core::records::facts;
use mmdr_core::{
    Assumption, CallError, Fault, Look, Permit, Place, Run, Step, StepError, StepName, Store, Verdict, entry,
};
use serde_json::Value;

pub use observed::{Observed, Receipt};
pub use words::{Action, Part, Refusal, Waiting};

/// The step, over the ports that it needs.
pub struct RollNodes<R, W>(PhantomData<(R, W)>);

/// How many times the fencing bound `fence-lost-beside` may take: shorter than a managed failover usually takes, so
/// that a silent Region never holds up the join.
const BESIDE_TIMES: u32 = 4;

/// Seconds that `fence-lost-beside` may take.
pub(crate) fn beside_s(run: &Run) -> u32 {
    let bounds = &run.deployment.policy.bounds;
    bounds.nodes_s.min(bounds.fence_s.saturating_mul(BESIDE_TIMES))
}

impl<R, W> Step for RollNodes<R, W>
where
    R: NodeReads + SchedulerReads + DatabaseReads + LedgerReads,
    W: NodeWrites,
{
    const NAME: StepName = StepName::RollNodes;
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
        let (done, ids, best_effort, stopped) = match action {
            Action::Deregister { region, ids } => (writes.deregister(region, ids).await, ids, false, false),
            Action::Register { region, ids } => (writes.register(region, ids).await, ids, false, false),
            Action::Start { region, ids, epoch, best_effort } => {
                (writes.start(region, ids, *epoch).await, ids, *best_effort, false)
            }
            Action::Stop { region, ids, epoch, fence_check, best_effort } => {
                (writes.stop(region, ids, *epoch, *fence_check).await, ids, *best_effort, true)
            }
        };
        match done {
            Ok(()) => Ok(Receipt { ids: ids.clone(), stopped, failed: None }),
            // What was told some is looked at; the next look knows of the others.
            Err(error) if best_effort || matches!(error.fault, Fault::Partly(_)) => {
                Ok(Receipt { ids: ids.clone(), stopped, failed: Some(error.to_string()) })
            }
            Err(error) => Err(error),
        }
    }

    fn bound_s(run: &Run, part: &Part) -> u32 {
        let bounds = &run.deployment.policy.bounds;
        match part {
            Part::FenceLost => bounds.fence_s,
            Part::FenceLostBeside => beside_s(run),
            _ => bounds.nodes_s,
        }
    }

    fn already(run: &Run, part: &Part, seen: &Observed) -> String {
        decide::already(run, *part, seen)
    }

    fn assume(seen: &mut Observed, assumed: &[Assumption]) {
        observed::assume(seen, assumed);
    }

    fn effect(run: &Run, part: &Part, _action: &Action) -> Vec<Assumption> {
        let fact = if part.starts() { facts::NODES_RUNNING } else { facts::NODES_STOPPED };
        vec![Assumption { fact: fact.into(), value: part.region(run).as_str().into() }]
    }
}

/// The function's entry: one look, from the event as it comes in to the answer as it goes out.
///
/// Errors: [`StepError`], by its stable names.
pub async fn serve<P>(ports: &P, place: &Place, event: Value) -> Result<Value, StepError>
where
    P: Store,
    RollNodes<P, P>: Step<Reads = P, Writes = P>,
{
    entry::look::<RollNodes<P, P>>(ports, place, event).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use mmdr_cases::Nobody;

    #[test]
    fn every_case_is_decided_as_written() {
        mmdr_cases::check::<RollNodes<Nobody, Nobody>>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
    }

    #[test]
    fn a_part_is_read_back_from_its_own_name() {
        for part in Part::ALL {
            assert_eq!(part.to_string().parse::<Part>(), Ok(*part));
        }
        assert!("whole".parse::<Part>().is_err());
    }
}
