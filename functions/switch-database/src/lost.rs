//! When a lost Region answers again: keep the rows that only its old volume has, then see it follow.

use mmdr_core::ports::{ClusterSeen, SnapshotSeen};
use mmdr_core::records::{self, FencingOutcome, LostMessages};
use mmdr_core::{Kind, LastMove, Run, Time, Verdict};

use crate::decide::{Decided, rds_silent};
use crate::observed::Observed;
use crate::reasons::{Refusal, Waiting};
use crate::words::{Action, RecordAt};

/// Saves the lost writes. Aurora snapshots the old volume before it gives the returned cluster a new one, as a system
/// snapshot under that cluster's retention: the only record of the lost writes, unless it is copied (Aurora User
/// Guide, "Recovering an Aurora global database from an unplanned outage").
pub(crate) fn save(run: &Run, seen: &Observed) -> Decided {
    if seen.lost.is_some() {
        return Verdict::Already;
    }
    let last = seen.ledger.as_ref().and_then(|ledger| ledger.last_move.as_ref());
    match last.map(|last| last.kind) {
        Some(Kind::Detach) => return left_behind(run, seen),
        Some(Kind::Switchover) => {
            let sentence = "the last move was a switchover: nothing was lost".into();
            return write(run, LostMessages { from: None, until: None, at_least_s: Some(0), kept_in: None, sentence });
        }
        _ => {}
    }
    let snapshots = match (seen.snapshots.value(), seen.snapshots.why()) {
        (Some(snapshots), _) => snapshots,
        (None, why) => {
            let (region, why) = (run.other().clone(), why.unwrap_or("unseen").to_owned());
            return Verdict::Wait(Waiting::ReturnedRegionSilent { region, why });
        }
    };
    let sources = of_the_old_volume(run, last, snapshots);
    if sources.is_empty() {
        return none_yet(run, seen);
    }
    copy(run, seen, snapshots, &sources)
}

/// The name of the old cluster, out of the ARN that the deployment document gives.
fn old_cluster(run: &Run) -> &str {
    let arn = run.deployment.region(run.other()).map_or("", |setup| setup.cluster_arn.as_str());
    arn.rsplit(':').next().unwrap_or(arn)
}

/// `rds:unplanned-global-failover-<old cluster>-<timestamp>`, made since the last move.
fn of_the_old_volume<'a>(run: &Run, last: Option<&LastMove>, snapshots: &'a [SnapshotSeen]) -> Vec<&'a SnapshotSeen> {
    let stem = format!("rds:unplanned-global-failover-{}-", old_cluster(run));
    let since = last.map_or(Time(i64::MIN), |last| last.at);
    let mut found: Vec<&SnapshotSeen> =
        snapshots.iter().filter(|it| !it.manual && it.id.starts_with(&stem) && it.created_at >= since).collect();
    found.sort_by(|one, other| one.id.cmp(&other.id));
    found
}

/// The copy is named after its source and the move, so that a run that continues this one finds it.
fn copy_name(seen: &Observed, source: &SnapshotSeen) -> String {
    let epoch = seen.ledger.as_ref().and_then(|ledger| ledger.last_move.as_ref()).map_or(0, |last| last.epoch.0);
    format!("mmdr-epoch-{epoch}-{}", source.id.trim_start_matches("rds:"))
}

fn copy(run: &Run, seen: &Observed, snapshots: &[SnapshotSeen], sources: &[&SnapshotSeen]) -> Decided {
    let mut kept = Vec::new();
    for source in sources {
        let name = copy_name(seen, source);
        let copied = snapshots.iter().find(|it| it.id == name);
        let waits_for = match copied {
            Some(done) if done.status == "available" => {
                kept.push(name);
                continue;
            }
            Some(copy) => copy,
            None if source.status == "available" => {
                let (region, source) = (run.other().clone(), source.id.clone());
                return Verdict::Act(Action::CopySnapshot { region, source, copy: name });
            }
            None => source,
        };
        let (id, status) = (waits_for.id.clone(), waits_for.status.clone());
        return if status == "failed" {
            Verdict::Refuse(Refusal::SnapshotFailed { id, status })
        } else {
            Verdict::Wait(Waiting::SnapshotInTheMaking { id, status })
        };
    }
    let place = format!("snapshot {} in {}", kept.join(" and "), run.other());
    let sentence = format!("the rows that only the old writer had are kept in {place}");
    write(run, account(seen, Some(place), sentence))
}

