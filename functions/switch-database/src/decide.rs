//! What to do about the writer: before the call, after the call, when it is complete.

use mmdr_core::ports::{ClusterSeen, GlobalClusterSeen};
use mmdr_core::records;
use mmdr_core::{Acceptance, How, Kind, Region, Run, Settled, Time, Verdict, settled_outside};

use crate::observed::{CallRecord, DATABASE_CALL, Observed, Said, loses};
use crate::preconditions::{missing, same_target};
use crate::reasons::{Refusal, Waiting};
use crate::words::{Action, Note, Part, RecordAt};
use crate::{fencing, lost, proof, resync};

/// How long a failover gives a running switchover to the same target, in seconds.
const SWITCHOVER_PATIENCE_S: i64 = 60;

/// The verdict of this step.
pub(crate) type Decided = Verdict<Action, Waiting, Refusal>;

/// Two quiet looks must be so far apart before a call is taken for nothing: RDS's answers trail the call by seconds,
/// and a minute is far beyond what has been seen of that.
const QUIET_S: i64 = 60;

/// Decides from the observation alone.
pub(crate) fn decide(run: &Run, part: Part, seen: &Observed) -> Decided {
    match part {
        Part::Promote | Part::SwitchOver => move_writer(run, part, seen),
        Part::Prove => proof::decide(run, seen),
        Part::Fenced => fencing::decide(run, seen),
        Part::SaveLostWrites => lost::save(run, seen),
        Part::Resynchronised => resync::resynchronised(run, seen),
    }
}

fn move_writer(run: &Run, part: Part, seen: &Observed) -> Decided {
    if complete(run, seen) {
        return settle(run, seen);
    }
    if run.finishes() {
        return not_the_writer(run, seen);
    }
    match seen.sent_at(run) {
        Some(sent_at) => after_the_call(run, part, seen, sent_at),
        None if part == Part::SwitchOver => proof::before_the_switchover(run, seen),
        None => before_the_failover(run, seen),
    }
}

/// A run that only brings up the Region that writes calls nothing, ever.
fn not_the_writer(run: &Run, seen: &Observed) -> Decided {
    if seen.global.value().is_none() || seen.own.value().is_none() {
        return rds_silent(run, seen);
    }
    match moving(run, seen) {
        Some(says) => Verdict::Wait(Waiting::NotAtRest { says }),
        None => Verdict::Refuse(Refusal::NotTheWriter { region: run.own().clone() }),
    }
}

/// Aurora's completion test, all five parts at once: no FailoverState, global status available, the target flagged as
/// writer, its cluster available, a writer in its members. `IsWriter` alone lags while a move runs (camunda's and
/// switchover-lambda's pollers).
///
/// A cluster that stands alone is judged by its own description: after a detach the global cluster, where one is left,
/// goes on naming the lost Region.
pub(crate) fn complete(run: &Run, seen: &Observed) -> bool {
    let Some(Some(own)) = seen.own.value() else { return false };
    if own.global_cluster.is_none() {
        return own.writable() && stand_alone_is_meant(run, seen);
    }
    let Some(Some(global)) = seen.global.value() else { return false };
    abandoned(run, seen).is_none()
        && global.at_rest()
        && global.member(run.own()).is_some_and(|member| member.is_writer)
        && own.writable()
}

/// The other Region, where a detach to it has left this one: the global cluster here is a shell without it, and what this
/// Region's cluster holds ends at that detach, although the shell goes on naming it as its writer.
fn abandoned<'a>(run: &Run, seen: &'a Observed) -> Option<&'a Settled> {
    let global = seen.global.value()?.as_ref()?;
    settled_outside(global, seen.ledger.as_ref()).filter(|settled| settled.writer != *run.own())
}

/// A detach wants the cluster to stand alone; a failover finds it so when somebody detached it by hand meanwhile, or
/// when the ledger says that an earlier detach settled here. A switchover never means it: it would be a second writer.
fn stand_alone_is_meant(run: &Run, seen: &Observed) -> bool {
    let settled_here =
        seen.ledger.as_ref().and_then(|ledger| ledger.settled.as_ref()).is_some_and(|it| it.writer == *run.own());
    match run.kind {
        Kind::Detach => true,
        Kind::Failover => settled_here || seen.sent_at(run).is_some(),
        _ => false,
    }
}

/// The move is complete: say so in the ledger, once, with what is known of the old writer's fencing.
fn settle(run: &Run, seen: &Observed) -> Decided {
    if settled(run, seen) {
        return Verdict::Already;
    }
    let fencing = fencing_counts(run, seen).then(|| (RecordAt::of(run, records::FENCING), fencing::known(run, seen)));
    Verdict::Act(Action::Settle { writer: run.own().clone(), fencing })
}

/// Whether the move of this run is in the ledger, and how the old writer was fenced beside it.
pub(crate) fn settled(run: &Run, seen: &Observed) -> bool {
    let settled = seen.ledger.as_ref().and_then(|ledger| ledger.settled.as_ref());
    let written = settled.is_some_and(|it| it.writer == *run.own() && it.epoch == run.epoch && it.how == How::Move);
    written && (!fencing_counts(run, seen) || seen.fencing.is_some())
}

