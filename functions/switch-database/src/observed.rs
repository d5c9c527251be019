//! What this step looks at.

use mmdr_core::ports::{ClusterSeen, DatabaseEvent, GlobalClusterSeen, NodeSeen, NodeState, SnapshotSeen};
use mmdr_core::records::{self, Diagnosis, Fencing, FilesProof, HandOverProof, LostMessages, SearchProof, facts};
use mmdr_core::{Assumption, Kind, Ledger, Phase, Run, Sample, Seen, Time};
use serde::{Deserialize, Serialize};

/// Name of the [`CallRecord`] under the run's prefix.
pub const DATABASE_CALL: &str = "database-call";

/// What RDS said to a call, where it was no plain acceptance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// The service's own text.
    pub text: String,
    /// When the call that it answers was sent, as the ledger says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_call_at: Option<Time>,
}

impl Said {
    /// "… replication setup is still in progress. Please retry the request later.": the one refusal that asks for
    /// another call (seen by camunda's failover tests straight after a move).
    pub(crate) fn asks_to_retry(&self) -> bool {
        self.text.contains("replication setup is still in progress")
    }
}

/// What is known of the database call since it was sent; survives a lost answer and a lost receipt.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CallRecord {
    /// First of the looks in a row that showed Aurora at rest with the old writer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_since: Option<Time>,
    /// What RDS said to the latest call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Said>,
    /// When each call was sent that has been proven to have come to nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nothing: Vec<Time>,
}

/// What an act leaves for the next look.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// What RDS said, where it was no plain acceptance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
}

/// Everything that was looked at. What a part does not need is `Unseen` or absent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Now.
    pub now: Time,
    /// When this part looked first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_look_at: Option<Time>,
    /// The own Region's ledger; none where there is none yet.
    #[serde(default)]
    pub ledger: Option<Ledger>,
    /// The global cluster, as the own Region's RDS shows it.
    pub global: Seen<Option<GlobalClusterSeen>>,
    /// The own Region's cluster.
    pub own: Seen<Option<ClusterSeen>>,
    /// The other Region's cluster, asked there.
    pub other: Seen<Option<ClusterSeen>>,
    /// Replication lag in milliseconds, measured in the own Region.
    pub lag: Seen<Option<Sample>>,
    /// The other Region's nodes.
    pub nodes_there: Seen<Vec<NodeSeen>>,
    /// Events of both clusters since the call was sent, as far as they answer.
    pub events: Seen<Vec<DatabaseEvent>>,
    /// The other Region's snapshots.
    pub snapshots: Seen<Vec<SnapshotSeen>>,
    /// The own Region's: where the writer went away and came back, what was lost on the way lies here.
    #[serde(default = "unneeded", skip_serializing_if = "is_unseen")]
    pub snapshots_here: Seen<Vec<SnapshotSeen>>,
    /// The latest diagnosis; for reprotect that of the last move.
    #[serde(default)]
    pub diagnosis: Option<Diagnosis>,
    /// How Aurora fenced the old writer; for reprotect in the last move.
    #[serde(default)]
    pub fencing: Option<Fencing>,
    /// Proof of search.
    #[serde(default)]
    pub search_proof: Option<SearchProof>,
    /// Proof of the files.
    #[serde(default)]
    pub files_proof: Option<FilesProof>,
    /// The hand-over proof.
    #[serde(default)]
    pub hand_over: Option<HandOverProof>,
    /// The lost-message account of this run.
    #[serde(default)]
    pub lost: Option<LostMessages>,
    /// What is known of the call.
    #[serde(default)]
    pub call: CallRecord,
    /// What RDS said to the call that the last look sent: a hint.
    #[serde(default)]
    pub said: Option<String>,
    /// Dry run: an earlier step would have recorded a diagnosis.
    #[serde(default)]
    pub assumes_diagnosis: bool,
    /// Dry run: an earlier part would have written the hand-over proof.
    #[serde(default)]
    pub assumes_hand_over: bool,
}

impl Observed {
    /// When this run's database call was sent; none where it was not.
    ///
    /// The phase in the ledger decides, because it is written before the call. A last move of this run without a
    /// phase that says so counts as sent: a call that may have been made is never made twice.
    pub(crate) fn sent_at(&self, run: &Run) -> Option<Time> {
        let ledger = self.ledger.as_ref()?;
        let called = ledger
            .run
            .as_ref()
            .is_some_and(|line| line.id == run.id && matches!(line.phase, Phase::Calling | Phase::Settled));
        let last = ledger.last_move.as_ref().filter(|last| last.to == *run.own());
        let mine = last.is_some_and(|last| run.is_or_continues(&last.run));
        if called || mine { Some(last.map_or(run.opened_at, |last| last.at)) } else { None }
    }

    /// Whether the last move on record is this run's, or that of one that it continues.
    pub(crate) fn called(&self, run: &Run) -> bool {
        let last = self.ledger.as_ref().and_then(|ledger| ledger.last_move.as_ref());
        last.is_some_and(|last| run.is_or_continues(&last.run))
    }

    /// When the newest call was sent that the ledger knows of, whoever sent it.
    pub(crate) fn newest_call(&self) -> Option<Time> {
        self.ledger.as_ref()?.newest_call()
    }

    /// Whether the ledger still says that the call is out.
    pub(crate) fn calling(&self, run: &Run) -> bool {
        let line = self.ledger.as_ref().and_then(|ledger| ledger.run.as_ref());
        line.is_some_and(|line| line.id == run.id && line.phase == Phase::Calling)
    }
}

fn is_unseen<T>(seen: &Seen<T>) -> bool {
    seen.value().is_none()
}

pub(crate) fn unneeded<T>() -> Seen<T> {
    Seen::unseen("not looked at in this part")
}

/// Dry run: overlays what earlier steps would have done.
pub(crate) fn assume(seen: &mut Observed, assumed: &[Assumption]) {
    for assumption in assumed {
        let names = |name: &str| {
            let list = assumption.value.as_array();
            list.is_some_and(|list| list.iter().any(|it| it.as_str() == Some(name)))
        };
        match assumption.fact.as_str() {
            facts::NODES_STOPPED => {
                if let Seen::Seen { value, .. } = &mut seen.nodes_there {
                    value.iter_mut().for_each(|node| node.state = NodeState::Stopped);
                }
            }
            facts::RECORDS => {
                let at = seen.lag.value().and_then(|sample| *sample).map_or(seen.now, |sample| sample.at);
                if names(records::SEARCH_PROOF) && seen.search_proof.is_none() {
                    seen.search_proof = Some(SearchProof { at, indices: Default::default() });
                }
                if names(records::FILES_PROOF) && seen.files_proof.is_none() {
                    seen.files_proof = Some(FilesProof { at, pending: 0, failed: 0 });
                }
                seen.assumes_diagnosis |= names(records::DIAGNOSIS);
                seen.assumes_hand_over |= names(records::HAND_OVER_PROOF);
            }
            facts::WRITER => assume_writer(seen, assumption.value.as_str()),
            _ => {}
        }
    }
}

fn assume_writer(seen: &mut Observed, writer: Option<&str>) {
    let (Seen::Seen { value: Some(global), .. }, Some(writer)) = (&mut seen.global, writer) else { return };
    for member in &mut global.members {
        member.is_writer = member.region.as_str() == writer;
    }
}

/// Whether this kind promotes with loss allowed.
pub(crate) fn loses(kind: Kind) -> bool {
    matches!(kind, Kind::Failover | Kind::Detach)
}
