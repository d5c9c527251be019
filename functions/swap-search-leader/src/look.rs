//! The looking: which part asks what. Nothing here changes anything.
//!
//! The other Region is asked only by parts that cannot do without it (fence, prove, unblock, follow-back,
//! divergence, connect), and by the promotion of a *planned* move, to learn whether the old leader answers. A
//! failover asks nothing outside the own Region. Only the own records and ledger end the look when unanswered.

use std::collections::BTreeMap;

use mmdr_core::ports::{ApplicationReads, Called, IndexSeen, LedgerReads, LedgerSeen, RecordReads, SearchReads};
use mmdr_core::records::{DeletionProof, Diagnosis};
use mmdr_core::{Kind, LastMove, Region, Run, RunId, Seen, Settled, StepError, Time, records};
use serde::de::DeserializeOwned;

use crate::actions::Receipt;
use crate::follow_back::SILENT_SINCE;
use crate::observed::{Indices, Kept, Observed};
use crate::words::Part;
use crate::{follow_back, names};

/// The job that indexes posts (Mattermost `model/job.go`).
const INDEXING_JOB: &str = "elasticsearch_post_indexing";

/// One look for `part`.
pub(crate) async fn observe<R>(
    reads: &R,
    run: &Run,
    part: Part,
    look: &mmdr_core::Look<Receipt>,
) -> Result<Observed, StepError>
where
    R: SearchReads + RecordReads + LedgerReads + ApplicationReads,
{
    let mut seen = Observed::blank(run.own().clone(), look.now, look.first_look_at, look.looks);
    match part {
        Part::Save => seen.own = indices(reads, run.own(), look.now).await,
        Part::Fence => {
            seen.other = indices(reads, run.other(), look.now).await;
            domains(reads, run, &mut seen).await;
        }
        Part::Prove | Part::Unblock => both(reads, run, &mut seen).await,
        Part::PromoteHot | Part::PromoteRest => promotion(reads, run, part, &mut seen).await,
        Part::ReindexGap => {
            seen.jobs = Seen::from_call(reads.jobs(run.own(), INDEXING_JOB).await, look.now);
            let diagnosis: Option<Diagnosis> = records::read_own(reads, run, records::DIAGNOSIS).await?;
            seen.replicated_until = diagnosis.and_then(|it| it.forecast.measured_at);
            seen.version = Seen::from_call(reads.ping(run.own()).await.map(|ping| ping.version), look.now);
        }
        Part::FollowBack | Part::Connect => {
            both(reads, run, &mut seen).await;
            domains(reads, run, &mut seen).await;
            links(reads, run, &mut seen).await;
        }
        Part::Divergence => both(reads, run, &mut seen).await,
    }
    if matches!(part, Part::Fence | Part::Unblock | Part::Connect) {
        return Ok(seen);
    }
    evidence(reads, run, &mut seen).await?;
    if part == Part::FollowBack {
        let silence: Option<Option<Time>> = records::read(reads, run.own(), &records::key(run, SILENT_SINCE)).await?;
        seen.silent_since = silence.flatten();
        deletions(reads, run, &mut seen).await?;
        settled_above(reads, run, &mut seen).await;
    }
    Ok(seen)
}

async fn both(reads: &impl SearchReads, run: &Run, seen: &mut Observed) {
    seen.own = indices(reads, run.own(), seen.now).await;
    seen.other = indices(reads, run.other(), seen.now).await;
}

async fn domains(reads: &impl SearchReads, run: &Run, seen: &mut Observed) {
    seen.own_domain = Seen::from_call(reads.domain(run.own()).await, seen.now);
    seen.other_domain = Seen::from_call(reads.domain(run.other()).await, seen.now);
}

async fn links(reads: &impl SearchReads, run: &Run, seen: &mut Observed) {
    seen.own_connections = Seen::from_call(reads.connections(run.own()).await, seen.now);
    seen.other_connections = Seen::from_call(reads.connections(run.other()).await, seen.now);
    seen.own_rules = Seen::from_call(reads.rules(run.own()).await, seen.now);
    seen.other_rules = Seen::from_call(reads.rules(run.other()).await, seen.now);
}

async fn promotion(reads: &impl SearchReads, run: &Run, part: Part, seen: &mut Observed) {
    seen.own = indices(reads, run.own(), seen.now).await;
    if run.kind == Kind::Switchover {
        seen.other = indices(reads, run.other(), seen.now).await;
    }
    seen.own_domain = Seen::from_call(reads.domain(run.own()).await, seen.now);
    seen.own_connections = Seen::from_call(reads.connections(run.own()).await, seen.now);
    seen.own_rules = Seen::from_call(reads.rules(run.own()).await, seen.now);
    let Some(own) = seen.own.value() else { return };
    let promoted = |index: &&IndexSeen| index.follower_of.is_none() && index.open;
    let names: Vec<String> = if part == Part::PromoteHot {
        let hot = names::hot(&run.deployment.search.index_prefix, seen.now);
        hot.into_iter().filter(|name| own.get(name).as_ref().is_some_and(promoted)).collect()
    } else if own.values().any(|index| index.follower_of.is_some()) {
        // Hundreds of probes are worth their calls only once nothing follows any more.
        return;
    } else {
        own.values().filter(promoted).map(|index| index.name.clone()).collect()
    };
    seen.probes = probes(reads, run.own(), &names, seen.now).await;
}

