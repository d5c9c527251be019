//! Mattermost's nodes: processes, their supervisors, the load balancer in front, and the job flags.
//!
//! A process reads everything once, at its start: the database that its endpoint names and the job flags. Start-up runs
//! DDL unconditionally, so it needs a writable database (`server.go`, morph's `lock.go`; run on a hot standby); a
//! process that already serves goes on when the database under it turns read-only, and its ping says that all is
//! well (`api4/system.go`; run).

mod commands;
mod fence;
mod process;
mod queries;
mod view;

#[cfg(test)]
pub(crate) mod stage;
#[cfg(test)]
mod tests;

use mmdr_core::Epoch;
use mmdr_core::deployment::Deployment;
use mmdr_core::ports::{JobFlags, NodeState};

pub use commands::{config, deregister, job_flags, register, scale_job_server, seen, start, stop, write_job_flags};
pub use fence::{is_fenced, pre_start_allows};
pub use process::{break_node, database_became_writable, mend_node, network_changed, region_lost, region_returned};
pub use view::{View, sees, view};

use super::setup::Setup;
use super::{Ctx, Model};
use crate::network::Ix;

/// Milliseconds that the supervisor waits before it starts a process again: `RestartSec=10` of the documented unit.
const RESTART_MS: i64 = 10_000;

/// Something that a node, its supervisor or the load balancer does at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The next thing in the life of a node's process; stale where the node's turn is another by now.
    Process {
        /// Its Region.
        region: Ix,
        /// Its place among the Region's nodes.
        node: usize,
        /// The turn for which the timer was made.
        turn: u32,
    },
    /// A command reaches a node.
    Command {
        /// Its Region.
        region: Ix,
        /// Its place among the Region's nodes.
        node: usize,
        /// What it says.
        order: Order,
    },
    /// The deregistration delay is over.
    Drained {
        /// Its Region.
        region: Ix,
        /// Its place among the Region's nodes.
        node: usize,
        /// The registration that ended.
        registration: u32,
    },
}

/// What a command tells a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Order {
    /// Enable the unit and start it, by way of the pre-start check.
    Start,
    /// Disable the unit and stop it.
    Stop,
    /// The same, but only where the node itself finds its Region fenced.
    StopIfFenced,
}

/// What a node's process does, and what the agenda will do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Process {
    /// There is none.
    None,
    /// The machine boots; its supervisor will start the process.
    Booting,
    /// It was started; the timer says whether it serves or exits.
    Starting,
    /// It serves.
    Running,
    /// It was told to stop and still exists.
    Stopping,
    /// It exits again and again. Exits are counted from the first one when somebody asks, not one by one.
    Loop { first_exit: i64, period_ms: i64 },
    /// It fails for another reason than the database.
    Broken,
}

/// One node.
#[derive(Clone, Debug)]
pub struct Node {
    id: String,
    process: Process,
    /// Whether the unit is enabled: the supervisor starts it after an exit and after a boot.
    supervised: bool,
    registered: bool,
    registration: u32,
    started_at: Option<i64>,
    serving_since: i64,
    /// Flags that the process read at its start; none where the parameter was missing.
    started_with: Option<JobFlags>,
    sockets: u32,
    turn: u32,
}

/// One Region's nodes.
#[derive(Clone, Debug)]
struct Side {
    nodes: Vec<Node>,
    version: String,
    parameter: Option<JobFlags>,
    job_server_replicas: Option<u32>,
    powered: bool,
    /// Whether the Region answered nothing when the network changed last.
    dark: bool,
    /// Whether the loop was told of since the Region last served.
    loop_told: bool,
}

/// The nodes of both Regions.
#[derive(Clone, Debug)]
pub struct Nodes {
    sides: [Side; 2],
    pre_start_check: bool,
    power_loss: bool,
    /// The Region whose nodes name the reader endpoint.
    reader_endpoint: Option<Ix>,
    deregistration_delay_ms: i64,
    health_check_ms: i64,
    flags_from_environment: bool,
    read_only_config: bool,
}

