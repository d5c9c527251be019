//! Everything that one look at search can see. A part fills in only what it decides on; the rest is unseen.

use std::collections::BTreeMap;

use mmdr_core::ports::{
    ConnectionSeen, DomainSeen, IndexSeen, JobSeen, ProbeAnswer, ReplicationStatus, RuleName, ShardSeen,
};
use mmdr_core::records::{Checkpoints, DeletionProof, SearchDivergence, SearchProof, facts};
use mmdr_core::{Assumption, Region, RunId, Seen, Time, records};
use serde::{Deserialize, Serialize};

/// The indices of one domain by name.
pub type Indices = BTreeMap<String, IndexSeen>;

/// A record of this run, and the same record of the run that it continues or comes after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept<T> {
    /// As this run wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_run: Option<T>,
    /// As it was inherited: from the run that this one resumes, or the last move.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<T>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { in_run: None, before: None }
    }
}

impl<T> Kept<T> {
    /// The record that counts: this run's own before any other.
    pub fn value(&self) -> Option<&T> {
        self.in_run.as_ref().or(self.before.as_ref())
    }
}

/// One look at search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Now.
    pub now: Time,
    /// How often this part has looked before.
    #[serde(default)]
    pub looks: u32,
    /// When this part looked first.
    #[serde(default)]
    pub first_look_at: Time,
    /// The own Region.
    pub here: Region,
    /// Indices of the own domain.
    #[serde(default = "not_asked")]
    pub own: Seen<Indices>,
    /// Indices of the other Region's domain.
    #[serde(default = "not_asked")]
    pub other: Seen<Indices>,
    /// The own domain as a whole.
    #[serde(default = "not_asked")]
    pub own_domain: Seen<DomainSeen>,
    /// The other domain as a whole.
    #[serde(default = "not_asked")]
    pub other_domain: Seen<DomainSeen>,
    /// Write probes of the own indices.
    #[serde(default = "not_asked")]
    pub probes: Seen<BTreeMap<String, ProbeAnswer>>,
    /// Connections through which the own domain follows.
    #[serde(default = "not_asked")]
    pub own_connections: Seen<Vec<ConnectionSeen>>,
    /// Connections through which the other domain follows.
    #[serde(default = "not_asked")]
    pub other_connections: Seen<Vec<ConnectionSeen>>,
    /// Auto-follow rules of the own domain.
    #[serde(default = "not_asked")]
    pub own_rules: Seen<Vec<RuleName>>,
    /// Auto-follow rules of the other domain.
    #[serde(default = "not_asked")]
    pub other_rules: Seen<Vec<RuleName>>,
    /// The proof of equality that a planned move wrote.
    #[serde(default)]
    pub proof: Kept<SearchProof>,
    /// The sequence numbers saved before an unplanned promotion.
    #[serde(default)]
    pub checkpoints: Kept<Checkpoints>,
    /// What only the old leader has.
    #[serde(default)]
    pub divergence: Kept<SearchDivergence>,
    /// Deletion proofs of this run, by index.
    #[serde(default)]
    pub deletion_proofs: BTreeMap<String, DeletionProof>,
    /// The run of the last move to this Region, where this run comes after it or continues it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_move: Option<RunId>,
    /// Since when the other domain has been silent in an unbroken row of looks of this part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silent_since: Option<Time>,
    /// When the writer came here, as far back as the own ledger tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_at: Option<Time>,
    /// The newest moment up to which the old Region's writes are known to have arrived, where a diagnosis measured it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicated_until: Option<Time>,
    /// The writer Region that the own ledger has settled, and the other ledger's where that stands above it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settled: Vec<Region>,
    /// Mattermost's jobs that index posts.
    #[serde(default = "not_asked")]
    pub jobs: Seen<Vec<JobSeen>>,
    /// Mattermost's version.
    #[serde(default = "not_asked")]
    pub version: Seen<String>,
}

pub(crate) fn not_asked<T>() -> Seen<T> {
    Seen::unseen("not asked")
}

