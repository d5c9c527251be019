//! Nodes, jobs and configuration.

use mmdr_core::deployment::{ConfigStore, NodeEndpoint, Platform};
use mmdr_core::ports::{ConfigSeen, JobFlags, NodeSeen, NodeState};
use mmdr_core::records::CheckSeverity::{Critical, Warning};

use super::search::few;
use crate::table::{Answer, Area, Check, Gate, Miss, Side, View, cannot_tell, failed, judge, need};

const fn check(
    name: &'static str,
    gate: Gate,
    proves: &'static str,
    covers: &'static str,
    mend: &'static str,
    ask: fn(&View<'_>) -> Answer,
) -> Check {
    Check { name, area: Area::Application, severity: Critical, gate, proves, covers, mend, ask }
}

pub(super) const CHECKS: &[Check] = &[
    check(
        "primary-application-answers",
        Gate::No,
        "Mattermost answers in the writer Region and reaches its database and its files",
        "prerequisite: an existing, healthy primary",
        "GET /api/v4/system/ping?get_server_status=true at the Region's own address",
        primary_answers,
    ),
    Check {
        severity: Warning,
        ..check(
            "writer-nodes-serve",
            Gate::No,
            "enough nodes of the writer Region serve traffic",
            "set-up: two nodes behind a proxy",
            "look at the nodes named; a single failed node is replaced, it is no case for a failover",
            writer_nodes,
        )
    },
    check(
        "writer-nodes-obey",
        Gate::Needed,
        "a command reaches every node of the writer Region that may run",
        "invariant: a switchover proves that nothing writes any more, by nodes that it saw stopped",
        "the node's agent, its tag mmdr-group; or take it out of the load balancer once it is off",
        writer_nodes_obey,
    ),
    check(
        "standby-nodes-ready",
        Gate::Needed,
        "as many nodes as the document says stand ready in the standby Region",
        "set-up: the same nodes and proxy in the secondary Region",
        "replace the nodes named; launching new ones is what fails in a Region that is in trouble",
        standby_nodes,
    ),
    check(
        "standby-nodes-stopped",
        Gate::No,
        "no application process works in the standby Region",
        "set-up: nodes of the secondary Region cannot come up before the move; jobs must not run there",
        "keep-fenced stops them within a minute; if it does not, look at its last report",
        standby_stopped,
    ),
    check(
        "node-versions-equal",
        Gate::Needed,
        "every node of both Regions has the same Mattermost version",
        "trap: a newer standby migrates the schema at the worst moment (Mattermost documentation, upgrade)",
        "bring the image or package named to the writer's version",
        versions,
    ),
    check(
        "standby-job-flags-off",
        Gate::No,
        "RunJobs and RunScheduler are off for the nodes of the standby Region",
        "set-up: RunScheduler is false on every node of the secondary Region",
        "set both to false in the parameter named by regions.nodes.job_flags_parameter",
        |view| flags(view.standby()?, false),
    ),
    Check {
        severity: Warning,
        ..check(
            "writer-job-flags-on",
            Gate::No,
            "RunJobs and RunScheduler are on for the nodes of the writer Region",
            "set-up: the scheduler runs in the primary Region",
            "set both to true in the parameter, then restart the nodes one by one: the flags are read at their start only",
            |view| flags(view.writer()?, true),
        )
    },
    check(
        "job-flags-from-parameter",
        Gate::Needed,
        "the running nodes take the job flags from the parameter, and it says what they run with",
        "trap: flags are read once, at start, and the environment wins over the API (Mattermost source, store.go)",
        "EnvironmentFile= of the unit must name the file made from regions.nodes.job_flags_parameter; restart the nodes",
        effective_flags,
    ),
    check(
        "dedicated-job-server",
        Gate::No,
        "a job server of its own runs only in the writer Region, and only where the document says that there is one",
        "trap: it ignores the job flags (Mattermost source, jobserver.go)",
        "mattermost.dedicated_job_server in the document; scale the standby's to 0",
        job_server,
    ),
    // Nobody can tell while the standby's nodes are stopped, as they should be.
    Check {
        severity: Warning,
        ..check(
            "cluster-names-differ",
            Gate::No,
            "the two Regions have different ClusterNames",
            "set-up warning: separate ClusterNames for two clusters on one database",
            "set MM_CLUSTERSETTINGS_CLUSTERNAME per Region in the nodes' environment",
            cluster_names,
        )
    },
    check(
        "region-keys-from-environment",
        Gate::Needed,
        "every key that differs between the Regions comes from the environment",
        "trap: a configuration in the database is one row for both Regions (Mattermost documentation)",
        "set the keys named as MM_… variables in both Regions",
        region_keys,
    ),
    Check {
        severity: Warning,
        ..check(
            "encryption-keys-equal",
            Gate::No,
            "AtRestEncryptKey and PublicLinkSalt are the same in both Regions",
            "trap: otherwise second factors and public links break after a move",
            "compare SqlSettings.AtRestEncryptKey and FileSettings.PublicLinkSalt of both Regions in local mode",
            |_| cannot_tell("the API masks both keys; only local mode or the files show them"),
        )
    },
    Check {
        severity: Warning,
        ..check(
            "time-zones-equal",
            Gate::No,
            "the nodes of both Regions have the same time zone",
            "trap: names of daily indices follow the server's local date (Mattermost source, common.go)",
            "timedatectl, or the variable TZ, on a node of each Region",
            |_| cannot_tell("no interface shows a node's time zone"),
        )
    },
];

fn primary_answers(view: &View<'_>) -> Answer {
    let ping = need(&view.writer()?.seen.ping)?;
    let word = |ok: bool| if ok { "answers" } else { "does not" };
    let (database, files) = (word(ping.database_ok), word(ping.filestore_ok));
    let holds = ping.answers && ping.database_ok && ping.filestore_ok;
    judge(holds, format!("application {}, database {database}, files {files}", word(ping.answers)))
}

fn writer_nodes(view: &View<'_>) -> Answer {
    let writer = view.writer()?;
    let nodes = need(&writer.seen.nodes)?;
    let serving = nodes.iter().filter(|node| node.state == NodeState::Running && node.registered && node.healthy);
    let minimum = view.document().region(writer.name).map_or(0, |region| region.nodes.healthy_minimum);
    let serving = serving.count();
    judge(serving >= minimum as usize, format!("{serving} of {} serve, {minimum} at least must", nodes.len()))
}

fn standby_nodes(view: &View<'_>) -> Answer {
    let standby = view.standby()?;
    let nodes = need(&standby.seen.nodes)?;
    let is_broken = |node: &&NodeSeen| node.state == NodeState::Broken || !node.reachable;
    let broken: Vec<&str> = nodes.iter().filter(is_broken).map(|node| node.id.as_str()).collect();
    let wanted = view.document().region(standby.name).map_or(0, |region| region.nodes.count);
    let ready = nodes.len().saturating_sub(broken.len());
    let evidence = format!("{ready} of {wanted} nodes ready");
    let platform = view.document().region(standby.name).map(|region| region.nodes.platform);
    if platform == Some(Platform::Ecs) && broken.is_empty() {
        // A service that is scaled to nothing has no task, and its tasks are there as soon as it is scaled up.
        return Ok(format!("{} tasks run; the service is there", nodes.len()));
    }
    if ready >= wanted as usize {
        Ok(evidence)
    } else if broken.is_empty() {
        failed(evidence)
    } else {
        failed(format!("{evidence}; broken, or reached by no command: {}", few(&broken)))
    }
}

fn writer_nodes_obey(view: &View<'_>) -> Answer {
    let writer = view.writer()?;
    let nodes = need(&writer.seen.nodes)?;
    let platform = view.document().region(writer.name).map(|region| region.nodes.platform);
    let deaf = nodes.iter().filter(|node| platform.is_some_and(|platform| node.is_out_of_reach(platform)));
    let deaf: Vec<&str> = deaf.map(|node| node.id.as_str()).collect();
    if deaf.is_empty() { Ok(format!("{} nodes", nodes.len())) } else { failed(format!("none reaches {}", few(&deaf))) }
}

/// On the Region's own cluster endpoint a restart loop is the normal state of a node that nobody stopped.
fn standby_stopped(view: &View<'_>) -> Answer {
    let nodes = need(&view.standby()?.seen.nodes)?;
    let loops = view.document().database.node_endpoint == NodeEndpoint::Cluster;
    let works = |node: &&NodeSeen| match node.state {
        NodeState::Running | NodeState::Starting => true,
        NodeState::RestartLoop => !loops,
        NodeState::Stopped | NodeState::Broken => false,
    };
    let live: Vec<&str> = nodes.iter().filter(works).map(|node| node.id.as_str()).collect();
    if live.is_empty() { Ok(format!("none of {} works", nodes.len())) } else { failed(few(&live)) }
}

fn versions(view: &View<'_>) -> Answer {
    let [here, there] = view.sides();
    let nodes = need(&here.seen.nodes)?.iter().chain(need(&there.seen.nodes)?);
    let mut versions: Vec<&str> = nodes.map(|node| node.version.as_str()).collect();
    versions.sort_unstable();
    versions.dedup();
    match versions.as_slice() {
        [] => cannot_tell("there are no nodes"),
        [one] => Ok(format!("version {one}")),
        several => failed(format!("versions {}", few(several))),
    }
}

fn parameter(side: Side<'_>) -> Result<JobFlags, Miss> {
    need(&side.seen.job_flags)?
        .parameter
        .ok_or_else(|| Miss::Failed(format!("{}: the parameter is missing", side.name)))
}

fn flags(side: Side<'_>, on: bool) -> Answer {
    let found = parameter(side)?;
    let holds = found.run_jobs == on && found.run_scheduler == on;
    judge(holds, format!("{}: RunJobs {}, RunScheduler {}", side.name, found.run_jobs, found.run_scheduler))
}

fn running_config<'a>(side: Side<'a>) -> Result<&'a ConfigSeen, Miss> {
    let config = need(&side.seen.config)?.as_ref();
    config.ok_or_else(|| Miss::CannotTell(format!("no node of {} answers", side.name)))
}

