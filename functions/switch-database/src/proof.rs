//! Before a switchover's point of no return: the four stores are equal, and stay so until the call.

use mmdr_core::records::{self, HandOverProof};
use mmdr_core::{Run, Seen, Time, Verdict};

use crate::decide::{Decided, own_arn, rds_silent};
use crate::observed::Observed;
use crate::preconditions::{missing, same_target};
use crate::reasons::{Refusal, Waiting};
use crate::words::{Action, RecordAt};

/// Lag below this counts as level: with nodes stopped nothing commits, and the metric's idle readings stay well below.
const LEVEL_LAG_MS: f64 = 1_000.0;

/// Writes the hand-over proof once search, files, nodes (application and configuration) and database are level.
///
/// An older proof of search stays true while its fence and the stopped nodes hold, and waiting for files to drain and
/// for one more lag sample takes minutes: each may be `prove_s` plus `evidence_age_s` old, no more.
pub(crate) fn decide(run: &Run, seen: &Observed) -> Decided {
    if run.forward_only || usable(run, seen).is_ok() {
        return Verdict::Already;
    }
    let files_failed = seen.files_proof.as_ref().map_or(0, |proof| proof.failed);
    let (search, files) = match (search(run, seen), files(run, seen)) {
        (Ok(search), Ok(files)) => (search, files),
        (Err(refusal), _) | (_, Err(refusal)) => return Verdict::Refuse(refusal),
    };
    if let Some(waiting) = old_side(seen) {
        return Verdict::Wait(waiting);
    }
    // The files are proven with the nodes stopped, so at that moment they were: lag counts only if measured after it.
    let stopped_at = files;
    let lag = match seen.lag.value() {
        Some(Some(lag)) if lag.at >= stopped_at && is_young(run, seen, lag.at) => lag,
        _ => return Verdict::Wait(Waiting::LagNotYetMeasured { since: stopped_at }),
    };
    if lag.value > LEVEL_LAG_MS {
        return Verdict::Wait(Waiting::LagNotLevel { lag_ms: lag.value });
    }
    let proof = HandOverProof {
        epoch: run.epoch,
        at: seen.now,
        nodes_stopped_at: stopped_at,
        database_lag_ms: lag.value,
        search_at: search,
        files_at: files,
        files_failed,
    };
    Verdict::Act(Action::WriteProof { at: RecordAt::of(run, records::HAND_OVER_PROOF), proof })
}

fn search(run: &Run, seen: &Observed) -> Result<Time, Refusal> {
    let proof = seen.search_proof.as_ref();
    let at = proof.map(|proof| proof.at).ok_or_else(|| refused("search proof", "is missing: prove search first"))?;
    if is_young(run, seen, at) { Ok(at) } else { Err(refused("search proof", &format!("is too old, of {at}"))) }
}

fn files(run: &Run, seen: &Observed) -> Result<Time, Refusal> {
    let proof = seen.files_proof.as_ref();
    let proof = proof.ok_or_else(|| refused("files proof", "is missing: drain the files first"))?;
    if proof.pending > 0 {
        return Err(refused("files proof", &format!("names {} file operations still pending", proof.pending)));
    }
    if is_young(run, seen, proof.at) {
        Ok(proof.at)
    } else {
        Err(refused("files proof", &format!("is too old, of {}", proof.at)))
    }
}

fn refused(proof: &str, why: &str) -> Refusal {
    Refusal::ProofMissing { proof: proof.into(), why: why.into() }
}

fn is_young(run: &Run, seen: &Observed, at: Time) -> bool {
    let policy = &run.deployment.policy;
    seen.now.is_within(i64::from(policy.bounds.prove_s) + i64::from(policy.evidence_age_s), at)
}

/// Why the old side is not proven stopped. A broken node counts as live: nobody can tell what its process does.
fn old_side(seen: &Observed) -> Option<Waiting> {
    match &seen.nodes_there {
        Seen::Unseen { why } => Some(Waiting::NodesUnseen { why: why.clone() }),
        Seen::Seen { value, .. } => {
            let ids: Vec<String> = value.iter().filter(|node| node.is_live()).map(|node| node.id.clone()).collect();
            (!ids.is_empty()).then_some(Waiting::NodesLive { ids })
        }
    }
}

/// Whether the hand-over proof holds: of this epoch, and no older than evidence may be.
fn usable(run: &Run, seen: &Observed) -> Result<(), String> {
    if seen.assumes_hand_over {
        return Ok(());
    }
    let Some(proof) = &seen.hand_over else { return Err("there is none".into()) };
    if proof.epoch != run.epoch {
        return Err(format!("it is of epoch {}, this run's is {}", proof.epoch, run.epoch));
    }
    let (age_s, limit_s) = (seen.now.since_s(proof.at), run.deployment.policy.evidence_age_s);
    if seen.now.is_within(i64::from(limit_s), proof.at) {
        Ok(())
    } else {
        Err(format!("it is {age_s} s old, the limit is {limit_s} s"))
    }
}

/// Everything that is checked in the very look that sends SwitchoverGlobalCluster.
pub(crate) fn before_the_switchover(run: &Run, seen: &Observed) -> Decided {
    let (Some(global), Some(_)) = (seen.global.value(), seen.own.value()) else { return rds_silent(run, seen) };
    if let Some(state) = global.as_ref().and_then(|global| global.failover_state.as_ref())
        && same_target(run, &state.to_arn)
    {
        return Verdict::Wait(Waiting::SomebodyMoves { status: state.status.clone() });
    }
    let missing = missing(run, seen, global.as_ref());
    if !missing.is_empty() {
        return Verdict::Refuse(Refusal::PreconditionsNotMet { missing });
    }
    if let Err(why) = usable(run, seen) {
        return Verdict::Refuse(Refusal::NoHandOverProof { why });
    }
    if let Some(waiting) = old_side(seen) {
        return Verdict::Refuse(Refusal::OldSideNotStopped { why: waiting.to_string() });
    }
    if let Some(why) = seen.other.why() {
        return Verdict::Wait(Waiting::RdsSilent { region: run.other().clone(), why: why.into() });
    }
    let Some(target_arn) = own_arn(run) else {
        let missing = vec![format!("the deployment document does not name {}", run.own())];
        return Verdict::Refuse(Refusal::PreconditionsNotMet { missing });
    };
    Verdict::Act(Action::SwitchOver { asked: run.other().clone(), target_arn, after: seen.newest_call() })
}
