//! Turns the direction of search replication.
//!
//! The runbook (Mattermost docs, "Active/passive DR deployment on AWS") removes the connection, stops `channels`,
//! `files` and `users`, deletes the auto-follow rule, and later deletes all indices of the old leader. This step differs
//! where the replication plugin does:
//!
//! - every `posts*` index is stopped too: deleting the rule stops no running follower;
//! - the connection goes last, or never: without it `_status` says "not in progress" of an index that is still a
//!   write-blocked follower, and on AWS replication cannot be resumed;
//! - whether an index follows is told by its setting `index.plugins.replication.follower.leader_index` being a
//!   string; whether it takes writes is told by a write probe that writes nothing;
//! - nothing is paused, stopped or deleted between the proof and the database call;
//! - nothing is deleted at the old leader that the [`guard`] does not let go.
//!
//! The parts, in the order of the machines: `save` | `fence`, `prove` → `promote-hot` → `promote-rest` → `reindex-gap` →
//! `follow-back`; `unblock` calls off; `connect` protects; `divergence` begins the rebuilding after a failover.
//!
//! Facts: OpenSearch cross-cluster-replication 2.19 source and executed runs of 2.19.4, as cited at each decision.

pub mod actions;
pub mod guard;
pub mod names;
pub mod observed;
pub mod words;

mod act;
mod connect;
mod divergence;
mod follow_back;
mod links;
mod look;
mod promote;
mod prove;
mod reindex;
/// The function's entry: one look, from the event as it comes in to the answer as it goes out.
///
/// Errors: [`StepError`], by its stable names.
pub async fn serve<P>(ports: &P, place: &Place, event: Value) -> Result<Value, StepError>
where
    P: Store,
    SwapSearchLeader<P, P>: Step<Reads = P, Writes = P>,
{
    entry::look::<SwapSearchLeader<P, P>>(ports, place, event).await
}

#[cfg(test)]
mod tests;

use std::marker::PhantomData;

use mmdr_core::ports::{
    ApplicationReads, ApplicationWrites, LedgerReads, RecordReads, RecordWrites, SearchReads, SearchWrites,
};
use mmdr_core::records::facts;
use mmdr_core::{
    Assumption, CallError, Look, Permit, Place, Run, Step, StepError, StepName, Store, Verdict, entry, records,
};
use serde_json::{Value, json};

pub use actions::{Action, Receipt};
pub use observed::Observed;
pub use words::{Part, Refusal, Waiting};

/// What this step's decisions give.
pub(crate) type Said = Verdict<Action, Waiting, Refusal>;

/// Seconds until the next look, where nothing says otherwise. [`prove::PATIENCE_LOOKS`] counts in it.
pub(crate) const LOOK_S: u32 = 5;
/// How many times the bound for the rest of search the rolling replacement may take: each batch needs a deletion, a
/// start and a copy, and looks are a minute apart after the first five.
const FOLLOW_BACK_BOUNDS: u32 = 4;

/// The step, over its ports.
#[derive(Debug)]
pub struct SwapSearchLeader<R, W>(PhantomData<(R, W)>);

