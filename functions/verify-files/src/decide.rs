//! The deciding, one function per part.

use mmdr_core::ports::{BucketSeen, NodeSeen};
use mmdr_core::records::FilesProof;
use mmdr_core::{Acceptance, Region, Run, Sample, Seen, Verdict, records};

use crate::configuration::{Defect, defects};
use crate::observed::{Observed, batch_key};
use crate::words::{Action, Kept, Refusal, Waiting};

pub(crate) type Said = Verdict<Action, Waiting, Refusal>;

/// Seconds after which a sample says nothing about now: the metrics have one value a minute and arrive minutes late.
const SAMPLE_AGE_S: i64 = 900;
/// A metric of a busy bucket is this late at most, in seconds: one value a minute, and a minute to be published.
const METRIC_LATE_S: i64 = 120;
/// Seconds after which a probe object that made no metric speak is written again.
const PROBE_AGAIN_S: i64 = 300;
const PENDING: &str = "OperationsPendingReplication";
const FAILED: &str = "OperationsFailedReplication";

/// Before anything stops: both directions set up, little pending, nothing failed.
pub(crate) fn gate(run: &Run, seen: &Observed) -> Said {
    if run.forward_only {
        return Verdict::Already;
    }
    gated(run, seen).unwrap_or_else(|said| or_probe(run, seen, said))
}

fn gated(run: &Run, seen: &Observed) -> Result<Said, Said> {
    for (source, destination, defects) in directions(run, seen)? {
        if !defects.is_empty() {
            return Err(Verdict::Refuse(Refusal::NotReplicated { source, destination, defects }));
        }
    }
    let fresh = |sample: &Sample| seen.now.is_within(SAMPLE_AGE_S, sample.at);
    let too_old = |metric: &str, region: &Region, sample: &Sample| {
        let why = format!("its newest value is from {}", sample.at);
        Verdict::Wait(Waiting::MetricMissing { metric: metric.into(), region: region.clone(), why })
    };
    let failed = sample(&seen.failed, FAILED, run.other())?;
    let pending = sample(&seen.pending, PENDING, run.own())?;
    for (metric, region, sample) in [(FAILED, run.other(), failed), (PENDING, run.own(), pending)] {
        if !fresh(&sample) {
            return Err(too_old(metric, region, &sample));
        }
    }
    let accepted = run.accepts(Acceptance::Lag);
    if count(&failed) > 0 && !accepted {
        return Err(Verdict::Refuse(Refusal::FailedOperations { failed: count(&failed) }));
    }
    let limit = run.deployment.policy.files_pending_limit;
    if count(&pending) > limit && !accepted {
        return Err(Verdict::Wait(Waiting::TooManyPending { pending: count(&pending), limit }));
    }
    Ok(Verdict::Already)
}

/// With the old side's nodes stopped: nothing pending, nothing failed, both measured after the stop.
pub(crate) fn drained(run: &Run, seen: &Observed) -> Said {
    if run.forward_only {
        return Verdict::Already;
    }
    drain(run, seen).unwrap_or_else(|said| or_probe(run, seen, said))
}

/// Where nobody uploads, the metrics say nothing, and no planned move in a quiet hour would ever begin: a small object of
/// our own gives the rule an operation to count.
fn or_probe(run: &Run, seen: &Observed, said: Said) -> Said {
    let quiet = match &said {
        Verdict::Wait(Waiting::MetricMissing { .. }) => true,
        Verdict::Wait(Waiting::SampleTooOld { nodes_stopped_at, .. }) => {
            seen.now.since_s(*nodes_stopped_at) >= METRIC_LATE_S
        }
        _ => false,
    };
    let Some(probed) = seen.probe.value().filter(|_| quiet) else { return said };
    let recent = probed.is_some_and(|at| seen.now.is_within(PROBE_AGAIN_S, at));
    let late = seen.nodes_stopped_at.is_some_and(|stopped| probed.is_none_or(|at| at < stopped));
    if recent && !late {
        return said;
    }
    Verdict::Act(Action::PutProbe { source: run.other().clone() })
}

