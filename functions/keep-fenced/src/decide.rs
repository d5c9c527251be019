//! What to stop, and when.

use mmdr_core::ports::{JobFlags, NodeSeen, NodeState};
use mmdr_core::{Epoch, Seen, Verdict};
use mmdr_fence::{FIRST_LOOK_AGE_S, MayRun, Proof, may_run};

use crate::observed::Observed;
use crate::words::{Action, Refusal, Waiting};

type Decided = Verdict<Action, Waiting, Refusal>;

/// Decides from the observation alone.
pub(crate) fn decide(seen: &Observed) -> Decided {
    let noted = seen.view.elsewhere_since;
    match may_run(&seen.view) {
        MayRun::No(proof) => stop(seen, proof),
        MayRun::NoAtFirstLook { .. } if !something_may_run(seen) => Verdict::Already,
        MayRun::NoAtFirstLook { writer } => match noted {
            Some(since) if seen.view.now.since_s(since) <= FIRST_LOOK_AGE_S => {
                Verdict::Wait(Waiting::SecondLook { writer, since })
            }
            _ => note(seen, Some(seen.view.now)),
        },
        MayRun::Yes if noted.is_some() => note(seen, None),
        // An error unsays nothing; an answer of RDS that names no other writer does.
        MayRun::CannotTell { .. } if noted.is_some() && seen.view.global.value().is_some() => note(seen, None),
        MayRun::Yes | MayRun::CannotTell { .. } => Verdict::Already,
    }
}

fn note(seen: &Observed, elsewhere_since: Option<mmdr_core::Time>) -> Decided {
    Verdict::Act(Action::Note { region: seen.view.own.clone(), elsewhere_since })
}

/// One kind of change per look: nodes first, then a dedicated job server, which works on now, then the flags, which only
/// the next start reads.
fn stop(seen: &Observed, proof: Proof) -> Decided {
    let region = seen.view.own.clone();
    if let Some(nodes) = seen.nodes.value()
        && nodes.iter().any(runs)
    {
        let ids = nodes.iter().filter(|node| node.is_live()).map(|node| node.id.clone()).collect();
        return Verdict::Act(Action::StopNodes { region, ids, epoch: epoch(seen), proof });
    }
    if let Some(flags) = seen.flags.value() {
        if flags.job_server_replicas.is_some_and(|replicas| replicas > 0) {
            return Verdict::Act(Action::NoJobServer { region, proof });
        }
        if flags.parameter.is_some_and(|flags| flags.run_jobs || flags.run_scheduler) {
            let flags = JobFlags { run_jobs: false, run_scheduler: false, epoch: epoch(seen) };
            return Verdict::Act(Action::FlagsOff { region, flags, proof });
        }
    }
    match (&seen.nodes, &seen.flags) {
        (Seen::Unseen { why }, _) => Verdict::Wait(Waiting::CannotSee { proof, why: format!("nodes: {why}") }),
        (_, Seen::Unseen { why }) => Verdict::Wait(Waiting::CannotSee { proof, why: format!("job flags: {why}") }),
        (Seen::Seen { value: nodes, .. }, _) if nodes.iter().any(NodeSeen::is_live) => {
            let ids: Vec<String> = nodes.iter().filter(|node| node.is_live()).map(|node| node.id.clone()).collect();
            Verdict::Act(Action::StopNodes { region, ids, epoch: epoch(seen), proof })
        }
        _ => Verdict::Already,
    }
}

/// A broken machine is stopped with the others, but never keeps the flags waiting.
fn runs(node: &NodeSeen) -> bool {
    node.is_live() && node.state != NodeState::Broken
}

fn something_may_run(seen: &Observed) -> bool {
    // Nodes that cannot be seen may run: the looks are counted, so that nothing is late once they are seen.
    let nodes = seen.nodes.value().is_none_or(|nodes| nodes.iter().any(NodeSeen::is_live));
    let jobs = seen.flags.value().is_some_and(|flags| {
        flags.parameter.is_some_and(|it| it.run_jobs || it.run_scheduler) || flags.job_server_replicas.unwrap_or(0) > 0
    });
    nodes || jobs
}

/// The highest settled epoch that is readable, and never below the one that the flags carry: an older epoch never
/// writes.
fn epoch(seen: &Observed) -> Epoch {
    let ledgers = [&seen.view.own_ledger, &seen.view.other_ledger];
    let settled =
        ledgers.into_iter().filter_map(|ledger| ledger.value()?.as_ref()?.settled.as_ref().map(|it| it.epoch));
    let flags = seen.flags.value().and_then(|flags| flags.parameter).map(|flags| flags.epoch);
    settled.chain(flags).max().unwrap_or_default()
}
