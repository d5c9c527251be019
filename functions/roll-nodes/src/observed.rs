//! What roll-nodes looks at.

use mmdr_core::ports::{
    DatabaseReads, JobFlags, JobFlagsSeen, LedgerReads, NodeReads, NodeSeen, NodeState, SchedulerReads,
};
use mmdr_core::records::facts;
use mmdr_core::{Assumption, Epoch, Look, Region, Run, Seen, Time, WriterEvidence};
use serde::{Deserialize, Serialize};

use crate::words::Part;

/// What the last act asked for; a hint that saves repeated commands, never a proof.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// The nodes that were named.
    pub ids: Vec<String>,
    /// Whether they were told to stop.
    #[serde(default)]
    pub stopped: bool,
    /// Why a best-effort command was not accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// Everything that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Now.
    pub now: Time,
    /// When this part looked first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_look_at: Option<Time>,
    /// The Region whose nodes the part is about.
    pub region: Region,
    /// Its nodes.
    pub nodes: Seen<Vec<NodeSeen>>,
    /// The own Region's nodes, where `stop-there` must stop those as well (global writer endpoint).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_nodes: Option<Seen<Vec<NodeSeen>>>,
    /// Whether the Region in question can write, and how far this run has come.
    pub writer: WriterEvidence,
    /// The job flags of `region`.
    pub flags: Seen<JobFlagsSeen>,
    /// What the look before asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Receipt>,
}

/// Looks at what the part needs and at nothing else: fencing has 30 s.
pub(crate) async fn observe<R>(reads: &R, run: &Run, part: Part, look: &Look<Receipt>) -> Observed
where
    R: NodeReads + SchedulerReads + DatabaseReads + LedgerReads,
{
    let region = part.region(run).clone();
    let not_needed = "not needed here";
    let judged = if matches!(part, Part::StopThere | Part::StartThere) { run.other() } else { run.own() };
    let writer = if part == Part::FenceLost {
        let (cluster, global, ledger) = (Seen::unseen(not_needed), Seen::unseen(not_needed), Seen::unseen(not_needed));
        WriterEvidence { region: judged.clone(), cluster, global, ledger, other_ledger: Seen::unseen("not asked") }
    } else {
        WriterEvidence::look(reads, run.own(), judged, look.now).await
    };
    let flags = if part.starts() {
        Seen::from_call(reads.job_flags(&region).await, look.now)
    } else {
        Seen::unseen(not_needed)
    };
    let both = part == Part::StopThere && standby_could_run(run);
    let own_nodes = if both { Some(Seen::from_call(reads.nodes(run.own()).await, look.now)) } else { None };
    let nodes = Seen::from_call(reads.nodes(&region).await, look.now);
    Observed {
        now: look.now,
        first_look_at: Some(look.first_look_at),
        region,
        nodes,
        own_nodes,
        writer,
        flags,
        asked: look.hint.clone(),
    }
}

/// With the global writer endpoint a standby node starts and runs, so it must be stopped too; with its own cluster's
/// endpoint it cannot, and its restart loop is what brings it back within 10 s of the promotion.
fn standby_could_run(run: &Run) -> bool {
    run.deployment.database.node_endpoint == mmdr_core::deployment::NodeEndpoint::GlobalWriter
}

/// Dry run: what earlier steps would have made true.
pub(crate) fn assume(seen: &mut Observed, assumed: &[Assumption]) {
    seen.writer.assume(assumed, seen.now);
    let moved_here =
        assumed.iter().any(|it| it.fact == facts::WRITER && it.value.as_str() == Some(seen.region.as_str()));
    if moved_here {
        // The promotion itself ends the restart loop of a standby node.
        overlay(&mut seen.nodes, NodeState::Running, seen.now, |node| node.state == NodeState::RestartLoop);
    }
    for assumption in assumed {
        if assumption.value.as_str() != Some(seen.region.as_str()) {
            continue;
        }
        match assumption.fact.as_str() {
            facts::NODES_STOPPED => overlay(&mut seen.nodes, NodeState::Stopped, seen.now, |_| true),
            facts::NODES_RUNNING => overlay(&mut seen.nodes, NodeState::Running, seen.now, |_| true),
            facts::JOBS_IN => {
                let flags = JobFlags { run_jobs: true, run_scheduler: true, epoch: Epoch(0) };
                let flags = JobFlagsSeen { parameter: Some(flags), job_server_replicas: None };
                seen.flags = Seen::seen(flags, seen.now);
            }
            _ => {}
        }
    }
}

fn overlay(nodes: &mut Seen<Vec<NodeSeen>>, state: NodeState, now: Time, which: impl Fn(&NodeSeen) -> bool) {
    let Seen::Seen { value, .. } = nodes else { return };
    for node in value.iter_mut().filter(|node| which(node)) {
        node.state = state;
        node.registered = state == NodeState::Running;
        node.healthy = state == NodeState::Running;
        node.started_at = Some(now);
        node.started_with = None;
    }
}
