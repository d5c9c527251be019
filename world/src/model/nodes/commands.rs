//! What the control planes are asked about nodes: SSM, the load balancer, Parameter Store, ECS.

use mmdr_core::Fault;
use mmdr_core::Time;
use mmdr_core::deployment::ConfigStore;
use mmdr_core::ports::{ConfigSeen, JobFlags, JobFlagsSeen, NodeSeen};

use super::{Node, Order, Process, Timer, fence, process};
use crate::model::{self, Ctx, Model};
use crate::network::Ix;

/// Milliseconds that a command takes from SendCommand to the agent on the node, at least and at most.
const COMMAND_MS: (i64, i64) = (300, 1_500);

/// Every node of a Region.
pub fn seen(model: &Model, region: Ix, ctx: &Ctx<'_>) -> Result<Vec<NodeSeen>, Fault> {
    let Some(side) = model.nodes.side(region) else { return Err(Fault::NotFound("no such group".into())) };
    let look = |node: &Node| NodeSeen {
        id: node.id.clone(),
        state: node.state(side.powered),
        reachable: side.powered,
        registered: node.registered,
        healthy: node.registered && node.runs() && ctx.now - node.serving_since >= model.nodes.health_check_ms,
        started_at: node.started_at.map(Time),
        started_with: node.started_with,
        sockets: node.sockets,
        version: side.version.clone(),
        exits: match node.process {
            Process::Loop { first_exit, period_ms } if ctx.now >= first_exit => {
                u32::try_from((ctx.now - first_exit) / period_ms.max(1) + 1).unwrap_or(u32::MAX)
            }
            _ => 0,
        },
    };
    Ok(side.nodes.iter().map(look).collect())
}

/// DeregisterTargets: no new connection; those that exist are cut when the deregistration delay is over.
pub fn deregister(model: &mut Model, region: Ix, ids: &[String], ctx: &mut Ctx<'_>) -> Result<(), Fault> {
    let delay_ms = model.nodes.deregistration_delay_ms;
    each(model, region, ids, |at, node| {
        if std::mem::take(&mut node.registered) {
            node.registration += 1;
            let drained = Timer::Drained { region, node: at, registration: node.registration };
            ctx.timers.model(ctx.now + delay_ms, model::Timer::Nodes(drained));
        }
    })
}

/// The deregistration delay is over: the load balancer closes what is left.
pub(super) fn drained(model: &mut Model, region: Ix, at: usize, registration: u32, ctx: &mut Ctx<'_>) {
    if model.nodes.node(region, at).is_some_and(|node| !node.registered && node.registration == registration) {
        process::cut_sockets(model, region, at, ctx);
    }
}

/// RegisterTargets.
pub fn register(model: &mut Model, region: Ix, ids: &[String], _ctx: &mut Ctx<'_>) -> Result<(), Fault> {
    each(model, region, ids, |_, node| node.registered = true)
}

/// SendCommand of the stop document.
pub fn stop(model: &mut Model, region: Ix, ids: &[String], fence_check: bool, ctx: &mut Ctx<'_>) -> Result<(), Fault> {
    send(model, region, ids, if fence_check { Order::StopIfFenced } else { Order::Stop }, ctx)
}

/// SendCommand of the start document.
pub fn start(model: &mut Model, region: Ix, ids: &[String], ctx: &mut Ctx<'_>) -> Result<(), Fault> {
    send(model, region, ids, Order::Start, ctx)
}

fn send(model: &mut Model, region: Ix, ids: &[String], order: Order, ctx: &mut Ctx<'_>) -> Result<(), Fault> {
    each(model, region, ids, |node, _| {
        let arrives = ctx.now + ctx.random.between(COMMAND_MS.0, COMMAND_MS.1);
        ctx.timers.model(arrives, model::Timer::Nodes(Timer::Command { region, node, order }));
    })
}

