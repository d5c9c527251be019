//! Starting the nodes of the Region whose database can write.

use mmdr_core::deployment::{NodeEndpoint, NodesSetup, Platform};
use mmdr_core::ports::{JobFlags, NodeSeen, NodeState};
use mmdr_core::{CanWrite, Epoch, Kind, Run, Seen, Time, Verdict};

use crate::decide::{Decision, failed, ids_of, just_stopped, nobody_there};
use crate::observed::{Observed, Receipt};
use crate::words::{Action, Part, Refusal, Waiting, list};

/// What a node must have started with, and after.
struct Needed {
    /// Lowest epoch of the job flags.
    epoch: Epoch,
    /// When the database was proven to write here.
    since: Time,
    /// Whether the flags say anything about the nodes; a dedicated job server ignores them.
    flags: bool,
}

/// Start what is stopped, restart what started too early, register what serves; enough healthy nodes are enough.
pub(crate) fn bring_up(run: &Run, part: Part, seen: &Observed) -> Decision {
    if let CanWrite::No(why) | CanWrite::Unknown(why) = seen.writer.can_write() {
        return Verdict::Wait(Waiting::DatabaseNotReady { why });
    }
    let needed = needed(run, part, seen);
    if let Some(verdict) = flags_missing(run, seen, &needed) {
        return verdict;
    }
    let region = seen.region.clone();
    let nodes = match &seen.nodes {
        Seen::Unseen { why } => return Verdict::Wait(Waiting::NodesUnseen { region, why: why.clone() }),
        Seen::Seen { value, .. } => value,
    };
    let Some(setup) = run.deployment.region(&region).map(|setup| &setup.nodes) else {
        let why = "the document does not name it".into();
        return Verdict::Wait(Waiting::NodesUnseen { region, why });
    };
    if let Some(verdict) = nobody_there(run, &region, nodes) {
        return verdict;
    }
    start_stopped(run, seen, setup, nodes)
        // A fresh node that serves makes room for the next stale one: it is registered first.
        .or_else(|| register(seen, nodes, &needed))
        .or_else(|| restart_stale(run, seen, setup, nodes, &needed))
        .unwrap_or_else(|| judge(run, seen, setup, nodes))
}

fn start_stopped(run: &Run, seen: &Observed, setup: &NodesSetup, nodes: &[NodeSeen]) -> Option<Decision> {
    // A machine that no command reaches is not waited for: enough others may serve.
    let ids = ids_of(nodes, |node| node.state == NodeState::Stopped && node.reachable);
    // A service that is scaled down shows fewer nodes, not stopped ones.
    let scaled_down = setup.platform == Platform::Ecs && (nodes.len() as u64) < u64::from(setup.count);
    if ids.is_empty() && !scaled_down {
        return None;
    }
    let region = seen.region.clone();
    // One command, then one look without a command. A node that was just told to stop is started at once.
    let asked = |asked: &Receipt| !asked.stopped && ids.iter().all(|id| asked.ids.contains(id));
    if seen.asked.as_ref().is_some_and(asked) {
        if healthy(nodes) >= enough(setup) && !scaled_down {
            return None;
        }
        return Some(Verdict::Wait(Waiting::Starting { region, ids }));
    }
    let best_effort =
        nodes.iter().any(|node| !ids.contains(&node.id) && (node.state == NodeState::Running || is_coming(node)));
    Some(Verdict::Act(Action::Start { region, ids, epoch: run.epoch, best_effort }))
}

