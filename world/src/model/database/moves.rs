//! Moves under way: asynchronous, with flags that follow late, and with Regions that come back.

use mmdr_core::Fault;

use super::{Database, Snapshot, Way};
use crate::model::setup::FencingKnob;
use crate::model::{Ctx, Model, Timer as ModelTimer, nodes};
use crate::network::Ix;
use crate::news::News;

/// A move that Aurora is making.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// From which member.
    pub from: Ix,
    /// To which.
    pub to: Ix,
    /// Whether data may be lost.
    pub failover: bool,
    /// When it was accepted; timers of an older one find another number here.
    pub accepted_ms: i64,
}

/// What the database does by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The old writer stops taking writes in a switchover.
    Drain(i64),
    /// AWS gives the switchover up.
    GiveUp(i64),
    /// The fencing of a lost writer has ended.
    Fence(i64),
    /// The target takes writes.
    Promote(i64),
    /// `IsWriter` and the status are shown as they are.
    Show(i64),
    /// A detached cluster is a stand-alone one.
    Detached(Ix),
    /// A returned Region's old volume is kept in a snapshot, if that works.
    Keep(Ix),
    /// A returned Region is a member again, on a new volume.
    Readd(Ix),
    /// It has caught up.
    Connected(Ix),
}

/// Seconds from acceptance until the old writer of a switchover stops taking writes.
const DRAIN_S: i64 = 4;
/// Seconds after which AWS gives up a switchover that fails.
const GIVE_UP_S: i64 = 25;
/// Seconds until a detached cluster stands alone and takes writes.
const DETACH_S: i64 = 45;

impl Database {
    /// SwitchoverGlobalCluster.
    pub fn switch_over(&mut self, asked: Ix, target: &str, ctx: &mut Ctx<'_>) -> Result<(), Fault> {
        let to = self.target(target)?;
        let from = 1 - to;
        // The documentation names the current primary's Region as the endpoint.
        if asked != from {
            return Err(Fault::LookAgain("InvalidGlobalClusterStateFault: not the primary's Region".into()));
        }
        if !ctx.network.reaches(from, to) || self.orphaned.is_some() {
            // A switchover needs both members, and in step (Aurora User Guide, switchover of a global database).
            return Err(Fault::Refused("InvalidGlobalClusterStateFault: the members are not synchronised".into()));
        }
        self.may_move(to, ctx.now)?;
        self.begin(Operation { from, to, failover: false, accepted_ms: ctx.now }, "switching-over", ctx);
        self.record_event("RDS-EVENT-0181", "Global switchover started", from, ctx);
        let accepted = ctx.now;
        ctx.timers.model(accepted + DRAIN_S * 1_000, ModelTimer::Database(Timer::Drain(accepted)));
        if self.switchover_fails {
            self.switchover_fails = false;
            ctx.timers.model(accepted + GIVE_UP_S * 1_000, ModelTimer::Database(Timer::GiveUp(accepted)));
        } else {
            ctx.timers
                .model(accepted + self.setup.switchover_s * 1_000, ModelTimer::Database(Timer::Promote(accepted)));
        }
        Ok(())
    }

    /// FailoverGlobalCluster with AllowDataLoss.
    pub fn fail_over(&mut self, asked: Ix, target: &str, ctx: &mut Ctx<'_>) -> Result<(), Fault> {
        let to = self.target(target)?;
        if asked != to {
            return Err(Fault::LookAgain("InvalidGlobalClusterStateFault: not the target's Region".into()));
        }
        if self.orphaned == Some(to) {
            // Only a secondary can be promoted, and a cluster that was failed over from is none until Aurora has added it
            // again, on a new volume (Aurora User Guide, recovering from an unplanned outage).
            return Err(Fault::Refused(
                "InvalidDBClusterStateFault: the target is not a synchronised secondary".into(),
            ));
        }
        let stuck = self.operation.as_ref().is_some_and(|running| ctx.network.is_dark(running.from));
        if stuck {
            // A switchover whose primary died never ends by itself; the failover takes its place.
            self.operation = None;
        }
        self.may_move(to, ctx.now)?;
        self.begin(Operation { from: 1 - to, to, failover: true, accepted_ms: ctx.now }, "failing-over", ctx);
        let (accepted, takes_s) = (ctx.now, self.setup.failover_s);
        ctx.timers.model(accepted + (takes_s - 5).max(1) * 1_000, ModelTimer::Database(Timer::Fence(accepted)));
        ctx.timers.model(accepted + takes_s * 1_000, ModelTimer::Database(Timer::Promote(accepted)));
        Ok(())
    }

