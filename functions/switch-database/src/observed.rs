//! What this step looks at.

use mmdr_core::ports::{
    ClusterSeen, DatabaseEvent, DatabaseReads, GlobalClusterSeen, LedgerReads, NodeReads, NodeSeen, NodeState,
    RecordReads, SnapshotSeen,
};
use mmdr_core::records::{self, Diagnosis, Fencing, FilesProof, HandOverProof, LostMessages, SearchProof, facts};
use mmdr_core::{Assumption, Kind, Ledger, Look, Phase, Run, Sample, Seen, StepError, Time};
use serde::{Deserialize, Serialize};

use crate::Part;
use crate::decide::{complete, settled};
use crate::fencing;

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

/// Looks. Only the own ledger and the own records are reads without which nothing can be decided.
pub(crate) async fn observe<R>(reads: &R, run: &Run, part: Part, look: &Look<Receipt>) -> Result<Observed, StepError>
where
    R: DatabaseReads + NodeReads + LedgerReads + RecordReads,
{
    let (own, other, now) = (run.own(), run.other(), look.now);
    let ledger = reads.ledger(own).await.map_err(StepError::ReadFailed)?.map(|seen| seen.ledger);
    let mut seen = Observed {
        now,
        first_look_at: Some(look.first_look_at),
        ledger,
        global: Seen::from_call(reads.global_cluster(own).await, now),
        own: Seen::from_call(reads.cluster(own).await, now),
        other: unneeded(),
        lag: unneeded(),
        nodes_there: unneeded(),
        events: unneeded(),
        snapshots: unneeded(),
        snapshots_here: unneeded(),
        diagnosis: None,
        fencing: None,
        search_proof: None,
        files_proof: None,
        hand_over: None,
        lost: None,
        call: CallRecord::default(),
        said: look.hint.as_ref().and_then(|receipt| receipt.said.clone()),
        assumes_diagnosis: false,
        assumes_hand_over: false,
    };
    match part {
        Part::Promote | Part::SwitchOver => look_at_move(reads, run, part, &mut seen).await?,
        Part::Prove => look_at_proofs(reads, run, &mut seen).await?,
        Part::Fenced => {
            seen.fencing = records::read_own(reads, run, records::FENCING).await?;
            fencing::look(reads, run, &mut seen).await;
        }
        Part::SaveLostWrites => look_at_lost_writes(reads, run, &mut seen).await?,
        Part::Resynchronised => seen.other = Seen::from_call(reads.cluster(other).await, now),
    }
    Ok(seen)
}

async fn look_at_move<R>(reads: &R, run: &Run, part: Part, seen: &mut Observed) -> Result<(), StepError>
where
    R: DatabaseReads + NodeReads + RecordReads,
{
    let (own, other, now) = (run.own(), run.other(), seen.now);
    seen.call = records::read_own(reads, run, DATABASE_CALL).await?.unwrap_or_default();
    if part == Part::SwitchOver {
        seen.hand_over = records::read_own(reads, run, records::HAND_OVER_PROOF).await?;
        seen.nodes_there = Seen::from_call(reads.nodes(other).await, now);
        seen.lag = Seen::from_call(reads.replication_lag_ms(own).await, now);
        seen.other = Seen::from_call(reads.cluster(other).await, now);
        // Complete without a call of this run: somebody moved the database meanwhile, and perhaps not without loss.
        return if seen.called(run) { Ok(()) } else { look_at_settling(reads, run, seen).await };
    }
    seen.diagnosis = records::read_own(reads, run, records::DIAGNOSIS).await?;
    let state = seen.global.value().and_then(Option::as_ref).and_then(|global| global.failover_state.as_ref());
    if state.is_some_and(|state| !state.data_loss_allowed) {
        // Only a switchover that still runs makes anybody ask the Region that is to be left.
        seen.other = Seen::from_call(reads.cluster(other).await, now);
    }
    look_at_settling(reads, run, seen).await
}

/// What Aurora says of the fencing is needed once, where the move is written down: each look at a lost Region costs a time-out.
async fn look_at_settling<R>(reads: &R, run: &Run, seen: &mut Observed) -> Result<(), StepError>
where
    R: DatabaseReads + RecordReads,
{
    seen.fencing = records::read_own(reads, run, records::FENCING).await?;
    if complete(run, seen) && !settled(run, seen) {
        fencing::look(reads, run, seen).await;
    }
    Ok(())
}

async fn look_at_proofs<R>(reads: &R, run: &Run, seen: &mut Observed) -> Result<(), StepError>
where
    R: DatabaseReads + NodeReads + RecordReads,
{
    seen.search_proof = records::read_own(reads, run, records::SEARCH_PROOF).await?;
    seen.files_proof = records::read_own(reads, run, records::FILES_PROOF).await?;
    seen.hand_over = records::read_own(reads, run, records::HAND_OVER_PROOF).await?;
    seen.nodes_there = Seen::from_call(reads.nodes(run.other()).await, seen.now);
    seen.lag = Seen::from_call(reads.replication_lag_ms(run.own()).await, seen.now);
    Ok(())
}

/// How long before it was settled a move by hand may have ended: reconcile looks each minute, and may have been silent
/// for as long as its Region was dark.
pub(crate) const EVENTS_BEFORE_S: i64 = 86_400;

async fn look_at_lost_writes<R>(reads: &R, run: &Run, seen: &mut Observed) -> Result<(), StepError>
where
    R: DatabaseReads + RecordReads,
{
    seen.snapshots = Seen::from_call(reads.snapshots(run.other()).await, seen.now);
    seen.snapshots_here = Seen::from_call(reads.snapshots(run.own()).await, seen.now);
    seen.lost = records::read_own(reads, run, records::LOST_MESSAGES).await?;
    // Only a move by hand needs them, which may be settled minutes after it happened.
    if let Some(settled) = seen.ledger.as_ref().and_then(|ledger| ledger.settled.clone()) {
        let since = settled.at.plus_s(-EVENTS_BEFORE_S);
        // An end is recorded where the writer came to, which a move back leaves behind: both are needed.
        let (here, there) =
            (reads.database_events(run.own(), since).await, reads.database_events(run.other(), since).await);
        let both = here.and_then(|here| there.map(|there| here.into_iter().chain(there).collect()));
        seen.events = Seen::from_call(both, seen.now);
    }
    if let Some(last) = seen.ledger.as_ref().and_then(|ledger| ledger.last_move.clone()) {
        let of_last = |name: &str| records::key_of(&last.run, false, name);
        seen.diagnosis = records::read(reads, run.own(), &of_last(records::DIAGNOSIS)).await?;
        seen.fencing = records::read(reads, run.own(), &of_last(records::FENCING)).await?;
    }
    Ok(())
}

fn is_unseen<T>(seen: &Seen<T>) -> bool {
    seen.value().is_none()
}

fn unneeded<T>() -> Seen<T> {
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
