//! The Aurora global database.

use mmdr_core::ports::{ClusterSeen, GlobalClusterSeen};
use mmdr_core::records::CheckSeverity::{Critical, Warning};

use crate::table::{Answer, Area, Check, Gate, Miss, View, failed, judge, need, present};

/// A lag value older than this, in seconds, is no value: the metric comes once a minute.
const LAG_AGE_S: i64 = 180;

const fn check(
    name: &'static str,
    gate: Gate,
    proves: &'static str,
    covers: &'static str,
    mend: &'static str,
    ask: fn(&View<'_>) -> Answer,
) -> Check {
    Check { name, area: Area::Database, severity: Critical, gate, proves, covers, mend, ask }
}

pub(super) const CHECKS: &[Check] = &[
    check(
        "global-cluster",
        Gate::Needed,
        "the global cluster exists and its members are the two clusters of the document",
        "set-up: add a Region to the database; result: a global cluster with a member in each Region",
        "RDS console, the cluster, Actions, Add AWS Region; or correct regions.cluster_arn",
        members,
    ),
    check(
        "writer-known",
        Gate::Needed,
        "exactly one Region writes, and it is one of the two",
        "prerequisite: an existing, healthy primary",
        "aws rds describe-global-clusters; IsWriter lags while a move runs, so look again",
        |view| Ok(format!("{} writes", view.writer()?.name)),
    ),
    check(
        "global-cluster-at-rest",
        Gate::Needed,
        "no switchover or failover is scheduled or running",
        "trap: a second managed operation is refused while one runs (Aurora user guide, disaster recovery)",
        "wait until aws rds describe-global-clusters shows no FailoverState",
        at_rest,
    ),
    check(
        "primary-database-available",
        Gate::Needed,
        "the writer's cluster is available and has a writer instance",
        "prerequisite: an existing, healthy primary",
        "RDS console, the cluster, Logs & events",
        |view| writable(present(&view.writer()?.seen.cluster, "cluster")?),
    ),
    check(
        "standby-database-available",
        Gate::Needed,
        "the standby's cluster is available",
        "set-up: the secondary cluster",
        "RDS console, the cluster, Logs & events; an unreachable KMS key is terminal",
        |view| {
            let cluster = present(&view.standby()?.seen.cluster, "cluster")?;
            judge(cluster.status == "available", format!("status {}", cluster.status))
        },
    ),
    check(
        "standby-has-an-instance",
        Gate::Needed,
        "the standby is not headless: there is an instance to promote",
        "trap: a headless secondary must get an instance first (Aurora user guide, disaster recovery)",
        "RDS console, the standby's cluster, Actions, Add reader",
        |view| {
            let cluster = present(&view.standby()?.seen.cluster, "cluster")?;
            judge(cluster.instances > 0, format!("{} instances", cluster.instances))
        },
    ),
    check(
        "standby-synchronised",
        Gate::Needed,
        "the standby member is connected, not waiting for a resynchronisation",
        "trap: a member that is pending-resync cannot be switched to (RDS API, GlobalClusterMember)",
        "wait for RDS-EVENT-0241, or start reprotect",
        synchronised,
    ),
    check(
        "engine-versions-equal",
        Gate::Needed,
        "both clusters run the same major and minor engine version",
        "trap: otherwise both managed operations are refused and only a detach remains (Aurora user guide)",
        "aws rds modify-global-cluster --engine-version, or upgrade the secondary first",
        versions_equal,
    ),
    check(
        "database-lag",
        Gate::Passing,
        "the standby is nearly level, so that a switchover is short",
        "trap: a switchover takes as long as the lag (Aurora user guide); AuroraGlobalDBRPOLag exists only in the standby",
        "find the load on the writer; policy.switchover_lag_s is the limit",
        lag,
    ),
    check(
        "rpo-setting-off",
        Gate::Needed,
        "rds.global_db_rpo of the standby is off, so that it can commit when it stands alone",
        "trap: a promoted cluster with the setting on blocks every commit (Aurora user guide, managing RPO)",
        "set rds.global_db_rpo to -1 in the standby's cluster parameter group",
        |view| {
            let cluster = present(&view.standby()?.seen.cluster, "cluster")?;
            judge(cluster.global_db_rpo_s == -1, format!("rds.global_db_rpo is {}", cluster.global_db_rpo_s))
        },
    ),
    check(
        "managed-password-off",
        Gate::Needed,
        "neither cluster has its master password managed by RDS",
        "trap: a global database does not allow it (Aurora user guide, limitations)",
        "aws rds modify-db-cluster --no-manage-master-user-password --master-user-password …",
        |view| {
            view.both(|side| {
                let managed = present(&side.seen.cluster, "cluster")?.managed_password;
                judge(!managed, if managed { "managed by RDS" } else { "not managed by RDS" })
            })
        },
    ),
    Check {
        severity: Warning,
        ..check(
            "write-forwarding",
            Gate::No,
            "the standby forwards writes",
            "set-up warning: enable write forwarding on the secondary",
            "RDS console, the standby's cluster, Modify, Read replica write forwarding; no restart is needed",
            |view| {
                let standby = view.standby()?.name;
                let global = present(&view.seen.global_cluster, "global cluster")?;
                let status = global.member(standby).and_then(|member| member.write_forwarding.as_deref());
                judge(status == Some("enabled"), format!("status {}", status.unwrap_or("not given")))
            },
        )
    },
    Check {
        severity: Warning,
        ..check(
            "write-forwarding-version",
            Gate::No,
            "the engine version knows write forwarding: 16, 15.4 or 14.9 and newer",
            "set-up warning: not every PostgreSQL version allows write forwarding",
            "upgrade the global database",
            |view| view.both(|side| forwarding_version(present(&side.seen.cluster, "cluster")?)),
        )
    },
];

fn global<'a>(view: &View<'a>) -> Result<&'a GlobalClusterSeen, Miss> {
    present(&view.seen.global_cluster, "global cluster")
}