async fn deletions<R: SearchReads + RecordReads>(reads: &R, run: &Run, seen: &mut Observed) -> Result<(), StepError> {
    let (Some(own), Some(other)) = (seen.own.value(), seen.other.value()) else { return Ok(()) };
    let window = follow_back::window(own, other);
    for name in &window {
        let key = records::key(run, &format!("{}-{name}", records::DELETION_PROOF));
        if let Some(proof) = records::read::<DeletionProof>(reads, run.own(), &key).await? {
            seen.deletion_proofs.insert(name.clone(), proof);
        }
    }
    seen.probes = probes(reads, run.own(), &window, seen.now).await;
    Ok(())
}

/// What the other ledger has settled, where it stands above the own one: right after a move it still names the old
/// writer under the older epoch, and that says nothing.
async fn settled_above<R: LedgerReads>(reads: &R, run: &Run, seen: &mut Observed) {
    let settled = |found: Option<LedgerSeen>| found.and_then(|found| found.ledger.settled);
    let own = settled(reads.ledger(run.own()).await.ok().flatten());
    let other = settled(reads.ledger(run.other()).await.ok().flatten());
    let above = other.filter(|other| own.is_none_or(|own| other.epoch > own.epoch));
    seen.settled.extend(above.map(|settled| settled.writer));
}

/// The records of this run, of the run that it resumes, and of the last move to this Region where this run comes
/// after that move or continues it.
async fn evidence<R: RecordReads + LedgerReads>(reads: &R, run: &Run, seen: &mut Observed) -> Result<(), StepError> {
    let ledger = reads.ledger(run.own()).await.map_err(StepError::ReadFailed)?.map(|found| found.ledger);
    let settled = ledger.as_ref().and_then(|ledger| ledger.settled.as_ref());
    seen.settled.extend(settled.map(|settled| settled.writer.clone()));
    let here = |settled: &Settled| settled.writer == *run.own();
    let moved = ledger.as_ref().and_then(|ledger| ledger.last_move.as_ref()).filter(|last| last.to == *run.own());
    let settled_at = settled.filter(|settled| here(settled)).map(|settled| settled.at);
    seen.moved_at = moved.map(|last| last.at).into_iter().chain(settled_at).min();
    let belongs = run.forward_only || !run.kind.is_move();
    let last = ledger.and_then(|ledger| ledger.last_move).filter(|last| belongs && last.to == *run.own());
    let last_run = last.as_ref().map(|last| last.run.clone());
    let planned = match run.kind {
        Kind::Switchover => true,
        kind if kind.is_move() => false,
        _ => last.as_ref().is_some_and(|last: &LastMove| last.kind == Kind::Switchover),
    };
    if planned {
        seen.proof = kept(reads, run, records::SEARCH_PROOF, last_run.as_ref()).await?;
    }
    seen.checkpoints = kept(reads, run, records::CHECKPOINTS, last_run.as_ref()).await?;
    seen.divergence = kept(reads, run, records::SEARCH_DIVERGENCE, None).await?;
    seen.last_move = last_run;
    Ok(())
}

async fn kept<T: DeserializeOwned>(
    reads: &impl RecordReads,
    run: &Run,
    name: &str,
    last: Option<&RunId>,
) -> Result<Kept<T>, StepError> {
    let in_run = records::read(reads, run.own(), &records::key(run, name)).await?;
    let last_key = last.map(|last| records::key_of(last, false, name));
    let mut before = None;
    for key in records::inherited_keys(run, name).into_iter().chain(last_key) {
        if before.is_none() {
            before = records::read(reads, run.own(), &key).await?;
        }
    }
    Ok(Kept { in_run, before })
}

async fn indices(reads: &impl SearchReads, region: &Region, now: Time) -> Seen<Indices> {
    let by_name = |found: Vec<IndexSeen>| found.into_iter().map(|index| (index.name.clone(), index)).collect();
    Seen::from_call(reads.indices(region).await.map(by_name), now)
}

async fn probes(
    reads: &impl SearchReads,
    region: &Region,
    names: &[String],
    now: Time,
) -> Seen<BTreeMap<String, mmdr_core::ports::ProbeAnswer>> {
    if names.is_empty() {
        return Seen::seen(BTreeMap::new(), now);
    }
    let answered: Called<_> = reads.probe(region, names).await;
    Seen::from_call(answered.map(|answers| answers.into_iter().collect()), now)
}