    /// RemoveFromGlobalCluster: no fencing, no snapshot, the old primary stays writable.
    pub fn detach(&mut self, region: Ix, ctx: &mut Ctx<'_>) -> Result<(), Fault> {
        let now = ctx.now;
        let Some(cluster) = self.clusters.get_mut(region).filter(|cluster| cluster.in_global) else {
            return Err(Fault::NotFound("DBClusterNotFoundFault: not a member".into()));
        };
        if cluster.writer_flag {
            // The primary is the last one that can be removed (Aurora User Guide, removing a cluster).
            return Err(Fault::Refused("InvalidGlobalClusterStateFault: the primary still has a secondary".into()));
        }
        self.operation = None;
        cluster.status = "promoting";
        cluster.in_global = false;
        self.global_status = "available";
        self.orphaned = Some(1 - region);
        ctx.timers.model(now + DETACH_S * 1_000, ModelTimer::Database(Timer::Detached(region)));
        Ok(())
    }

    /// CopyDBClusterSnapshot.
    pub fn copy_snapshot(&mut self, region: Ix, source: &str, copy: &str, ctx: &mut Ctx<'_>) -> Result<(), Fault> {
        let Some(snapshots) = self.snapshots.get_mut(region) else {
            return Err(Fault::NotFound("no such Region".into()));
        };
        if snapshots.iter().any(|known| known.id == copy) {
            return Err(Fault::LookAgain("DBClusterSnapshotAlreadyExistsFault".into()));
        }
        let Some(found) = snapshots.iter().find(|known| known.id == source && known.available_ms <= ctx.now) else {
            return Err(Fault::NotFound("DBClusterSnapshotNotFoundFault".into()));
        };
        let rows = found.rows.clone();
        snapshots.push(Snapshot {
            id: copy.into(),
            manual: true,
            created_ms: ctx.now,
            listed_ms: ctx.now,
            available_ms: ctx.now + 40_000,
            rows,
        });
        ctx.news.push(News::LostWritesKept { kept_in: Some(copy.into()) });
        Ok(())
    }

    fn target(&self, arn: &str) -> Result<Ix, Fault> {
        let found = self.clusters.iter().position(|cluster| cluster.arn == arn && cluster.in_global);
        found.ok_or_else(|| Fault::NotFound("DBClusterNotFoundFault: not a member of the global cluster".into()))
    }

    /// What Aurora refuses, with the words that field reports quote.
    fn may_move(&self, to: Ix, now: i64) -> Result<(), Fault> {
        if self.operation.is_some() {
            return Err(Fault::LookAgain(
                "InvalidGlobalClusterStateFault: already switching over or failing over".into(),
            ));
        }
        if self.moved_ms.is_some_and(|moved| now - moved < self.setup.replication_setup_s * 1_000) {
            let text =
                "InvalidDBClusterStateFault: replication setup is still in progress. Please retry the request later.";
            return Err(Fault::LookAgain(text.into()));
        }
        let [one, other] = &self.clusters;
        if one.engine_version != other.engine_version {
            return Err(Fault::Refused("InvalidGlobalClusterStateFault: engine versions of the members differ".into()));
        }
        match self.clusters.get(to) {
            Some(target) if target.instances == 0 => {
                Err(Fault::Refused("InvalidDBClusterStateFault: the target has no instance".into()))
            }
            Some(target) if target.writer_flag => {
                Err(Fault::Refused("InvalidDBClusterStateFault: the target is the primary".into()))
            }
            Some(_) => Ok(()),
            None => Err(Fault::NotFound("DBClusterNotFoundFault".into())),
        }
    }

    fn begin(&mut self, operation: Operation, status: &'static str, ctx: &mut Ctx<'_>) {
        ctx.tell(format!("Aurora accepts the {}", if operation.failover { "failover" } else { "switchover" }));
        self.global_status = status;
        self.operation = Some(operation);
    }

    fn running(&self, accepted_ms: i64) -> Option<Operation> {
        self.operation.clone().filter(|running| running.accepted_ms == accepted_ms)
    }
}

