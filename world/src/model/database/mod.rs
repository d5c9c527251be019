//! An Aurora global database with two members: what it holds, and what it answers.
//!
//! Facts: AWS Aurora User Guide "Using Aurora global database", RDS API 2014-10-31, and field reports named beside
//! the behaviour. What AWS leaves open is a knob of the setup.

mod answers;
mod moves;
#[cfg(test)]
mod tests;
mod volumes;

pub use moves::{Operation, Timer, handle, network_changed, set_down};
pub use volumes::{Kept, Promotion, Way};

use mmdr_core::Deployment;
use mmdr_core::ports::{DatabaseEvent, GlobalClusterSeen};

use crate::model::Ctx;
use crate::model::setup::Setup;
use crate::network::Ix;
use crate::news::News;

/// One member's cluster.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Its ARN.
    pub arn: String,
    /// `Status`.
    pub status: &'static str,
    /// Whether it belongs to the global cluster.
    pub in_global: bool,
    /// `IsWriter` as shown; it lags behind the truth.
    pub writer_flag: bool,
    /// `SynchronizationStatus` as shown.
    pub synchronization: &'static str,
    /// `EngineVersion`.
    pub engine_version: String,
    /// Instances.
    pub instances: u32,
    /// RDS-managed master password.
    pub managed_password: bool,
    /// `rds.global_db_rpo`.
    pub global_db_rpo_s: i64,
    /// Whether an outage of the database alone keeps it from answering queries.
    pub down: bool,
}

/// One Region's storage.
#[derive(Clone, Debug, Default)]
pub struct Volume {
    /// Rows in the order of their commit.
    pub rows: Vec<u32>,
    /// Whether the volume takes writes. This is the truth; flags follow.
    pub writable: bool,
}

/// A system or manual snapshot.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Its identifier.
    pub id: String,
    /// Whether it is manual.
    pub manual: bool,
    /// When it was made.
    pub created_ms: i64,
    /// From when on RDS lists it.
    pub listed_ms: i64,
    /// When it is available.
    pub available_ms: i64,
    /// The rows in it.
    pub rows: Vec<u32>,
}

/// The global database.
#[derive(Clone, Debug)]
pub struct Database {
    /// Identifier of the global cluster.
    pub global_id: String,
    /// Its `Status`.
    pub global_status: &'static str,
    /// The clusters.
    pub clusters: [Cluster; 2],
    /// Their storage.
    pub volumes: [Volume; 2],
    /// Commit time of each row.
    pub commits: Vec<i64>,
    /// The move that runs.
    pub operation: Option<Operation>,
    /// Every change of the writer Region, in order.
    pub promotions: Vec<Promotion>,
    /// When the last move was done.
    pub moved_ms: Option<i64>,
    /// Events, with the Region that recorded them.
    pub events: Vec<(Ix, DatabaseEvent)>,
    /// Snapshots of each Region.
    pub snapshots: [Vec<Snapshot>; 2],
    /// A Region whose writer was moved away without it, until it has been added again.
    pub orphaned: Option<Ix>,
    /// Since when the two members have not heard of each other.
    pub link_lost_ms: Option<i64>,
    /// Since when the writer takes no connections.
    pub down_ms: Option<i64>,
    /// Milliseconds by which a secondary lags.
    pub lag_ms: i64,
    /// What RDS in each Region shows although it is over: the view as the Region went dark, and until when.
    pub past: [Option<(GlobalClusterSeen, i64)>; 2],
    /// Whether the next switchover is given up by AWS half-way.
    pub switchover_fails: bool,
    setup: Setup,
}

impl Database {
    /// A healthy global database whose writer is in `writer`.
    pub fn at_peace(writer: Ix, deployment: &Deployment, setup: &Setup) -> Self {
        let cluster = |ix: Ix| Cluster {
            arn: deployment.regions.get(ix).map(|region| region.cluster_arn.clone()).unwrap_or_default(),
            status: "available",
            in_global: true,
            writer_flag: ix == writer,
            synchronization: "connected",
            engine_version: "16.6".into(),
            instances: 2,
            managed_password: false,
            global_db_rpo_s: -1,
            down: false,
        };
        let volume = |ix: Ix| Volume { rows: Vec::new(), writable: ix == writer };
        Self {
            global_id: deployment.database.global_cluster.clone(),
            global_status: "available",
            clusters: [cluster(0), cluster(1)],
            volumes: [volume(0), volume(1)],
            commits: Vec::new(),
            operation: None,
            promotions: Vec::new(),
            moved_ms: None,
            events: Vec::new(),
            snapshots: [Vec::new(), Vec::new()],
            orphaned: None,
            link_lost_ms: None,
            down_ms: None,
            lag_ms: setup.database_lag_ms,
            past: [None, None],
            switchover_fails: false,
            setup: setup.clone(),
        }
    }

    /// Whether the Region's volume takes writes from somebody who reaches it.
    pub fn writable(&self, region: Ix) -> bool {
        let up = self.clusters.get(region).is_some_and(|cluster| !cluster.down);
        up && self.volumes.get(region).is_some_and(|volume| volume.writable)
    }

    /// The Region whose volume is the writer's by Aurora's own account: the last one that a move made so.
    pub fn writer(&self) -> Ix {
        match self
            .volumes
            .iter()
            .enumerate()
            .filter(|(_, volume)| volume.writable)
            .map(|(ix, _)| ix)
            .collect::<Vec<_>>()[..]
        {
            [only] => only,
            // Two writable volumes (fencing timed out), or none (a move runs): the one that no move has left.
            _ => {
                self.operation.as_ref().map_or_else(|| self.orphaned.map_or(0, |lost| 1 - lost), |running| running.from)
            }
        }
    }

    /// Takes a message from a node that is connected to the cluster of `region`; its row.
    pub fn accept_message(&mut self, region: Ix, ctx: &mut Ctx<'_>) -> Option<u32> {
        if !self.writable(region) {
            return None;
        }
        let row = u32::try_from(self.commits.len()).ok()?;
        self.commits.push(ctx.now);
        self.volumes.get_mut(region)?.rows.push(row);
        self.note_left_behind(region, row);
        ctx.news.push(News::MessageAccepted { row, at: region });
        Some(row)
    }

    /// Saboteur: a second writer, without any Region lost.
    pub fn sabotage_second_writer(&mut self, region: Ix, ctx: &mut Ctx<'_>) {
        self.set_writable(region, true, ctx);
    }

    /// Saboteur: an acknowledged row vanishes.
    pub fn sabotage_lose_a_row(&mut self) {
        for volume in &mut self.volumes {
            volume.rows.pop();
        }
    }

    /// Changes whether a volume takes writes, and says so.
    fn set_writable(&mut self, region: Ix, writable: bool, ctx: &mut Ctx<'_>) {
        let Some(volume) = self.volumes.get_mut(region) else { return };
        if volume.writable != writable {
            volume.writable = writable;
            ctx.news.push(News::Writable { region, writable });
        }
    }

    fn record_event(&mut self, id: &str, message: &str, at: Ix, ctx: &Ctx<'_>) {
        let event = DatabaseEvent { id: id.into(), message: message.into(), at: mmdr_core::Time(ctx.now) };
        self.events.push((at, event));
    }
}
