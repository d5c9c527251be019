//! What roll-nodes decides: the parts that stop nodes. `bring_up` holds those that start them.

use mmdr_core::deployment::Platform;
use mmdr_core::ports::{NodeSeen, NodeState};
use mmdr_core::{CanWrite, Kind, Phase, Region, Run, Seen, Verdict};

use crate::bring_up::{bring_up, summary};
use crate::observed::Observed;
use crate::words::{Action, Part, Refusal, Waiting, list};

/// The verdict of this step.
pub(crate) type Decision = Verdict<Action, Waiting, Refusal>;

/// Decides for every part.
pub(crate) fn decide(run: &Run, part: Part, seen: &Observed) -> Decision {
    match part {
        Part::FenceLost => fence_lost(run, seen),
        Part::FenceLostBeside => fence_lost_beside(run, seen),
        Part::StopThere => stop_there(run, seen),
        Part::KeepThereStopped => keep_there_stopped(run, seen),
        Part::StartHere => bring_up(run, part, seen),
        Part::StartThere => match past_the_call(run, seen) {
            Some(verdict) => verdict,
            None => bring_up(run, part, seen),
        },
    }
}

/// Never waited for: what is not seen or not accepted goes on at once, the machine bounds the rest to 30 s.
fn fence_lost(run: &Run, seen: &Observed) -> Decision {
    if !matches!(run.kind, Kind::Failover | Kind::Detach) {
        return wrong_kind(run, Part::FenceLost);
    }
    if run.forward_only || failed(seen).is_some() {
        return Verdict::Already;
    }
    match stoppable(seen) {
        None => Verdict::Already,
        Some(ids) if ids.is_empty() => Verdict::Already,
        Some(ids) => stop_or_wait(run, seen, &seen.region, ids, false, true),
    }
}

/// Goes on beside the database call. Once the database has moved, nobody waits for the lost Region any more: the join
/// would hold up the nodes of the surviving one, and keep-fenced stops what comes back.
fn fence_lost_beside(run: &Run, seen: &Observed) -> Decision {
    if !matches!(run.kind, Kind::Failover | Kind::Detach) {
        return wrong_kind(run, Part::FenceLostBeside);
    }
    let moved = has_moved(run, seen);
    let Some(ids) = stoppable(seen).filter(|_| failed(seen).is_none()) else {
        let why = failed(seen).or(seen.nodes.why()).unwrap_or_default().to_owned();
        return if moved || patience_ends(run, seen) {
            Verdict::Already
        } else {
            Verdict::Wait(Waiting::NodesUnseen { region: seen.region.clone(), why })
        };
    };
    if ids.is_empty() || (moved && seen.asked.is_some()) {
        return Verdict::Already;
    }
    // What continues an earlier run, or brings up the Region that writes, has not asked again who that is: each node does.
    stop_or_wait(run, seen, &seen.region, ids, moved || run.forward_only, true)
}

/// A Region that stays silent is no stop and no failure of this part: it ends by itself just before its bound would.
fn patience_ends(run: &Run, seen: &Observed) -> bool {
    const LAST_LOOK_S: i64 = 20;
    let spent_s = seen.first_look_at.map_or(0, |first| seen.now.since_s(first));
    spent_s >= i64::from(crate::beside_s(run)) - LAST_LOOK_S
}

/// Drain first, then stop; every node must be seen stopped, because the hand-over proof rests on it.
fn stop_there(run: &Run, seen: &Observed) -> Decision {
    if run.kind != Kind::Switchover {
        return wrong_kind(run, Part::StopThere);
    }
    if run.forward_only {
        return Verdict::Already;
    }
    if let Some(verdict) = past_the_call(run, seen) {
        return verdict;
    }
    let there = stop_all(run, seen, &seen.region, &seen.nodes);
    match (&there, &seen.own_nodes) {
        (Verdict::Already, Some(own)) => stop_all(run, seen, run.own(), own),
        _ => there,
    }
}

fn stop_all(run: &Run, seen: &Observed, region: &Region, nodes: &Seen<Vec<NodeSeen>>) -> Decision {
    let nodes = match nodes {
        Seen::Unseen { why } => {
            return Verdict::Wait(Waiting::NodesUnseen { region: region.clone(), why: why.clone() });
        }
        Seen::Seen { value, .. } => value,
    };
    if let Some(verdict) = nobody_there(run, region, nodes) {
        return verdict;
    }
    // Taken out of the load balancer it would be forgotten, while it runs on.
    let platform = run.deployment.region(region).map(|setup| setup.nodes.platform);
    let deaf = ids_of(nodes, |node| platform.is_some_and(|platform| node.is_out_of_reach(platform)));
    if !deaf.is_empty() {
        return Verdict::Wait(Waiting::NodesOutOfReach { region: region.clone(), ids: deaf });
    }
    let registered = ids_of(nodes, |node| node.is_live() && node.registered);
    if !registered.is_empty() {
        return Verdict::Act(Action::Deregister { region: region.clone(), ids: registered });
    }
    let live = ids_of(nodes, NodeSeen::is_live);
    if live.is_empty() { Verdict::Already } else { stop_or_wait(run, seen, region, live, false, false) }
}