/// Does what the agenda says.
pub fn handle(model: &mut Model, timer: &Timer, ctx: &mut Ctx<'_>) {
    match *timer {
        Timer::Drain(accepted) => {
            if let Some(running) = model.database.running(accepted) {
                model.database.set_writable(running.from, false, ctx);
            }
        }
        Timer::GiveUp(accepted) => give_up(model, accepted, ctx),
        Timer::Fence(accepted) => fence(model, accepted, ctx),
        Timer::Promote(accepted) => promote(model, accepted, ctx),
        Timer::Show(accepted) => show(model, accepted),
        Timer::Detached(region) => detached(model, region, ctx),
        Timer::Keep(region) => keep(model, region, ctx),
        Timer::Readd(region) => readd(model, region, ctx),
        Timer::Connected(region) => {
            if let Some(cluster) = model.database.clusters.get_mut(region) {
                cluster.synchronization = "connected";
            }
        }
    }
}

fn give_up(model: &mut Model, accepted: i64, ctx: &mut Ctx<'_>) {
    let Some(running) = model.database.running(accepted) else { return };
    model.database.operation = None;
    model.database.global_status = "available";
    model.database.set_writable(running.from, true, ctx);
    model.database.record_event("RDS-EVENT-0187", "Global switchover failed", running.from, ctx);
    ctx.tell("Aurora gives the switchover up; the old writer writes again");
    nodes::database_became_writable(model, running.from, ctx);
}

/// Best effort at the storage; recorded on the old primary if reachable, else on the new one.
fn fence(model: &mut Model, accepted: i64, ctx: &mut Ctx<'_>) {
    let Some(running) = model.database.running(accepted) else { return };
    let at = if ctx.network.reaches(running.to, running.from) { running.from } else { running.to };
    match model.database.setup.fencing {
        FencingKnob::Blocked => {
            model.database.set_writable(running.from, false, ctx);
            model.database.record_event("RDS-EVENT-0390", "Writes on the old primary are blocked", at, ctx);
        }
        FencingKnob::TimedOut => {
            model.database.record_event("RDS-EVENT-0391", "Blocking writes on the old primary timed out", at, ctx)
        }
        FencingKnob::Silent => {}
    }
}

fn promote(model: &mut Model, accepted: i64, ctx: &mut Ctx<'_>) {
    let Some(running) = model.database.running(accepted) else { return };
    let (from, to) = (running.from, running.to);
    if !running.failover && (ctx.network.is_dark(from) || ctx.network.is_dark(to)) {
        // A switchover needs both sides; without one of them it waits for ever, or for a failover.
        ctx.timers.model(ctx.now + 5_000, ModelTimer::Database(Timer::Promote(accepted)));
        return;
    }
    let database = &mut model.database;
    let way = if running.failover { Way::Failover } else { Way::Switchover };
    let lost = database.promote(way, to, accepted, ctx.now);
    database.set_writable(to, true, ctx);
    if running.failover {
        database.orphaned = Some(from);
        database.record_event("RDS-EVENT-0238", "Global failover completed", to, ctx);
        let name = model.name(to).to_owned();
        ctx.tell(format!("Aurora promotes {name}; {lost} messages had not reached it"));
        if !ctx.network.is_dark(from) && ctx.network.reaches(to, from) {
            returned(model, from, ctx);
        }
    } else {
        database.record_event("RDS-EVENT-0185", "Global switchover finished", to, ctx);
        let name = model.name(to).to_owned();
        ctx.tell(format!("Aurora's writer is now in {name}; nothing is lost"));
    }
    let late_s = model.database.setup.late_writer_flag_s;
    ctx.timers.model(ctx.now + late_s * 1_000, ModelTimer::Database(Timer::Show(accepted)));
    nodes::database_became_writable(model, to, ctx);
}

/// Field reports: the old member can still be flagged writer while the move runs.
fn show(model: &mut Model, accepted: i64) {
    let database = &mut model.database;
    let Some(running) = database.running(accepted) else { return };
    database.operation = None;
    database.global_status = "available";
    database.moved_ms = Some(accepted + (database.setup.switchover_s.max(database.setup.failover_s)) * 1_000);
    for (ix, cluster) in database.clusters.iter_mut().enumerate() {
        cluster.writer_flag = ix == running.to;
        if ix == running.from && running.failover {
            cluster.synchronization = "pending-resync";
        }
    }
}

fn detached(model: &mut Model, region: Ix, ctx: &mut Ctx<'_>) {
    // A member that a move had already promoted keeps what it took since then.
    let writes = model.database.volumes.get(region).is_some_and(|volume| volume.writable);
    let lost =
        if writes { 0 } else { model.database.promote(Way::Detach, region, ctx.now - DETACH_S * 1_000, ctx.now) };
    if let Some(cluster) = model.database.clusters.get_mut(region) {
        cluster.status = "available";
        cluster.writer_flag = true;
    }
    model.database.set_writable(region, true, ctx);
    let name = model.name(region).to_owned();
    ctx.tell(format!("the cluster in {name} is detached and writes; {lost} messages had not reached it"));
    nodes::database_became_writable(model, region, ctx);
}