/// One batch at a time, and never below the healthy minimum: first out of the balancer, then stopped; the next look
/// starts what is stopped.
fn restart_stale(
    run: &Run,
    seen: &Observed,
    setup: &NodesSetup,
    nodes: &[NodeSeen],
    needed: &Needed,
) -> Option<Decision> {
    let stale: Vec<&NodeSeen> = nodes.iter().filter(|node| is_stale(node, needed)).collect();
    if stale.is_empty() {
        return None;
    }
    let region = seen.region.clone();
    let coming = nodes.iter().any(|node| is_coming(node) && !is_stale(node, needed));
    let ids: Vec<String> = stale.iter().map(|node| node.id.clone()).collect();
    let (healthy, minimum) = (healthy(nodes), setup.healthy_minimum);
    if setup.platform == Platform::Ecs {
        // A start of running tasks is a new deployment, which the service rolls by itself; a stop would scale it to 0. It is asked
        // for once: a second one would begin the rolling anew.
        let asked = |asked: &Receipt| !asked.stopped && ids.iter().all(|id| asked.ids.contains(id));
        return Some(match coming || seen.asked.as_ref().is_some_and(asked) {
            true => Verdict::Wait(Waiting::RoomToRestart { ids, healthy, minimum }),
            false => Verdict::Act(Action::Start { region, ids, epoch: run.epoch, best_effort: false }),
        });
    }
    let drained: Vec<String> = stale.iter().filter(|node| !node.registered).map(|node| node.id.clone()).collect();
    if !drained.is_empty() {
        return Some(stop_drained(run, seen, drained));
    }
    let batch = batch(&stale, healthy.saturating_sub(minimum));
    if !batch.is_empty() {
        return Some(Verdict::Act(Action::Deregister { region, ids: batch }));
    }
    if !coming {
        // The last healthy nodes are not taken away for this: it becomes a finding.
        return None;
    }
    Some(Verdict::Wait(Waiting::RoomToRestart { ids, healthy, minimum }))
}

fn stop_drained(run: &Run, seen: &Observed, ids: Vec<String>) -> Decision {
    let region = seen.region.clone();
    if just_stopped(seen, &ids) {
        return Verdict::Wait(Waiting::Stopping { region, ids });
    }
    Verdict::Act(Action::Stop { region, ids, epoch: run.epoch, fence_check: false, best_effort: false })
}

/// Unhealthy ones cost nothing; healthy ones only as long as there is room above the minimum.
fn batch(stale: &[&NodeSeen], mut room: u32) -> Vec<String> {
    let mut batch = Vec::new();
    for node in stale {
        if node.healthy && room == 0 {
            continue;
        }
        room -= u32::from(node.healthy);
        batch.push(node.id.clone());
    }
    batch
}

fn register(seen: &Observed, nodes: &[NodeSeen], needed: &Needed) -> Option<Decision> {
    let ids = ids_of(nodes, |node| node.state == NodeState::Running && !node.registered && !is_stale(node, needed));
    (!ids.is_empty()).then(|| Verdict::Act(Action::Register { region: seen.region.clone(), ids }))
}

fn judge(run: &Run, seen: &Observed, setup: &NodesSetup, nodes: &[NodeSeen]) -> Decision {
    let healthy = healthy(nodes);
    if healthy >= enough(setup) {
        return Verdict::Already;
    }
    let (region, minimum) = (seen.region.clone(), enough(setup));
    let mut others = others(nodes);
    let loops = nodes.iter().any(|node| node.state == NodeState::RestartLoop);
    if loops && run.kind == Kind::Detach && run.deployment.database.node_endpoint == NodeEndpoint::GlobalWriter {
        others += "; the global writer endpoint does not lead to a cluster that was cut loose: give the nodes the \
                   cluster's own endpoint (DataSource)";
    }
    Verdict::Wait(Waiting::TooFewHealthy { region, healthy, minimum, others })
}

/// A single node may be missing while it restarts, and yet somebody must serve in the end.
fn enough(setup: &NodesSetup) -> u32 {
    setup.healthy_minimum.max(1)
}

fn needed(run: &Run, part: Part, seen: &Observed) -> Needed {
    let flags = !run.deployment.mattermost.dedicated_job_server;
    // The old side never lost its database: what runs there may go on, if it runs jobs.
    if part == Part::StartThere {
        return Needed { epoch: Epoch(0), since: Time(i64::MIN), flags };
    }
    match seen.writer.settled().filter(|settled| settled.writer == seen.region) {
        // A run that was taken over after its database move keeps what that run has started.
        Some(settled) => Needed { epoch: settled.epoch.min(run.epoch), since: settled.at, flags },
        None => Needed { epoch: run.epoch, since: Time(i64::MIN), flags },
    }
}

