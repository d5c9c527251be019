//! The parts, actions, reasons to wait and reasons to stop of roll-nodes.

use std::fmt;

use mmdr_core::{Epoch, Kind, LookAgain, Phase, Region, Run, named};
use serde::{Deserialize, Serialize};

named!(
    /// The occurrences of roll-nodes in the machines.
    Part, "a part of roll-nodes" {
        /// Failover: stop the lost Region's nodes, best effort, before the database is asked.
        FenceLost => "fence-lost",
        /// The same, continued beside the database call.
        FenceLostBeside => "fence-lost-beside",
        /// Switchover: drain and stop the old side's nodes.
        StopThere => "stop-there",
        /// Start this Region's nodes once its database can write.
        StartHere => "start-here",
        /// Call-off: start the old side's nodes again.
        StartThere => "start-there",
        /// Reprotect: the returned Region's nodes stay stopped.
        KeepThereStopped => "keep-there-stopped",
    }
);

impl Part {
    /// The Region whose nodes this part is about.
    pub fn region(self, run: &Run) -> &Region {
        if self == Self::StartHere { run.own() } else { run.other() }
    }

    /// Whether this part starts nodes; the others stop them.
    pub fn starts(self) -> bool {
        matches!(self, Self::StartHere | Self::StartThere)
    }
}

/// One kind of change to a batch of nodes of one Region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// Take the nodes out of the load balancer, so that no request is cut.
    Deregister {
        /// Where.
        region: Region,
        /// Which nodes.
        ids: Vec<String>,
    },
    /// Put serving nodes back into the load balancer.
    Register {
        /// Where.
        region: Region,
        /// Which nodes.
        ids: Vec<String>,
    },
    /// Stop the nodes' processes and keep their supervisors from starting them.
    Stop {
        /// Where.
        region: Region,
        /// Which nodes.
        ids: Vec<String>,
        /// The epoch that the command carries.
        epoch: Epoch,
        /// Whether the command repeats keep-fenced's check on the node.
        fence_check: bool,
        /// Whether a failed call is only a finding.
        best_effort: bool,
    },
    /// Start the nodes' processes; no id means the whole service.
    Start {
        /// Where.
        region: Region,
        /// Which nodes.
        ids: Vec<String>,
        /// The epoch that the command carries.
        epoch: Epoch,
        /// Whether others serve or come up without these, so that a refused command stops nothing.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        best_effort: bool,
    },
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deregister { region, ids } => write!(f, "takes {} of {region} out of its load balancer", list(ids)),
            Self::Register { region, ids } => write!(f, "puts {} of {region} into its load balancer", list(ids)),
            Self::Stop { region, ids, fence_check: false, .. } => write!(f, "stops {} of {region}", list(ids)),
            Self::Stop { region, ids, .. } => {
                write!(f, "stops {} of {region}, if each node finds that its Region may not write", list(ids))
            }
            Self::Start { region, ids, .. } if ids.is_empty() => write!(f, "starts the service of {region}"),
            Self::Start { region, ids, .. } => write!(f, "starts {} of {region}", list(ids)),
        }
    }
}

impl LookAgain for Action {
    fn look_again_s(&self) -> u32 {
        match self {
            // Requests in flight end within seconds; WebSockets would stay until the balancer's own delay is over.
            Self::Deregister { .. } => 10,
            Self::Register { .. } | Self::Stop { .. } | Self::Start { .. } => 5,
        }
    }
}