impl<R, W> Step for SwapSearchLeader<R, W>
where
    R: SearchReads + RecordReads + LedgerReads + ApplicationReads,
    W: SearchWrites + RecordWrites + ApplicationWrites,
{
    const NAME: StepName = StepName::SwapSearchLeader;
    type Part = Part;
    type Reads = R;
    type Writes = W;
    type Observed = Observed;
    type Action = Action;
    type Waiting = Waiting;
    type Refusal = Refusal;
    type Receipt = Receipt;

    async fn observe(reads: &R, run: &Run, part: &Part, look: &Look<Receipt>) -> Result<Observed, StepError> {
        look::observe(reads, run, *part, look).await
    }

    fn decide(run: &Run, part: &Part, seen: &Observed) -> Said {
        match part {
            Part::Save => promote::save(run, seen),
            Part::Fence => prove::fence(run, seen),
            Part::Prove => prove::prove(run, seen),
            Part::PromoteHot => promote::promote_hot(run, seen),
            Part::PromoteRest => promote::promote_rest(run, seen),
            Part::ReindexGap => reindex::reindex(run, seen),
            Part::Unblock => prove::unblock(run, seen),
            Part::FollowBack => follow_back::follow_back(run, seen),
            Part::Divergence => divergence::divergence(run, seen),
            Part::Connect => connect::connect(run, seen),
        }
    }

    async fn act(writes: &W, _permit: Permit, _part: &Part, action: &Action) -> Result<Receipt, CallError> {
        act::act(writes, action).await
    }

    fn bound_s(run: &Run, part: &Part) -> u32 {
        let bounds = &run.deployment.policy.bounds;
        match part {
            Part::Save | Part::PromoteHot => bounds.search_hot_s,
            Part::Fence | Part::Prove => bounds.prove_s,
            Part::PromoteRest | Part::Connect | Part::Divergence => bounds.search_rest_s,
            Part::FollowBack => bounds.search_rest_s.saturating_mul(FOLLOW_BACK_BOUNDS),
            Part::ReindexGap | Part::Unblock => bounds.other_s,
        }
    }

    fn already(run: &Run, part: &Part, seen: &Observed) -> String {
        words_for_already(run, *part, seen)
    }

    fn assume(seen: &mut Observed, assumed: &[Assumption]) {
        seen.overlay(assumed);
    }

    fn effect(run: &Run, part: &Part, action: &Action) -> Vec<Assumption> {
        let fact = |fact: &str, value| vec![Assumption { fact: fact.into(), value }];
        match (part, action) {
            (Part::Fence, _) => fact(facts::SEARCH_FENCED, json!(true)),
            (Part::Unblock, Action::LiftFence { .. }) => fact(facts::SEARCH_FENCED, json!(false)),
            (Part::Prove, Action::WriteProof { .. }) => fact(facts::RECORDS, json!([records::SEARCH_PROOF])),
            (Part::PromoteHot | Part::PromoteRest, _) => fact(facts::SEARCH_LEADER, json!(run.own().as_str())),
            _ => Vec::new(),
        }
    }
}

fn words_for_already(run: &Run, part: Part, seen: &Observed) -> String {
    let (from, to) = (run.other(), run.own());
    let count = seen.own.value().map_or(0, std::collections::BTreeMap::len);
    match part {
        Part::Fence | Part::Prove if run.forward_only => {
            "the run that this one continues had reached its database call: nothing is proven again".into()
        }
        Part::Save => {
            let saved = seen.checkpoints.in_run.as_ref().map_or(0, |record| record.indices.len());
            format!("sequence numbers of {saved} indices are saved")
        }
        Part::Fence => format!("search in {from} takes no writes"),
        Part::Prove => proven(run, seen),
        Part::PromoteHot => format!("the hot set takes writes in {to}"),
        Part::PromoteRest => format!("all {count} indices take writes in {to}"),
        Part::ReindexGap => reindexed(seen),
        Part::Unblock => format!("search in {from} takes writes"),
        Part::FollowBack => follow_back::summary(run, seen),
        Part::Divergence => divergence::summary(seen.divergence.value()),
        Part::Connect => format!("{from} follows {to} with every index, and connections are ACTIVE both ways"),
    }
}

fn proven(run: &Run, seen: &Observed) -> String {
    let (Some(leader), Some(follower)) = (seen.other.value(), seen.own.value()) else { return "proven equal".into() };
    let orphans = prove::orphans(run, leader, follower);
    let equal = format!("{} indices are equal on both sides, shard by shard", leader.len());
    if orphans.is_empty() {
        return equal;
    }
    format!("{equal}; orphans of the aggregator, only in {}: {}", run.own(), names::listed(&orphans))
}

fn reindexed(seen: &Observed) -> String {
    match seen.version.value() {
        Some(version) if reindex::outcome_is_trusted(version) => "a job that indexes the window exists".into(),
        Some(version) => format!(
            "a job that indexes the window exists; its success proves nothing on {version} (11.6 or older), compare counts"
        ),
        None => "a job that indexes the window exists; its success proves nothing on 11.6 or older".into(),
    }
}
