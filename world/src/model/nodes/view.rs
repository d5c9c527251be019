//! The database as a node of a Region finds it behind the endpoint in its `DataSource`.

use mmdr_core::deployment::NodeEndpoint;

use crate::model::{Ctx, Model};
use crate::network::Ix;

/// What lies behind a node's `DataSource`. The number is the Region whose volume it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// It can be written.
    Writable(Ix),
    /// It can only be read: a standby's cluster endpoint is "inactive" but connectable (Aurora User Guide,
    /// "Connecting to Amazon Aurora Global Database").
    ReadOnly(Ix),
    /// Nothing answers.
    Unreachable,
}

impl View {
    /// The Region whose volume can be written.
    pub fn writable(self) -> Option<Ix> {
        match self {
            Self::Writable(volume) => Some(volume),
            Self::ReadOnly(_) | Self::Unreachable => None,
        }
    }

    /// The Region whose volume can be read.
    pub fn readable(self) -> Option<Ix> {
        match self {
            Self::Writable(volume) | Self::ReadOnly(volume) => Some(volume),
            Self::Unreachable => None,
        }
    }
}

/// The database as the nodes of `region` find it now. A Region that others find dark still finds its own volume.
pub fn view(model: &Model, region: Ix, ctx: &Ctx<'_>) -> View {
    if model.nodes.reader_endpoint == Some(region) {
        let up = model.database.clusters.get(region).is_some_and(|cluster| !cluster.down);
        return if up { View::ReadOnly(region) } else { View::Unreachable };
    }
    match ctx.deployment.database.node_endpoint {
        NodeEndpoint::Cluster => cluster(model, region),
        NodeEndpoint::GlobalWriter => global_writer(model, region, ctx),
    }
}

fn cluster(model: &Model, region: Ix) -> View {
    if model.database.writable(region) {
        return View::Writable(region);
    }
    match model.database.clusters.get(region) {
        Some(cluster) if !cluster.down => View::ReadOnly(region),
        _ => View::Unreachable,
    }
}

/// The global writer endpoint follows both managed moves and is lost on a detach; it gives no network path (Aurora User
/// Guide, "Connecting to Amazon Aurora Global Database").
fn global_writer(model: &Model, region: Ix, ctx: &Ctx<'_>) -> View {
    let writer = model.database.writer();
    let named = model.database.clusters.get(writer).is_some_and(|cluster| cluster.in_global);
    if named && (writer == region || ctx.network.reaches(region, writer)) {
        return cluster(model, writer);
    }
    // A Region that is cut off hears of no move: the name and the open connections still lead to its own writer.
    if ctx.network.is_dark(region) && model.database.writable(region) {
        View::Writable(region)
    } else {
        View::Unreachable
    }
}

/// Whether the row lies in the volume of `volume` by now: what it took itself, or what has been replicated to it.
pub fn sees(model: &Model, volume: Ix, row: u32, now: i64) -> bool {
    let database = &model.database;
    let writer = database.writer();
    let alone =
        database.orphaned == Some(volume) || database.clusters.get(volume).is_some_and(|cluster| !cluster.in_global);
    if volume == writer || alone || database.volumes.get(volume).is_some_and(|held| held.writable) {
        return database.holds(volume, row);
    }
    let arrived = database.replicated(writer, now);
    let rows = database.volumes.get(writer).map(|held| held.rows.as_slice()).unwrap_or_default();
    rows.binary_search(&row).is_ok_and(|at| at < arrived)
}