/// A switchover that finds the move made by somebody else does not know whether that one was without loss.
fn fencing_counts(run: &Run, seen: &Observed) -> bool {
    if run.finishes() { seen.called(run) } else { loses(run.kind) || !seen.called(run) }
}

fn before_the_failover(run: &Run, seen: &Observed) -> Decided {
    if let Some(settled) = abandoned(run, seen) {
        let (writer, epoch) = (settled.writer.clone(), settled.epoch);
        return Verdict::Refuse(Refusal::Abandoned { region: run.own().clone(), writer, epoch });
    }
    if let Some(refusal) = evidence(run, seen) {
        return Verdict::Refuse(refusal);
    }
    let Some(global) = seen.global.value() else { return rds_silent(run, seen) };
    if let Some(state) = global.as_ref().and_then(|global| global.failover_state.as_ref())
        && run.kind == Kind::Failover
        && same_target(run, &state.to_arn)
    {
        if state.data_loss_allowed {
            return Verdict::Wait(Waiting::SomebodyMoves { status: state.status.clone() });
        }
        if let Some(until) = switchover_may_end(run, seen) {
            return Verdict::Wait(Waiting::SwitchoverMayEnd { until });
        }
    }
    promote(run, seen, global.as_ref())
}

/// A switchover to the same target loses nothing if it ends. It can end only while the old writer's Region lives, and it
/// is waited for no longer than the evidence stays fresh.
fn switchover_may_end(run: &Run, seen: &Observed) -> Option<Time> {
    let patience_s = SWITCHOVER_PATIENCE_S.min(i64::from(run.deployment.policy.evidence_age_s) / 3);
    let until = seen.first_look_at?.plus_s(patience_s);
    (seen.other.value().is_some() && seen.now < until).then_some(until)
}

/// Why the call may not rest on the diagnosis on record. What a person accepts by name is the diagnosis, never its age.
fn evidence(run: &Run, seen: &Observed) -> Option<Refusal> {
    if seen.assumes_diagnosis {
        return None;
    }
    let limit_s = run.deployment.policy.evidence_age_s;
    let Some(diagnosis) = &seen.diagnosis else { return Some(Refusal::StaleEvidence { age_s: None, limit_s }) };
    let age_s = seen.now.since_s(diagnosis.evidence_at);
    if !seen.now.is_within(i64::from(limit_s), diagnosis.evidence_at) {
        return Some(Refusal::StaleEvidence { age_s: Some(age_s), limit_s });
    }
    let may = if run.by.is_machine() { diagnosis.machine_may_fail_over } else { diagnosis.person_may_fail_over };
    let permitted = may || run.accepts(Acceptance::Diagnosis);
    (!permitted).then(|| Refusal::NotPermitted { diagnosis: diagnosis.sentence.clone() })
}

fn promote(run: &Run, seen: &Observed, global: Option<&GlobalClusterSeen>) -> Decided {
    let asked = run.own().clone();
    let Some(arn) = own_arn(run) else {
        let missing = vec![format!("the deployment document does not name {asked}")];
        return Verdict::Refuse(Refusal::PreconditionsNotMet { missing });
    };
    let findings = missing(run, seen, global);
    let after = seen.newest_call();
    Verdict::Act(match run.kind {
        Kind::Detach => Action::Detach { asked, cluster_arn: arn, findings, after },
        _ => Action::FailOver { asked, target_arn: arn, findings, after },
    })
}

pub(crate) fn own_arn(run: &Run) -> Option<String> {
    run.deployment.region(run.own()).map(|setup| setup.cluster_arn.clone())
}

pub(crate) fn rds_silent(run: &Run, seen: &Observed) -> Decided {
    let why = seen.global.why().or(seen.own.why()).unwrap_or("its answer does not name the clusters").to_owned();
    Verdict::Wait(Waiting::RdsSilent { region: run.own().clone(), why })
}

/// The call was sent. It is never sent again unless it is proven that it came to nothing.
fn after_the_call(run: &Run, part: Part, seen: &Observed, sent_at: Time) -> Decided {
    let mut record = seen.call.clone();
    let proven = record.nothing.contains(&sent_at);
    record.quiet_since = record.quiet_since.filter(|at| *at > sent_at);
    record.said = record.said.filter(|said| said.to_call_at == Some(sent_at));
    if let (Some(text), None) = (&seen.said, &record.said) {
        record.said = Some(Said { text: text.clone(), to_call_at: Some(sent_at) });
        return note(run, record, Note::Answer(text.clone()));
    }
    if let Some(says) = moving(run, seen) {
        if record.quiet_since.is_some() || proven {
            record.quiet_since = None;
            record.nothing.retain(|at| *at != sent_at);
            return note(run, record, Note::MovesAfterAll);
        }
        return Verdict::Wait(Waiting::Moving { says });
    }
    if seen.global.value().is_none() || seen.own.value().is_none() {
        return rds_silent(run, seen);
    }
    if let (Part::SwitchOver, Some(why)) = (part, seen.other.why()) {
        // Only the old writer's own Region can say that its cluster is available, and a call-off hands back to it.
        return Verdict::Wait(Waiting::RdsSilent { region: run.other().clone(), why: why.into() });
    }
    match record.quiet_since {
        _ if proven => came_to_nothing(run, part, seen, &record),
        None => {
            record.quiet_since = Some(seen.now);
            note(run, record, Note::FirstQuietLook)
        }
        Some(since) if seen.now.since_s(since) < QUIET_S => Verdict::Wait(Waiting::QuietOnce { since }),
        Some(_) => {
            record.nothing.push(sent_at);
            note(run, record, Note::Nothing)
        }
    }
}