/// Why a look must be repeated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Waiting {
    /// The nodes could not be looked at.
    NodesUnseen {
        /// Whose.
        region: Region,
        /// Why.
        why: String,
    },
    /// Nodes may run, and no command reaches them: they cannot be seen stopped.
    NodesOutOfReach {
        /// Where.
        region: Region,
        /// Which.
        ids: Vec<String>,
    },
    /// The platform names no node at all, which proves nothing about running processes.
    NoNodes {
        /// Where.
        region: Region,
        /// The group of the document.
        group: String,
    },
    /// The own ledger does not say how far this run has come.
    LedgerUnseen,
    /// A stop was asked for and has not taken effect.
    Stopping {
        /// Where.
        region: Region,
        /// Which nodes are not yet stopped.
        ids: Vec<String>,
    },
    /// Nodes start only where the database can write.
    DatabaseNotReady {
        /// What was seen.
        why: String,
    },
    /// The job flags could not be read.
    FlagsUnseen {
        /// Where.
        region: Region,
        /// Why.
        why: String,
    },
    /// The job flags are not on with a fitting epoch; a process started now would run no jobs.
    FlagsNotYet {
        /// Where.
        region: Region,
    },
    /// A start was asked for and has not taken effect.
    Starting {
        /// Where.
        region: Region,
        /// Which nodes are still stopped.
        ids: Vec<String>,
    },
    /// Nodes that started too early must be restarted, once enough others are healthy.
    RoomToRestart {
        /// Which.
        ids: Vec<String>,
        /// How many nodes are healthy.
        healthy: u32,
        /// How many must stay healthy.
        minimum: u32,
    },
    /// All that can be started is started, and too few are healthy.
    TooFewHealthy {
        /// Where.
        region: Region,
        /// How many are registered and healthy.
        healthy: u32,
        /// How many must be.
        minimum: u32,
        /// What the others do.
        others: String,
    },
    /// Nothing proves which Region writes, so nothing is stopped.
    WriterUnknown {
        /// What was seen.
        why: String,
    },
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NodesUnseen { region, why } => write!(f, "could not look at the nodes of {region}: {why}"),
            Self::NodesOutOfReach { region, ids } => {
                write!(f, "no command reaches {} of {region}, which may run", list(ids))
            }
            Self::NoNodes { region, group } => {
                write!(f, "the platform names no node of group {group} in {region}: that proves nothing")
            }
            Self::LedgerUnseen => f.write_str("the ledger does not say how far this run has come"),
            Self::Stopping { region, ids } => write!(f, "waits for {} of {region} to stop", list(ids)),
            Self::DatabaseNotReady { why } => write!(f, "no node is started before its database can write: {why}"),
            Self::FlagsUnseen { region, why } => write!(f, "could not read the job flags of {region}: {why}"),
            Self::FlagsNotYet { region } => {
                write!(f, "the job flags of {region} are not on for this move: a node started now would run no jobs")
            }
            Self::Starting { region, ids } => write!(f, "waits for {} of {region} to start", list(ids)),
            Self::RoomToRestart { ids, healthy, minimum } => write!(
                f,
                "{} started too early and must be restarted, but only {healthy} are healthy and {minimum} must stay so",
                list(ids)
            ),
            Self::TooFewHealthy { region, healthy, minimum, others } => {
                write!(f, "{healthy} of at least {minimum} nodes of {region} are healthy; {others}")
            }
            Self::WriterUnknown { why } => write!(f, "stops no node while nobody can tell who writes: {why}"),
        }
    }
}

impl LookAgain for Waiting {
    fn look_again_s(&self) -> u32 {
        match self {
            Self::Stopping { .. } | Self::Starting { .. } | Self::TooFewHealthy { .. } => 5,
            _ => 10,
        }
    }
}

/// Why this must not be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Refusal {
    /// The part does not belong to a run of this kind.
    WrongKind {
        /// The part.
        part: String,
        /// The run's kind.
        kind: Kind,
    },
    /// The database call may have been sent: the old side is neither stopped for a hand-over nor started again.
    PastTheCall {
        /// The phase of the run.
        phase: Phase,
    },
    /// A newer run owns the job flags.
    NewerFlags {
        /// The epoch beside the flags.
        epoch: Epoch,
    },
    /// The other Region is the writer: its nodes are the ones that serve.
    WriterIsThere {
        /// What was seen.
        why: String,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongKind { part, kind } => write!(f, "{part} has no place in a {kind}"),
            Self::PastTheCall { phase } => {
                write!(f, "the run is {phase}, past its database call: the old side is left as it is")
            }
            Self::NewerFlags { epoch } => write!(f, "the job flags belong to the newer epoch {epoch}"),
            Self::WriterIsThere { why } => write!(f, "stops no node of the Region that writes: {why}"),
        }
    }
}

/// A short list of nodes for a sentence.
pub(crate) fn list(ids: &[String]) -> String {
    match ids {
        [] => "no node".into(),
        [one] => format!("node {one}"),
        [first, second] => format!("nodes {first} and {second}"),
        [first, rest @ ..] => format!("nodes {first} and {} others", rest.len()),
    }
}