fn flags_missing(run: &Run, seen: &Observed, needed: &Needed) -> Option<Decision> {
    if !needed.flags {
        return None;
    }
    let region = seen.region.clone();
    match &seen.flags {
        Seen::Unseen { why } => Some(Verdict::Wait(Waiting::FlagsUnseen { region, why: why.clone() })),
        Seen::Seen { value, .. } => match value.parameter {
            Some(flags) if flags.epoch > run.epoch && !run.dry_run => {
                Some(Verdict::Refuse(Refusal::NewerFlags { epoch: flags.epoch }))
            }
            Some(flags) if are_on(flags, needed) => None,
            _ => Some(Verdict::Wait(Waiting::FlagsNotYet { region })),
        },
    }
}

fn are_on(flags: JobFlags, needed: &Needed) -> bool {
    flags.run_jobs && flags.run_scheduler && flags.epoch >= needed.epoch
}

/// Whether a serving process read other flags, or started before the database was proven to write here. The flags
/// are read once, at the start. A node of which neither is known is left alone.
fn is_stale(node: &NodeSeen, needed: &Needed) -> bool {
    if node.state != NodeState::Running {
        return false;
    }
    match node.started_with.filter(|_| needed.flags) {
        Some(flags) => !are_on(flags, needed),
        None => node.started_at.is_some_and(|at| at < needed.since),
    }
}

fn is_coming(node: &NodeSeen) -> bool {
    match node.state {
        NodeState::Starting | NodeState::RestartLoop => true,
        NodeState::Running => !(node.registered && node.healthy),
        NodeState::Stopped | NodeState::Broken => false,
    }
}

fn healthy(nodes: &[NodeSeen]) -> u32 {
    let serves = |node: &&NodeSeen| node.state == NodeState::Running && node.registered && node.healthy;
    u32::try_from(nodes.iter().filter(serves).count()).unwrap_or(u32::MAX)
}

/// What the nodes do that do not serve.
fn others(nodes: &[NodeSeen]) -> String {
    let count = |which: &dyn Fn(&NodeSeen) -> bool| nodes.iter().filter(|node| which(node)).count();
    let kinds = [
        (count(&|node| node.state == NodeState::Starting), "starting"),
        (count(&|node| node.state == NodeState::RestartLoop), "in the restart loop of a read-only database"),
        (count(&|node| node.state == NodeState::Running && !node.healthy), "running and not healthy"),
        (count(&|node| node.state == NodeState::Broken), "broken"),
        (count(&|node| node.state == NodeState::Stopped && node.reachable), "stopped"),
        (count(&|node| node.state == NodeState::Stopped && !node.reachable), "stopped and reached by no command"),
    ];
    let said: Vec<String> = kinds.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    if said.is_empty() { "no other node is known".into() } else { said.join(", ") }
}

/// The sentence when enough nodes serve; broken, looping and too early nodes are findings in it.
pub(crate) fn summary(run: &Run, part: Part, seen: &Observed) -> String {
    let (region, nodes) = (&seen.region, seen.nodes.value().map_or(&[][..], Vec::as_slice));
    let needed = needed(run, part, seen);
    let mut sentence = format!("{} of {} nodes of {region} serve", healthy(nodes), nodes.len());
    let away = ids_of(nodes, |node| !(node.state == NodeState::Running && node.healthy));
    if !away.is_empty() {
        sentence += &format!("; note: {}", others(nodes));
    }
    if let Some(why) = failed(seen) {
        sentence += &format!("; note: a start was refused: {why}");
    }
    let stale = ids_of(nodes, |node| is_stale(node, &needed));
    if !stale.is_empty() {
        sentence += &format!("; note: {} started too early and cannot be spared for a restart", list(&stale));
    }
    sentence
}