fn drain(run: &Run, seen: &Observed) -> Result<Said, Said> {
    let Some(nodes) = seen.nodes.value() else {
        return Err(Verdict::Wait(Waiting::NodesUnseen { why: why(&seen.nodes) }));
    };
    let live: Vec<String> = nodes.iter().filter(|node| node.is_live()).map(|node: &NodeSeen| node.id.clone()).collect();
    if !live.is_empty() {
        return Err(Verdict::Wait(Waiting::NodesLive { ids: live }));
    }
    let Some(nodes_stopped_at) = seen.nodes_stopped_at else {
        return Err(Verdict::Wait(Waiting::StoppingTimeUnknown));
    };
    if seen.proof.as_ref().is_some_and(|proof| proof.at >= nodes_stopped_at) {
        return Ok(Verdict::Already);
    }
    let pending = sample(&seen.pending, PENDING, run.own())?;
    let failed = sample(&seen.failed, FAILED, run.other())?;
    for (metric, sample) in [(PENDING, pending), (FAILED, failed)] {
        if sample.at < nodes_stopped_at {
            let (metric, at) = (metric.to_owned(), sample.at);
            return Err(Verdict::Wait(Waiting::SampleTooOld { metric, at, nodes_stopped_at }));
        }
    }
    if count(&failed) > 0 && !run.accepts(Acceptance::Lag) {
        return Err(Verdict::Refuse(Refusal::FailedOperations { failed: count(&failed) }));
    }
    if count(&pending) > 0 {
        return Err(Verdict::Wait(Waiting::StillPending { pending: count(&pending) }));
    }
    let proof = FilesProof { at: pending.at.min(failed.at), pending: 0, failed: count(&failed) };
    let (region, key) = (run.own().clone(), records::key(run, records::FILES_PROOF));
    Ok(Verdict::Act(Action::WriteProof { region, key, proof }))
}

/// Afterwards and in peace time: rules both ways, then what rules never pick up by themselves.
pub(crate) fn both_ways(run: &Run, seen: &Observed) -> Said {
    let directions = match directions(run, seen) {
        Ok(directions) => directions,
        Err(said) => return said,
    };
    for (source, destination, defects) in directions {
        if defects.is_empty() {
            continue;
        }
        let bucket = if source == *run.own() { &seen.own } else { &seen.other };
        if let Some(kept) = bucket.value().and_then(kept) {
            return Verdict::Refuse(Refusal::KeepsRules { source, destination, kept, defects });
        }
        return Verdict::Act(Action::PutReplication { source, destination, defects });
    }
    for (source, bucket, failed) in
        [(run.own(), &seen.own, &seen.failed_here), (run.other(), &seen.other, &seen.failed)]
    {
        let existing = bucket.value().map_or(0, |bucket| bucket.existing_not_replicated);
        let failed = failed.value().copied().flatten().map_or(0, |sample| count(&sample));
        if (existing > 0 || failed > 0) && !seen.batches_asked.contains(source) {
            let (own, key) = (run.own().clone(), batch_key(run, source));
            return Verdict::Act(Action::ReplicateExisting { source: source.clone(), existing, failed, own, key });
        }
    }
    Verdict::Already
}

/// What of a bucket's replication would be lost if it were written anew: S3 takes a configuration as a whole.
fn kept(bucket: &BucketSeen) -> Option<Kept> {
    if !bucket.other_rules.is_empty() {
        return Some(Kept::OtherRules(bucket.other_rules.clone()));
    }
    bucket.rule.as_ref().filter(|rule| rule.kms).map(|rule| Kept::Keys(rule.id.clone()))
}

type Direction = (Region, Region, Vec<Defect>);

/// Both directions with what is wrong: first from the writer's side, then towards it.
fn directions(run: &Run, seen: &Observed) -> Result<[Direction; 2], Said> {
    let own = bucket(run.own(), &seen.own)?;
    let other = bucket(run.other(), &seen.other)?;
    let (here, there) = (run.own().clone(), run.other().clone());
    let forth = defects(run, own, other, &there);
    let back = defects(run, other, own, &here);
    Ok([(here.clone(), there.clone(), forth), (there, here, back)])
}

fn bucket<'a>(region: &Region, seen: &'a Seen<BucketSeen>) -> Result<&'a BucketSeen, Said> {
    let wait = || Verdict::Wait(Waiting::BucketUnseen { region: region.clone(), why: why(seen) });
    seen.value().ok_or_else(wait)
}

fn sample(seen: &Seen<Option<Sample>>, metric: &str, region: &Region) -> Result<Sample, Said> {
    let why = match seen.value() {
        Some(Some(sample)) => return Ok(*sample),
        Some(None) => "it has no data".into(),
        None => why(seen),
    };
    Err(Verdict::Wait(Waiting::MetricMissing { metric: metric.into(), region: region.clone(), why }))
}

/// Operations; a part of one counts as one.
pub(crate) fn count(sample: &Sample) -> u64 {
    sample.value.max(0.0).ceil() as u64
}

fn why<T>(seen: &Seen<T>) -> String {
    seen.why().unwrap_or_default().to_owned()
}
