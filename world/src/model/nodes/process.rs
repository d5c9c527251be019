//! The life of a process under its supervisor.

use super::{Node, Process, RESTART_MS, Timer, View, pre_start_allows, view};
use crate::model::{self, Ctx, Model, people};
use crate::network::Ix;

/// Milliseconds that the pre-start check takes before it refuses.
const REFUSAL_MS: i64 = 200;
/// Every so many restarts a looping node looks whether it could serve although nobody said so.
const LOOK_EVERY: i64 = 6;

/// The database of `region` can be written from now on: looping nodes of either Region may find it behind their
/// endpoint at their next start, and workers of nodes that went on serving find their jobs.
pub fn database_became_writable(model: &mut Model, _region: Ix, ctx: &mut Ctx<'_>) {
    look_again(model, ctx);
    for region in 0..2 {
        model::application::workers_may_claim(model, region, ctx);
    }
}

/// Who reaches whom has changed. Call it right after every change.
pub fn network_changed(model: &mut Model, ctx: &mut Ctx<'_>) {
    for region in 0..2 {
        if ctx.network.is_dark(region) {
            region_lost(model, region, ctx);
        } else {
            region_returned(model, region, ctx);
        }
    }
    look_again(model, ctx);
}

/// Looping nodes look again at their next start.
pub(super) fn look_again(model: &mut Model, ctx: &mut Ctx<'_>) {
    for region in 0..2 {
        for at in 0..model.nodes.count(region) {
            if model.nodes.node(region, at).is_some_and(|node| matches!(node.process, Process::Loop { .. })) {
                arm(model, region, at, ctx);
            }
        }
    }
}

/// The Region answers nothing any more. Its processes run on in there, unless it lost its power. To say so again
/// changes nothing.
pub fn region_lost(model: &mut Model, region: Ix, ctx: &mut Ctx<'_>) {
    if model.nodes.side_mut(region).is_none_or(|side| std::mem::replace(&mut side.dark, true)) {
        return;
    }
    people::region_lost(model, region, ctx);
    if !model.nodes.power_loss {
        return;
    }
    let Some(side) = model.nodes.side_mut(region) else { return };
    side.powered = false;
    for node in &mut side.nodes {
        node.turn += 1;
        node.process = Process::None;
        (node.sockets, node.started_at, node.started_with) = (0, None, None);
    }
}

/// The Region answers again. Machines that had lost their power boot, and their supervisors start what is enabled. To
/// say so again changes nothing.
pub fn region_returned(model: &mut Model, region: Ix, ctx: &mut Ctx<'_>) {
    let Some(side) = model.nodes.side_mut(region) else { return };
    side.dark = false;
    let booted = !std::mem::replace(&mut side.powered, true);
    if booted {
        for at in 0..model.nodes.count(region) {
            // A machine boots in half a minute to a minute; its unit is enabled, so the supervisor starts it.
            let boot_ms = ctx.random.between(30_000, 60_000);
            let Some(node) = model.nodes.node_mut(region, at) else { continue };
            if node.supervised {
                node.process = Process::Booting;
                wake(node, region, at, ctx.now + boot_ms, ctx);
            }
        }
    }
}

/// Breaks a node for another reason than the database.
pub fn break_node(model: &mut Model, region: Ix, at: usize, ctx: &mut Ctx<'_>) {
    if let Some(node) = model.nodes.node_mut(region, at) {
        node.turn += 1;
        node.process = Process::Broken;
    }
    cut_sockets(model, region, at, ctx);
}

/// Mends a broken node; its supervisor starts what is enabled.
pub fn mend_node(model: &mut Model, region: Ix, at: usize, ctx: &mut Ctx<'_>) {
    let Some(node) = model.nodes.node_mut(region, at).filter(|node| node.process == Process::Broken) else { return };
    node.process = Process::None;
    if node.supervised {
        start(model, region, at, ctx);
    }
}

/// Starts the process: the pre-start check first, then the job flags are read, once.
pub(super) fn start(model: &mut Model, region: Ix, at: usize, ctx: &mut Ctx<'_>) {
    let allowed = pre_start_allows(model, region, ctx);
    let found = view(model, region, ctx);
    let took_ms = match found {
        View::Writable(_) => ctx.random.between(1_000, 3_000),
        // A read-only database: exit after 1.3 to 2.1 s (run); none at all: after 9.6 s (run, five pings).
        View::ReadOnly(_) => ctx.random.between(1_300, 2_100),
        View::Unreachable => 9_600,
    };
    let Some(side) = model.nodes.side_mut(region) else { return };
    let flags = side.parameter;
    let Some(node) = side.nodes.get_mut(at) else { return };
    if !allowed {
        exits(model, region, at, REFUSAL_MS, ctx);
        return;
    }
    // `Server.runJobs()` is called once, from `NewServer`; no listener looks at either flag afterwards (run).
    (node.process, node.started_at, node.started_with) = (Process::Starting, Some(ctx.now), flags);
    wake(node, region, at, ctx.now + took_ms, ctx);
}

