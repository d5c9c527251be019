//! The looking: which part asks what. Nothing here changes anything.

use mmdr_core::ports::{DatabaseReads, LedgerReads, NodeReads, RecordReads};
use mmdr_core::records;
use mmdr_core::{Look, Run, Seen, StepError};

use crate::Part;
use crate::decide::{complete, settled};
use crate::fencing;
use crate::observed::{CallRecord, DATABASE_CALL, Observed, Receipt, unneeded};

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
