//! What one look at the files can see.

use mmdr_core::ports::{BucketSeen, FileReads, NodeReads, NodeSeen, NodeState, RecordReads};
use mmdr_core::records::{FilesProof, facts};
use mmdr_core::{Assumption, Look, Region, Run, Sample, Seen, StepError, StepName, Time, records};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::words::Part;

/// One look. A part fills in only what it decides on; the rest is unseen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Now.
    pub now: Time,
    /// The other Region, whose nodes a planned move stops.
    pub there: Region,
    /// The own Region's bucket, with its rule towards the other.
    #[serde(default = "not_asked")]
    pub own: Seen<BucketSeen>,
    /// The other Region's bucket, with its rule towards the own.
    #[serde(default = "not_asked")]
    pub other: Seen<BucketSeen>,
    /// Operations pending from the other Region to the own; the metric appears in the destination's Region, so a
    /// dead source does not hide it. None: no data, which is not zero.
    #[serde(default = "not_asked")]
    pub pending: Seen<Option<Sample>>,
    /// Operations failed from the other Region to the own, of the last day; the metric appears in the source's Region.
    #[serde(default = "not_asked")]
    pub failed: Seen<Option<Sample>>,
    /// Operations failed from the own Region to the other.
    #[serde(default = "not_asked")]
    pub failed_here: Seen<Option<Sample>>,
    /// The other Region's nodes.
    #[serde(default = "not_asked")]
    pub nodes: Seen<Vec<NodeSeen>>,
    /// When `roll-nodes: stop-there` last looked, which was when it found every node stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes_stopped_at: Option<Time>,
    /// When the probe object in the other Region's bucket was written last.
    #[serde(default = "not_asked", skip_serializing_if = "is_unseen")]
    pub probe: Seen<Option<Time>>,
    /// The proof that this run wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<FilesProof>,
    /// The Regions for which this run has asked for a batch replication.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub batches_asked: Vec<Region>,
}

fn not_asked<T>() -> Seen<T> {
    Seen::unseen("not asked")
}

fn is_unseen<T>(seen: &Seen<T>) -> bool {
    seen.value().is_none()
}

/// The record that says that a batch replication out of `source` was asked for.
pub(crate) fn batch_key(run: &Run, source: &Region) -> String {
    records::key(run, &format!("files-batch-{source}"))
}

/// Looks for `part`.
pub(crate) async fn observe<R, H>(reads: &R, run: &Run, part: Part, look: &Look<H>) -> Result<Observed, StepError>
where
    R: FileReads + NodeReads + RecordReads,
{
    let (own, other, now) = (run.own(), run.other(), look.now);
    let mut seen = blank(other, now);
    if part != Part::Drained {
        seen.own = Seen::from_call(reads.bucket(own).await, now);
        seen.other = Seen::from_call(reads.bucket(other).await, now);
    }
    seen.failed = Seen::from_call(reads.failed_operations(other).await, now);
    if part == Part::BothWays {
        seen.failed_here = Seen::from_call(reads.failed_operations(own).await, now);
        for source in [own, other] {
            if records::read::<Value>(reads, own, &batch_key(run, source)).await?.is_some() {
                seen.batches_asked.push(source.clone());
            }
        }
        return Ok(seen);
    }
    seen.pending = Seen::from_call(reads.pending_operations(other, own).await, now);
    seen.probe = Seen::from_call(reads.probe_object(other).await, now);
    if part == Part::Drained {
        seen.nodes = Seen::from_call(reads.nodes(other).await, now);
        let prefix = format!("{}evidence/", records::prefix(&run.ticket));
        let keys = reads.record_keys(own, &prefix).await.map_err(StepError::ReadFailed)?;
        seen.nodes_stopped_at = keys.iter().filter_map(|key| stopping_look(key, &prefix)).max();
        seen.proof = records::read(reads, own, &records::key(run, records::FILES_PROOF)).await?;
    }
    Ok(seen)
}

fn blank(there: &Region, now: Time) -> Observed {
    Observed {
        now,
        there: there.clone(),
        own: not_asked(),
        other: not_asked(),
        pending: not_asked(),
        failed: not_asked(),
        failed_here: not_asked(),
        nodes: not_asked(),
        nodes_stopped_at: None,
        probe: not_asked(),
        proof: None,
        batches_asked: Vec::new(),
    }
}

/// The time in the evidence key of a look of `roll-nodes: stop-there`; see [`records::evidence_key`].
pub(crate) fn stopping_look(key: &str, prefix: &str) -> Option<Time> {
    let (at, look) = key.strip_prefix(prefix)?.split_once('-')?;
    let stopping = format!("{}-stop-there-", StepName::RollNodes);
    look.starts_with(&stopping).then(|| at.parse().ok().map(Time))?
}

impl Observed {
    /// Dry run: with the old side's nodes stopped its queue would drain.
    pub(crate) fn overlay(&mut self, assumed: &[Assumption]) {
        let stopped = |it: &Assumption| it.fact == facts::NODES_STOPPED && it.value == self.there.as_str();
        if !assumed.iter().any(stopped) {
            return;
        }
        self.nodes_stopped_at = Some(Time::default());
        if let Seen::Seen { value: nodes, .. } = &mut self.nodes {
            for node in nodes {
                node.state = NodeState::Stopped;
            }
        }
        if let Seen::Seen { value: Some(sample), .. } = &mut self.pending {
            sample.value = 0.0;
        }
    }
}