impl Nodes {
    /// The writer's nodes serve and have done so for a day; the standby's are stopped, or loop where the set-up says so.
    /// Beside both Regions' job flags stands epoch 1.
    pub fn at_peace(writer: Ix, setup: &Setup, deployment: &Deployment, now: i64) -> Self {
        let side = |ix: Ix| Side::at_peace(ix, ix == writer, setup, deployment, now);
        Self {
            sides: [side(0), side(1)],
            pre_start_check: setup.pre_start_check,
            power_loss: setup.power_loss,
            reader_endpoint: setup.nodes_on_reader_endpoint.then_some(1 - writer.min(1)),
            deregistration_delay_ms: setup.deregistration_delay_s * 1_000,
            health_check_ms: setup.health_check_s * 1_000,
            flags_from_environment: setup.flags_from_environment,
            read_only_config: setup.read_only_config,
        }
    }

    fn side(&self, region: Ix) -> Option<&Side> {
        self.sides.get(region)
    }

    fn side_mut(&mut self, region: Ix) -> Option<&mut Side> {
        self.sides.get_mut(region)
    }

    fn node(&self, region: Ix, node: usize) -> Option<&Node> {
        self.sides.get(region)?.nodes.get(node)
    }

    fn node_mut(&mut self, region: Ix, node: usize) -> Option<&mut Node> {
        self.sides.get_mut(region)?.nodes.get_mut(node)
    }
}

impl Side {
    fn at_peace(ix: Ix, writes: bool, setup: &Setup, deployment: &Deployment, now: i64) -> Self {
        let described = deployment.regions.get(ix);
        let name = described.map_or("", |described| described.name.as_str());
        let count = described.map_or(2, |described| described.nodes.count);
        let since = now - 86_400_000;
        let flags = JobFlags { run_jobs: writes, run_scheduler: writes, epoch: Epoch(1) };
        let process = match (writes, setup.standby_nodes_loop) {
            (true, _) => Process::Running,
            (false, true) => Process::Loop { first_exit: since, period_ms: RESTART_MS + 1_700 },
            (false, false) => Process::None,
        };
        let node = |number: u32| Node {
            id: format!("i-{name}-{number}"),
            process,
            supervised: process != Process::None,
            // A plain installation leaves its targets registered; a move deregisters what it stops.
            registered: writes || setup.standby_nodes_loop,
            registration: 0,
            started_at: (process != Process::None).then_some(since),
            serving_since: since,
            started_with: writes.then_some(flags),
            sockets: 0,
            turn: 0,
        };
        Self {
            nodes: (1..=count).map(node).collect(),
            version: setup.versions.get(ix).cloned().unwrap_or_default(),
            parameter: Some(flags),
            job_server_replicas: deployment.mattermost.dedicated_job_server.then_some(u32::from(writes)),
            powered: true,
            dark: false,
            loop_told: !writes,
        }
    }

    fn all_run(&self) -> bool {
        self.nodes.iter().all(Node::runs)
    }
}

impl Node {
    fn runs(&self) -> bool {
        self.process == Process::Running
    }

    fn state(&self, powered: bool) -> NodeState {
        match self.process {
            _ if !powered => NodeState::Broken,
            Process::None => NodeState::Stopped,
            Process::Booting | Process::Starting => NodeState::Starting,
            Process::Running | Process::Stopping => NodeState::Running,
            Process::Loop { .. } => NodeState::RestartLoop,
            Process::Broken => NodeState::Broken,
        }
    }
}

/// Puts the first timers on the agenda.
pub fn begin(model: &mut Model, ctx: &mut Ctx<'_>) {
    process::look_again(model, ctx);
}

/// Does what the agenda says.
pub fn handle(model: &mut Model, timer: &Timer, ctx: &mut Ctx<'_>) {
    match *timer {
        Timer::Process { region, node, turn } => process::turn(model, region, node, turn, ctx),
        Timer::Command { region, node, order } => commands::arrive(model, region, node, order, ctx),
        Timer::Drained { region, node, registration } => commands::drained(model, region, node, registration, ctx),
    }
}