/// Called after every change of the network.
pub fn network_changed(model: &mut Model, ctx: &mut Ctx<'_>) {
    for region in 0..2 {
        remember_the_past(model, region, ctx);
    }
    let linked = ctx.network.reaches(0, 1);
    match (linked, model.database.link_lost_ms) {
        (false, None) => model.database.link_lost_ms = Some(ctx.now),
        (true, Some(_)) => {
            model.database.link_lost_ms = None;
            if let Some(lost) = model.database.orphaned {
                returned(model, lost, ctx);
            }
        }
        _ => {}
    }
}

/// A Region that loses the other from sight keeps the view that it had, and shows it for a while afterwards.
fn remember_the_past(model: &mut Model, region: Ix, ctx: &Ctx<'_>) {
    let now = model.database.global_now(region, &model.regions).ok().flatten();
    let shows_ms = model.database.setup.returned_region_shows_past_s * 1_000;
    let Some(past) = model.database.past.get_mut(region) else { return };
    match (!ctx.network.reaches(region, 1 - region), past.as_mut()) {
        (true, Some((_, until_ms))) if *until_ms == i64::MAX => {}
        (true, _) => *past = now.map(|seen| (seen, i64::MAX)),
        (false, Some((_, until_ms))) if *until_ms == i64::MAX => *until_ms = ctx.now + shows_ms,
        (false, _) => {}
    }
}

/// The database alone stops taking connections, or takes them again.
pub fn set_down(model: &mut Model, region: Ix, down: bool, ctx: &mut Ctx<'_>) {
    if let Some(cluster) = model.database.clusters.get_mut(region) {
        cluster.down = down;
    }
    model.database.down_ms = down.then_some(ctx.now);
    if !down && model.database.writable(region) {
        nodes::database_became_writable(model, region, ctx);
    }
}

/// The Region that was left without being asked can be reached again: Aurora adds it on a new volume.
fn returned(model: &mut Model, lost: Ix, ctx: &mut Ctx<'_>) {
    if model.database.clusters.iter().all(|cluster| cluster.in_global) {
        ctx.timers.model(ctx.now + 30_000, ModelTimer::Database(Timer::Keep(lost)));
        ctx.timers.model(ctx.now + 60_000, ModelTimer::Database(Timer::Readd(lost)));
    }
}

/// A *system* snapshot of the old volume, before it is replaced; AWS only tries.
fn keep(model: &mut Model, lost: Ix, ctx: &mut Ctx<'_>) {
    if model.database.orphaned == Some(lost) {
        // The old volume is taken away to be replaced: what was written until now is what the snapshot can hold.
        model.database.set_writable(lost, false, ctx);
    }
    let works = model.database.setup.lost_writes_snapshot;
    let cluster =
        model.database.clusters.get(lost).and_then(|cluster| cluster.arn.rsplit(':').next()).unwrap_or("cluster");
    let id = format!("rds:unplanned-global-failover-{cluster}-{}", ctx.now / 1_000);
    if works && model.database.orphaned == Some(lost) {
        let rows = model.database.volumes.get(lost).map(|volume| volume.rows.clone()).unwrap_or_default();
        let listed_ms = ctx.now + model.database.setup.lost_writes_snapshot_late_s * 1_000;
        let available_ms = listed_ms + 20_000;
        let snapshot = Snapshot { id: id.clone(), manual: false, created_ms: ctx.now, listed_ms, available_ms, rows };
        if let Some(snapshots) = model.database.snapshots.get_mut(lost) {
            snapshots.push(snapshot);
        }
    }
    ctx.news.push(News::LostWritesKept { kept_in: works.then_some(id) });
}

fn readd(model: &mut Model, lost: Ix, ctx: &mut Ctx<'_>) {
    if ctx.network.is_dark(lost) || model.database.orphaned != Some(lost) {
        return;
    }
    model.database.orphaned = None;
    model.database.set_writable(lost, false, ctx);
    if let Some(volume) = model.database.volumes.get_mut(lost) {
        volume.rows.clear();
    }
    if let Some(cluster) = model.database.clusters.get_mut(lost) {
        cluster.status = "available";
        cluster.synchronization = "pending-resync";
        cluster.down = false;
    }
    model.database.record_event("RDS-EVENT-0240", "Resynchronisation started", lost, ctx);
    ctx.timers.model(ctx.now + 120_000, ModelTimer::Database(Timer::Connected(lost)));
}