/// Aurora "first tries to" snapshot: where none appears, the loss is said aloud instead of waited for without end.
fn none_yet(run: &Run, seen: &Observed) -> Decided {
    let until = run.opened_at.plus_s(i64::from(run.deployment.policy.bounds.database_s));
    if seen.now < until {
        return Verdict::Wait(Waiting::NoSnapshotYet { until });
    }
    let sentence = format!(
        "LOSS: Aurora made no snapshot of the old volume in {}: what only the old writer had is lost, unless a backup \
         of that cluster holds it",
        run.other()
    );
    write(run, account(seen, None, sentence))
}

/// A detach leaves the old cluster as it was, writable, with its rows in it.
fn left_behind(run: &Run, seen: &Observed) -> Decided {
    let place = format!("the old cluster {} in {}", old_cluster(run), run.other());
    let sentence = format!("the rows that only the old writer had lie in {place}: keep it until they are saved");
    write(run, account(seen, Some(place), sentence))
}

fn write(run: &Run, account: LostMessages) -> Decided {
    Verdict::Act(Action::WriteLostMessages { at: RecordAt::of(run, records::LOST_MESSAGES), account })
}

/// The window runs from the newest commit known to be replicated until the fence was proven; both ends may be unknown.
fn account(seen: &Observed, kept_in: Option<String>, sentence: String) -> LostMessages {
    let forecast = seen.diagnosis.as_ref().map(|diagnosis| diagnosis.forecast);
    let from = forecast.and_then(|forecast| {
        let (at, lag_ms) = (forecast.measured_at?, forecast.last_lag_ms?);
        Some(Time(at.0 - lag_ms as i64))
    });
    let fenced = seen.fencing.as_ref().filter(|fencing| fencing.outcome == FencingOutcome::Blocked);
    let until = fenced.and_then(|fencing| fencing.at);
    let at_least_s = match (from, until) {
        (Some(from), Some(until)) => Some(until.since_s(from).max(0)),
        _ => forecast.and_then(|forecast| forecast.at_least_s),
    };
    LostMessages { from, until, at_least_s, kept_in, sentence }
}

/// Whether the returned cluster follows again: a member, connected, available, with an instance.
pub(crate) fn resynchronised(run: &Run, seen: &Observed) -> Decided {
    let (Some(global), Some(own)) = (seen.global.value(), seen.own.value()) else { return rds_silent(run, seen) };
    let region = run.other().clone();
    let last = seen.ledger.as_ref().and_then(|ledger| ledger.last_move.as_ref());
    let detached = last.is_some_and(|last| last.kind == Kind::Detach);
    let alone = own.as_ref().is_some_and(|own| own.global_cluster.is_none());
    let Some(global) = global.as_ref().filter(|_| !alone) else {
        return if detached || alone {
            Verdict::Refuse(Refusal::RebuildByHand { region })
        } else {
            Verdict::Wait(Waiting::NotYetBack { region })
        };
    };
    if let Some(state) = &global.failover_state {
        let says = format!("a move to {} is {}", state.to_arn, state.status);
        return Verdict::Wait(Waiting::Resynchronising { region, says });
    }
    match global.only_writer() {
        Some(writer) if writer.region != *run.own() => {
            return Verdict::Refuse(Refusal::WriterElsewhere { writer: writer.region.to_string() });
        }
        Some(_) => {}
        None => {
            let says = "no single member is flagged as writer".into();
            return Verdict::Wait(Waiting::Resynchronising { region, says });
        }
    }
    match global.member(run.other()) {
        None => Verdict::Wait(Waiting::NotYetBack { region }),
        Some(member) if member.synchronization.as_deref() != Some("connected") => {
            let says = member.synchronization.clone().unwrap_or_else(|| "no synchronization status".into());
            Verdict::Wait(Waiting::Resynchronising { region, says })
        }
        Some(_) => cluster_there(run, seen.other.value().and_then(Option::as_ref)),
    }
}

/// The returned cluster's own word, where its Region gives it; `connected` from the writer's RDS stands without it.
fn cluster_there(run: &Run, other: Option<&ClusterSeen>) -> Decided {
    let region = run.other().clone();
    match other {
        Some(cluster) if cluster.instances == 0 => Verdict::Refuse(Refusal::Headless { region }),
        Some(cluster) if cluster.status != "available" => {
            Verdict::Wait(Waiting::Resynchronising { region, says: format!("its status is {}", cluster.status) })
        }
        _ => Verdict::Already,
    }
}