fn members(view: &View<'_>) -> Answer {
    let global = global(view)?;
    let missing = view
        .document()
        .regions
        .iter()
        .filter(|region| !global.members.iter().any(|member| member.cluster_arn == region.cluster_arn));
    let missing: Vec<&str> = missing.map(|region| region.cluster_arn.as_str()).collect();
    if !missing.is_empty() {
        return failed(format!("no member: {}", missing.join(", ")));
    }
    view.both(|side| match &present(&side.seen.cluster, "cluster")?.global_cluster {
        Some(id) => judge(*id == global.id, format!("member of {id}")),
        None => failed("stands alone, as after a detach"),
    })
}

fn at_rest(view: &View<'_>) -> Answer {
    let global = global(view)?;
    match &global.failover_state {
        Some(state) => failed(format!("{} from {} to {}", state.status, state.from_arn, state.to_arn)),
        None => judge(global.at_rest(), format!("status {}", global.status)),
    }
}

fn writable(cluster: &ClusterSeen) -> Answer {
    let writer = if cluster.has_writer { "a writer" } else { "no writer" };
    judge(cluster.writable(), format!("status {}, {writer} among {} instances", cluster.status, cluster.instances))
}

fn synchronised(view: &View<'_>) -> Answer {
    let standby = view.standby()?.name;
    let Some(member) = global(view)?.member(standby) else { return failed(format!("{standby} has no member")) };
    match member.synchronization.as_deref() {
        Some("connected") => Ok("connected".into()),
        Some(other) => failed(other),
        None => Err(Miss::CannotTell("RDS gives no synchronisation status".into())),
    }
}

/// Major and minor version: the first two numbers.
fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn versions_equal(view: &View<'_>) -> Answer {
    let [here, there] = view.sides();
    let version =
        |side: &crate::table::Side<'_>| present(&side.seen.cluster, "cluster").map(|it| it.engine_version.clone());
    let (one, other) = (version(&here)?, version(&there)?);
    let equal = numbers(&one).is_some() && numbers(&one) == numbers(&other);
    judge(equal, format!("{one} in {}, {other} in {}", here.name, there.name))
}

fn lag(view: &View<'_>) -> Answer {
    let limit_s = view.document().policy.switchover_lag_s;
    match need(&view.standby()?.seen.lag_ms)? {
        None => Err(Miss::CannotTell("no value in the last 15 minutes".into())),
        Some(sample) if !view.now().is_within(LAG_AGE_S, sample.at) => {
            Err(Miss::CannotTell(format!("the last value is of {}", sample.at)))
        }
        Some(sample) => {
            let evidence = format!("{:.0} ms, {limit_s} s are allowed", sample.value);
            judge(sample.value <= f64::from(limit_s) * 1_000.0, evidence)
        }
    }
}

fn forwarding_version(cluster: &ClusterSeen) -> Answer {
    let knows = match numbers(&cluster.engine_version) {
        Some((14, minor)) => minor >= 9,
        Some((15, minor)) => minor >= 4,
        Some((major, _)) => major >= 16,
        None => return Err(Miss::CannotTell(format!("version {:?} is not understood", cluster.engine_version))),
    };
    judge(knows, format!("version {}", cluster.engine_version))
}