fn effective_flags(view: &View<'_>) -> Answer {
    if view.document().mattermost.dedicated_job_server {
        return Ok("a dedicated job server runs the jobs".into());
    }
    let writer = view.writer()?;
    let (config, flags) = (running_config(writer)?, parameter(writer)?);
    if !config.overridden_by_environment {
        return failed("the environment does not set JobSettings: the parameter is not what the nodes read");
    }
    let same = config.run_jobs == flags.run_jobs && config.run_scheduler == flags.run_scheduler;
    judge(same, format!("nodes run with RunJobs {}, RunScheduler {}", config.run_jobs, config.run_scheduler))
}

fn job_server(view: &View<'_>) -> Answer {
    let dedicated = view.document().mattermost.dedicated_job_server;
    let writer = view.writer()?.name;
    view.both(|side| {
        let replicas = need(&side.seen.job_flags)?.job_server_replicas;
        match (dedicated, replicas) {
            (false, None | Some(0)) => Ok("none, as the document says".into()),
            (false, Some(replicas)) => failed(format!("{replicas} replicas, which the document does not name")),
            (true, None) => failed("the document names one, none is there"),
            (true, Some(replicas)) => judge((replicas > 0) == (side.name == writer), format!("{replicas} replicas")),
        }
    })
}

fn cluster_names(view: &View<'_>) -> Answer {
    let [here, there] = view.sides();
    let (one, other) = (&running_config(here)?.cluster_name, &running_config(there)?.cluster_name);
    judge(one != other, format!("{one:?} and {other:?}"))
}

fn region_keys(view: &View<'_>) -> Answer {
    if view.document().mattermost.config_store == ConfigStore::File {
        return Ok("each node has a file of its own".into());
    }
    let writer = running_config(view.writer()?)?;
    let missing: Vec<&str> = writer.not_from_environment.iter().map(String::as_str).collect();
    if missing.is_empty() { Ok("all of them".into()) } else { failed(few(&missing)) }
}
