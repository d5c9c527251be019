//! Whether the cluster of the Region that was lost follows again.

use mmdr_core::ports::ClusterSeen;
use mmdr_core::{Kind, Run, Verdict};

use crate::decide::{Decided, rds_silent};
use crate::observed::Observed;
use crate::reasons::{Refusal, Waiting};

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