/// A command reaches its node; a repeated one finds everything done. SendCommand has no idempotency token: a repeated
/// send runs twice (SSM API reference).
pub(super) fn arrive(model: &mut Model, region: Ix, at: usize, order: Order, ctx: &mut Ctx<'_>) {
    // The agent fetches commands from the Region's own endpoint.
    if ctx.network.is_dark(region) || !model.nodes.side(region).is_some_and(|side| side.powered) {
        return;
    }
    match order {
        Order::Stop => process::stop(model, region, at, ctx),
        Order::StopIfFenced if fence::is_fenced(model, region, ctx) => process::stop(model, region, at, ctx),
        Order::StopIfFenced => {}
        Order::Start => {
            let Some(node) = model.nodes.node_mut(region, at) else { return };
            node.supervised = true;
            // `systemctl start` of a unit that waits for its restart starts it at once.
            if matches!(node.process, Process::None | Process::Loop { .. }) {
                process::start(model, region, at, ctx);
            }
        }
    }
}

/// GetParameter of the job flags, and the job server's replicas.
pub fn job_flags(model: &Model, region: Ix) -> Result<JobFlagsSeen, Fault> {
    let Some(side) = model.nodes.side(region) else { return Err(Fault::NotFound("no such parameter".into())) };
    Ok(JobFlagsSeen { parameter: side.parameter, job_server_replicas: side.job_server_replicas })
}

/// PutParameter of the job flags. Nothing that runs looks at them.
pub fn write_job_flags(model: &mut Model, region: Ix, flags: JobFlags) -> Result<(), Fault> {
    let Some(side) = model.nodes.side_mut(region) else { return Err(Fault::NotFound("no such parameter".into())) };
    side.parameter = Some(flags);
    Ok(())
}

/// UpdateService of the dedicated job server.
pub fn scale_job_server(model: &mut Model, region: Ix, replicas: u32) -> Result<(), Fault> {
    let running = model.nodes.side_mut(region).and_then(|side| side.job_server_replicas.as_mut());
    let Some(running) = running else { return Err(Fault::NotFound("ServiceNotFoundException".into())) };
    *running = replicas;
    Ok(())
}

/// `GET /api/v4/config` and `/config/environment` of a running node; none where no node answers.
pub fn config(model: &Model, region: Ix, ctx: &Ctx<'_>) -> Result<Option<ConfigSeen>, Fault> {
    let Some(side) = model.nodes.side(region) else { return Ok(None) };
    let Some(node) = side.nodes.iter().find(|node| node.runs()) else { return Ok(None) };
    // Effective values come from the environment that the process was started with.
    let flags =
        node.started_with.unwrap_or(JobFlags { run_jobs: true, run_scheduler: true, epoch: mmdr_core::Epoch(0) });
    let in_database = ctx.deployment.mattermost.config_store == ConfigStore::Database;
    Ok(Some(ConfigSeen {
        run_jobs: flags.run_jobs,
        run_scheduler: flags.run_scheduler,
        overridden_by_environment: model.nodes.flags_from_environment,
        // With the configuration in the database ReadOnlyConfig is ignored (`config/database.go`).
        read_only: model.nodes.read_only_config && !in_database,
        in_database,
        cluster_name: format!("mattermost-{}", model.name(region)),
        not_from_environment: Vec::new(),
    }))
}

fn each(model: &mut Model, region: Ix, ids: &[String], mut change: impl FnMut(usize, &mut Node)) -> Result<(), Fault> {
    let Some(side) = model.nodes.side_mut(region) else { return Err(Fault::NotFound("no such group".into())) };
    if let Some(unknown) = ids.iter().find(|id| side.nodes.iter().all(|node| node.id != **id)) {
        return Err(Fault::NotFound(format!("InvalidInstanceId: {unknown}")));
    }
    for (at, node) in side.nodes.iter_mut().enumerate().filter(|(_, node)| ids.contains(&node.id)) {
        change(at, node);
    }
    Ok(())
}