impl Observed {
    /// Nothing looked at yet.
    pub fn blank(here: Region, now: Time, first_look_at: Time, looks: u32) -> Self {
        Self {
            now,
            looks,
            first_look_at,
            here,
            own: not_asked(),
            other: not_asked(),
            own_domain: not_asked(),
            other_domain: not_asked(),
            probes: not_asked(),
            own_connections: not_asked(),
            other_connections: not_asked(),
            own_rules: not_asked(),
            other_rules: not_asked(),
            proof: Kept::default(),
            checkpoints: Kept::default(),
            divergence: Kept::default(),
            deletion_proofs: BTreeMap::new(),
            last_move: None,
            silent_since: None,
            moved_at: None,
            replicated_until: None,
            settled: Vec::new(),
            jobs: not_asked(),
            version: not_asked(),
        }
    }

    /// The primaries of `name` as they were saved before its promotion: by the proof of a planned move, whose
    /// shards were equal on both sides, else by the checkpoints.
    pub fn saved(&self, name: &str) -> Option<&[ShardSeen]> {
        let proof = self.proof.value().and_then(|proof| proof.indices.get(name));
        let checkpoints = self.checkpoints.value().and_then(|saved| saved.indices.get(name));
        proof.or(checkpoints).map(Vec::as_slice)
    }

    /// When the oldest of the saved sequence numbers were read: nothing before it can be missing here.
    pub fn saved_at(&self) -> Option<Time> {
        let proof = self.proof.value().map(|proof| proof.at);
        let checkpoints = self.checkpoints.value().map(|saved| saved.at);
        [proof, checkpoints].into_iter().flatten().min()
    }

    /// The write probe's answer for `name`.
    pub fn probe(&self, name: &str) -> Option<ProbeAnswer> {
        self.probes.value().and_then(|answers| answers.get(name)).copied()
    }

    /// Dry run: what earlier steps would have made true.
    pub(crate) fn overlay(&mut self, assumed: &[Assumption]) {
        for assumption in assumed {
            match assumption.fact.as_str() {
                facts::SEARCH_FENCED => self.overlay_fence(assumption.value.as_bool() == Some(true)),
                // Mattermost would answer here by then, and know of no job yet.
                facts::NODES_RUNNING
                    if assumption.value.as_str() == Some(self.here.as_str()) && self.jobs.value().is_none() =>
                {
                    self.jobs = Seen::seen(Vec::new(), self.now);
                }
                facts::SEARCH_LEADER if assumption.value.as_str() == Some(self.here.as_str()) => self.overlay_lead(),
                facts::RECORDS => self.overlay_proof(&assumption.value),
                _ => {}
            }
        }
    }

    /// With writes fenced the old leader comes to rest and its followers become equal.
    fn overlay_fence(&mut self, on: bool) {
        let Seen::Seen { value: leader, .. } = &mut self.other else { return };
        for index in leader.values_mut() {
            index.write_block = on;
            for shard in index.shards.iter_mut().filter(|_| on) {
                shard.local_checkpoint = shard.max_seq_no;
                shard.global_checkpoint = shard.max_seq_no;
            }
        }
        if let (Seen::Seen { value: own, .. }, true) = (&mut self.own, on) {
            for index in own.values_mut().filter(|index| index.follower_of.is_some()) {
                if let Some(same) = leader.get(&index.name) {
                    index.shards.clone_from(&same.shards);
                }
            }
        }
    }

    /// After the promotion nothing here follows, and everything takes writes.
    fn overlay_lead(&mut self) {
        let now = self.now;
        let Seen::Seen { value: own, .. } = &mut self.own else { return };
        for index in own.values_mut() {
            index.open = true;
            index.follower_of = None;
            index.replication_block = false;
            index.write_block = false;
            index.replication = ReplicationStatus::NotInProgress;
        }
        self.probes = Seen::seen(own.keys().map(|name| (name.clone(), ProbeAnswer::Writable)).collect(), now);
        self.own_rules = Seen::seen(Vec::new(), now);
    }

    fn overlay_proof(&mut self, names: &serde_json::Value) {
        let written = names.as_array().is_some_and(|names| names.iter().any(|name| name == records::SEARCH_PROOF));
        if let (true, None, Some(leader)) = (written, self.proof.value(), self.other.value()) {
            let indices = leader.iter().map(|(name, index)| (name.clone(), index.shards.clone())).collect();
            self.proof.in_run = Some(SearchProof { at: self.now, indices });
        }
    }
}