fn note(run: &Run, record: CallRecord, note: Note) -> Decided {
    Verdict::Act(Action::NoteCall { at: RecordAt::of(run, DATABASE_CALL), record, note })
}

/// What shows that the call, or something else, is at work: anything but the old writer at rest. Every status that is
/// not `available` counts, because AWS documents none (`switching-over` is in no SDK's list). None where nothing does,
/// or where nobody can tell.
fn moving(run: &Run, seen: &Observed) -> Option<String> {
    let global = seen.global.value()?;
    let own = seen.own.value()?;
    if let Some(says) = not_available(run.own(), own.as_ref()) {
        return Some(says);
    }
    if let Some(Some(other)) = seen.other.value()
        && let Some(says) = not_available(run.other(), Some(other))
    {
        return Some(says);
    }
    if own.as_ref().is_some_and(|own| own.global_cluster.is_none()) {
        return Some(format!("the cluster in {} stands alone, outside the global database", run.own()));
    }
    let Some(global) = global else { return Some("the global cluster is gone".into()) };
    if let Some(state) = &global.failover_state {
        return Some(format!("{} from {} to {}", state.status, state.from_arn, state.to_arn));
    }
    if global.status != "available" {
        return Some(format!("the global cluster is {}", global.status));
    }
    match global.only_writer() {
        Some(writer) if writer.region == *run.other() => None,
        Some(writer) => Some(format!("the writer is in {}, not yet complete", writer.region)),
        None => Some("no single member is flagged as writer".into()),
    }
}

fn not_available(region: &Region, cluster: Option<&ClusterSeen>) -> Option<String> {
    match cluster {
        None => Some(format!("the cluster in {region} is not there")),
        Some(cluster) if cluster.status != "available" => {
            Some(format!("the cluster in {region} is {}", cluster.status))
        }
        Some(_) => None,
    }
}

/// Proven: two quiet looks. A failover may call once more, on fresh evidence; what calls no more goes back to open before
/// it refuses, so that nobody is told to ask Aurora and nobody resumes what has nothing left to do.
fn came_to_nothing(run: &Run, part: Part, seen: &Observed, record: &CallRecord) -> Decided {
    let said = record.said.as_ref();
    let retry = said.is_some_and(Said::asks_to_retry);
    let service = said.map(|said| said.text.clone());
    if part == Part::SwitchOver {
        if retry && let Verdict::Act(again) = proof::before_the_switchover(run, seen) {
            return Verdict::Act(again);
        }
        let remains = "Everything can be called off; nothing was changed.".into();
        return back_to_open(run, seen, record, Refusal::CameToNothing { service, remains });
    }
    let remains = what_remains(run);
    match service {
        Some(service) if !retry => back_to_open(run, seen, record, Refusal::ServiceRefused { service, remains }),
        service => match evidence(run, seen) {
            // A continued run answers its diagnosis parts with Already: it cannot get fresh evidence.
            Some(_) if run.forward_only => back_to_open(run, seen, record, Refusal::CameToNothing { service, remains }),
            Some(refusal) => Verdict::Refuse(refusal),
            None if retry || record.nothing.len() == 1 => {
                promote(run, seen, seen.global.value().and_then(Option::as_ref))
            }
            None => back_to_open(run, seen, record, Refusal::CameToNothing { service, remains }),
        },
    }
}

/// The ledger first, then the refusal.
fn back_to_open(run: &Run, seen: &Observed, record: &CallRecord, refusal: Refusal) -> Decided {
    if seen.calling(run) {
        let at = RecordAt::of(run, DATABASE_CALL);
        return Verdict::Act(Action::CameToNothing { at, record: record.clone() });
    }
    Verdict::Refuse(refusal)
}

fn what_remains(run: &Run) -> String {
    let (own, other) = (run.own(), run.other());
    match run.kind {
        Kind::Detach => format!("What remains: ask AWS Support, or wait for {other}"),
        _ => format!(
            "What remains: a new failover on a fresh diagnosis, or kind detach to {own}, which gives up Aurora's \
             fencing, its snapshot of lost writes, and the global database"
        ),
    }
}
