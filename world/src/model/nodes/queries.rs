//! What the rest of the model asks of nodes: who serves, who runs jobs, who holds which sockets.

use mmdr_core::ports::JobFlags;

use super::{Node, Nodes, Process};
use crate::network::Ix;

impl Nodes {
    /// How many nodes a Region has.
    pub fn count(&self, region: Ix) -> usize {
        self.side(region).map_or(0, |side| side.nodes.len())
    }

    /// How many nodes of a Region serve.
    pub fn running(&self, region: Ix) -> usize {
        self.side(region).map_or(0, |side| side.nodes.iter().filter(|node| node.runs()).count())
    }

    /// Whether any process of a Region serves, is starting, or would be started again.
    pub fn any_live(&self, region: Ix) -> bool {
        self.side(region).is_some_and(|side| side.nodes.iter().any(|node| node.process != Process::None))
    }

    /// Whether this node serves.
    pub fn serves(&self, region: Ix, node: usize) -> bool {
        self.node(region, node).is_some_and(Node::runs)
    }

    /// The serving node to which the load balancer sends the next socket: the one with the fewest.
    pub fn pick(&self, region: Ix) -> Option<usize> {
        let nodes = self.side(region)?.nodes.iter().enumerate();
        nodes.filter(|(_, node)| node.runs() && node.registered).min_by_key(|(_, node)| node.sockets).map(|(at, _)| at)
    }

    /// Whether a request to the Region's own address finds a serving node.
    pub fn answers(&self, region: Ix) -> bool {
        self.side(region).is_some_and(|side| side.nodes.iter().any(|node| node.runs() && node.registered))
    }

    /// Opens a socket at a node.
    pub fn open_socket(&mut self, region: Ix, node: usize) {
        if let Some(node) = self.node_mut(region, node) {
            node.sockets += 1;
        }
    }

    /// Closes a socket at a node.
    pub fn close_socket(&mut self, region: Ix, node: usize) {
        if let Some(node) = self.node_mut(region, node) {
            node.sockets = node.sockets.saturating_sub(1);
        }
    }

    /// Open sockets of all nodes of a Region.
    pub fn sockets(&self, region: Ix) -> u32 {
        self.side(region).map_or(0, |side| side.nodes.iter().map(|node| node.sockets).sum())
    }

    /// Whether a process in this Region inserts job rows: a serving node that *started* with `RunScheduler`, or a
    /// dedicated job server, which ignores the flags (`commands/jobserver.go`).
    pub fn schedules_jobs(&self, region: Ix) -> bool {
        self.any_process(region, |flags| flags.run_scheduler)
    }

    /// Whether a process in this Region claims pending jobs: a serving node that *started* with `RunJobs`, or a
    /// dedicated job server.
    pub fn claims_jobs(&self, region: Ix) -> bool {
        self.any_process(region, |flags| flags.run_jobs)
    }

    fn any_process(&self, region: Ix, flag: impl Fn(&JobFlags) -> bool) -> bool {
        let Some(side) = self.side(region) else { return false };
        if let Some(replicas) = side.job_server_replicas {
            // The charts and the operator then turn both flags off on the application's nodes.
            return side.powered && replicas > 0;
        }
        // Both flags default to true: a missing parameter means a process that runs jobs (`model/config.go`).
        side.nodes.iter().any(|node| node.runs() && node.started_with.as_ref().is_none_or(&flag))
    }

    /// Version of the Region's image.
    pub fn version(&self, region: Ix) -> &str {
        self.side(region).map_or("", |side| &side.version)
    }
}