/// Stops only while the own Region is the writer by a positive reading, and each node checks again for itself.
fn keep_there_stopped(run: &Run, seen: &Observed) -> Decision {
    match seen.writer.can_write() {
        CanWrite::Yes => {}
        CanWrite::No(why) => return Verdict::Refuse(Refusal::WriterIsThere { why }),
        CanWrite::Unknown(why) => return Verdict::Wait(Waiting::WriterUnknown { why }),
    }
    let Some(ids) = stoppable(seen) else {
        let why = seen.nodes.why().unwrap_or_default().to_owned();
        return Verdict::Wait(Waiting::NodesUnseen { region: seen.region.clone(), why });
    };
    if ids.is_empty() {
        let nodes = seen.nodes.value().map_or(&[][..], Vec::as_slice);
        return nobody_there(run, &seen.region, nodes).unwrap_or(Verdict::Already);
    }
    stop_or_wait(run, seen, &seen.region, ids, true, false)
}

/// One command, then one look without a command: a command in flight is not repeated at once.
fn stop_or_wait(
    run: &Run,
    seen: &Observed,
    region: &Region,
    ids: Vec<String>,
    fence_check: bool,
    best_effort: bool,
) -> Decision {
    if just_stopped(seen, &ids) {
        return Verdict::Wait(Waiting::Stopping { region: region.clone(), ids });
    }
    let (region, epoch) = (region.clone(), run.epoch);
    Verdict::Act(Action::Stop { region, ids, epoch, fence_check, best_effort })
}

/// Whether the look before told all of these nodes to stop.
pub(crate) fn just_stopped(seen: &Observed, ids: &[String]) -> bool {
    seen.asked.as_ref().is_some_and(|asked| asked.stopped && ids.iter().all(|id| asked.ids.contains(id)))
}

/// The old side may be stopped for a hand-over, or started again, only while nothing was sent to the database.
fn past_the_call(run: &Run, seen: &Observed) -> Option<Decision> {
    if run.dry_run {
        return None;
    }
    match seen.writer.phase_of(&run.id) {
        Some(Phase::Open) => None,
        Some(phase) => Some(Verdict::Refuse(Refusal::PastTheCall { phase })),
        None => Some(Verdict::Wait(Waiting::LedgerUnseen)),
    }
}

/// An empty answer proves that nothing runs only where a stopped service has no nodes.
pub(crate) fn nobody_there(run: &Run, region: &Region, nodes: &[NodeSeen]) -> Option<Decision> {
    let setup = run.deployment.region(region)?;
    if !nodes.is_empty() || setup.nodes.platform == Platform::Ecs {
        return None;
    }
    let (region, group) = (region.clone(), setup.nodes.group.clone());
    Some(Verdict::Wait(Waiting::NoNodes { region, group }))
}

fn has_moved(run: &Run, seen: &Observed) -> bool {
    // A dry run moves nothing, so there is nothing to fence beside it.
    run.dry_run || matches!(seen.writer.phase_of(&run.id), Some(Phase::Settled | Phase::Closed))
}

pub(crate) fn failed(seen: &Observed) -> Option<&str> {
    seen.asked.as_ref().and_then(|asked| asked.failed.as_deref())
}

/// Nodes that a command can stop; a machine that does not answer takes none. None where nothing was seen.
fn stoppable(seen: &Observed) -> Option<Vec<String>> {
    let nodes = seen.nodes.value()?;
    Some(ids_of(nodes, |node| node.is_live() && node.state != NodeState::Broken))
}

pub(crate) fn ids_of(nodes: &[NodeSeen], which: impl Fn(&NodeSeen) -> bool) -> Vec<String> {
    nodes.iter().filter(|node| which(node)).map(|node| node.id.clone()).collect()
}

fn wrong_kind(run: &Run, part: Part) -> Decision {
    Verdict::Refuse(Refusal::WrongKind { part: part.to_string(), kind: run.kind })
}

/// The sentence of an `Already`; it names what was not seen and what is not as it should be.
pub(crate) fn already(run: &Run, part: Part, seen: &Observed) -> String {
    let region = &seen.region;
    if run.forward_only && matches!(part, Part::FenceLost | Part::StopThere) {
        return "past its database call: nothing is stopped for it any more".into();
    }
    if part.starts() {
        return summary(run, part, seen);
    }
    if let Some(why) = failed(seen) {
        return format!("note: could not stop the nodes of {region}: {why}; going on");
    }
    let Some(nodes) = seen.nodes.value() else {
        let why = seen.nodes.why().unwrap_or_default();
        return format!("note: could not look at the nodes of {region}: {why}; going on");
    };
    let live = ids_of(nodes, NodeSeen::is_live);
    if live.is_empty() {
        return format!("no node of {region} runs ({} seen stopped)", nodes.len());
    }
    format!("note: {} of {region} could not be seen stopped; keep-fenced goes on there", list(&live))
}