/// The next thing in the life of a process.
pub(super) fn turn(model: &mut Model, region: Ix, at: usize, turn: u32, ctx: &mut Ctx<'_>) {
    let found = view(model, region, ctx);
    let Some(process) = model.nodes.node(region, at).filter(|node| node.turn == turn).map(|node| node.process) else {
        return;
    };
    match process {
        Process::Starting if found.writable().is_some() => serves(model, region, at, ctx),
        Process::Starting => {
            let started_at = model.nodes.node(region, at).and_then(|node| node.started_at);
            let took_ms = started_at.map_or(0, |started| ctx.now - started);
            exits(model, region, at, took_ms, ctx);
        }
        Process::Booting => start(model, region, at, ctx),
        Process::Loop { .. } if found.writable().is_some() && pre_start_allows(model, region, ctx) => {
            start(model, region, at, ctx);
        }
        Process::Loop { .. } => arm(model, region, at, ctx),
        Process::Stopping => {
            let Some(node) = model.nodes.node_mut(region, at) else { return };
            node.process = Process::None;
            (node.started_at, node.started_with) = (None, None);
            if node.supervised {
                // A start came while it was stopping.
                start(model, region, at, ctx);
            } else if !model.nodes.any_live(region) {
                let line = format!("all Mattermost nodes in {} are stopped", model.name(region));
                ctx.tell(line);
            }
        }
        Process::None | Process::Running | Process::Broken => {}
    }
}

/// Tells the process to stop. The supervisor starts it no more.
pub(super) fn stop(model: &mut Model, region: Ix, at: usize, ctx: &mut Ctx<'_>) {
    let now = ctx.now;
    let Some(node) = model.nodes.node_mut(region, at) else { return };
    node.supervised = false;
    match node.process {
        Process::None | Process::Stopping => {}
        Process::Running | Process::Starting => {
            // Gone after 0.02 to 2.1 s; up to 15 s when started less than 15 s ago: the job watcher's first sleep (run).
            let age_ms = node.started_at.map_or(i64::MAX, |started| now - started);
            let longest_ms = if age_ms < 15_000 { 15_000 - age_ms } else { 2_100 };
            let gone = now + ctx.random.between(20, longest_ms.max(2_100));
            node.process = Process::Stopping;
            wake(node, region, at, gone, ctx);
            // New connections are refused within 10 ms, sockets are cut without a close frame (run).
            cut_sockets(model, region, at, ctx);
        }
        Process::Loop { .. } | Process::Booting | Process::Broken => {
            node.process = Process::Stopping;
            wake(node, region, at, now + 20, ctx);
        }
    }
}

fn serves(model: &mut Model, region: Ix, at: usize, ctx: &mut Ctx<'_>) {
    let Some(side) = model.nodes.side_mut(region) else { return };
    if let Some(node) = side.nodes.get_mut(at) {
        node.process = Process::Running;
        node.serving_since = ctx.now;
    }
    side.loop_told = false;
    let (all, count) = (side.all_run(), side.nodes.len());
    if all {
        let line = format!("all {count} Mattermost nodes in {} are serving", model.name(region));
        ctx.tell(line);
    }
    model::application::node_serves(model, region, ctx);
}

fn exits(model: &mut Model, region: Ix, at: usize, took_ms: i64, ctx: &mut Ctx<'_>) {
    let refused = !pre_start_allows(model, region, ctx);
    let Some(side) = model.nodes.side_mut(region) else { return };
    let told = std::mem::replace(&mut side.loop_told, true);
    if let Some(node) = side.nodes.get_mut(at) {
        node.process = Process::Loop { first_exit: ctx.now, period_ms: RESTART_MS + took_ms };
    }
    if !told {
        let why = if refused {
            "the pre-start check does not find this Region to be the writer"
        } else {
            "their database cannot be written"
        };
        let line = format!("Mattermost nodes in {} exit and are started again every 10 s: {why}", model.name(region));
        ctx.tell(line);
    }
    arm(model, region, at, ctx);
}

/// Puts a looping node's next useful start on the agenda: its very next one where the database can be written, a later
/// one of the same rhythm where nothing has changed yet.
fn arm(model: &mut Model, region: Ix, at: usize, ctx: &mut Ctx<'_>) {
    let soon = view(model, region, ctx).writable().is_some();
    let Some(node) = model.nodes.node_mut(region, at) else { return };
    let Process::Loop { first_exit, period_ms } = node.process else { return };
    let first_start = first_exit + RESTART_MS;
    let passed = (ctx.now - first_start).div_euclid(period_ms.max(1)) + 1;
    let next = if soon { passed.max(0) } else { passed.max(0) + LOOK_EVERY };
    wake(node, region, at, first_start + next * period_ms, ctx);
}

fn wake(node: &mut Node, region: Ix, at: usize, when: i64, ctx: &mut Ctx<'_>) {
    node.turn += 1;
    ctx.timers.model(when, model::Timer::Nodes(Timer::Process { region, node: at, turn: node.turn }));
}

/// Cuts every socket of a node; the clients notice at once.
pub(super) fn cut_sockets(model: &mut Model, region: Ix, at: usize, ctx: &mut Ctx<'_>) {
    let Some(node) = model.nodes.node_mut(region, at) else { return };
    if std::mem::take(&mut node.sockets) > 0 {
        people::sockets_cut(model, region, at, ctx);
    }
}
