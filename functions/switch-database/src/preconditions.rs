//! What must hold for Aurora's managed operations. In a switchover each is a refusal, in a failover a finding.
//!
//! Source: Aurora User Guide, "Using switchover or failover in Aurora Global Database" and the limitations of
//! global databases.

use mmdr_core::ports::{ClusterSeen, GlobalClusterSeen};
use mmdr_core::{Acceptance, Kind, Run};

use crate::decide::own_arn;
use crate::observed::Observed;

/// Each precondition that is seen not to hold, in one clause. What is unseen is no finding.
pub(crate) fn missing(run: &Run, seen: &Observed, global: Option<&GlobalClusterSeen>) -> Vec<String> {
    let mut missing = Vec::new();
    of_the_global_cluster(run, global, &mut missing);
    if let Some(own) = seen.own.value() {
        of_the_target(run, own.as_ref(), &mut missing);
    }
    if let (Some(Some(own)), Some(Some(other))) = (seen.own.value(), seen.other.value()) {
        let (here, there) = (&own.engine_version, &other.engine_version);
        if minor(here) != minor(there) {
            missing
                .push(format!("engine versions differ ({here} here, {there} there): only a detach remains possible"));
        }
        if other.managed_password {
            missing.push(format!("the cluster in {} has an RDS-managed master password", run.other()));
        }
    }
    let limit_ms = f64::from(run.deployment.policy.switchover_lag_s) * 1_000.0;
    if let Some(Some(lag)) = seen.lag.value()
        && lag.value > limit_ms
        && run.kind == Kind::Switchover
        && !run.accepts(Acceptance::Lag)
    {
        missing.push(format!("replication lag is {:.0} ms, the limit is {limit_ms:.0} ms", lag.value));
    }
    missing
}

fn of_the_global_cluster(run: &Run, global: Option<&GlobalClusterSeen>, missing: &mut Vec<String>) {
    let Some(global) = global else {
        missing.push("RDS knows no such global cluster".into());
        return;
    };
    if let Some(state) = &global.failover_state {
        missing.push(format!("a move to {} is {}", state.to_arn, state.status));
    }
    if global.status != "available" {
        missing.push(format!("the global cluster is {}", global.status));
    }
    match global.member(run.own()) {
        None => missing.push(format!("the cluster in {} is not a member of the global cluster", run.own())),
        Some(member) if member.is_writer => missing.push(format!("{} is flagged as the writer already", run.own())),
        Some(_) => {}
    }
    if run.kind == Kind::Switchover && global.only_writer().is_none_or(|writer| writer.region != *run.other()) {
        missing.push(format!("{} is not the only writer", run.other()));
    }
}

fn of_the_target(run: &Run, own: Option<&ClusterSeen>, missing: &mut Vec<String>) {
    let region = run.own();
    let Some(own) = own else {
        missing.push(format!("there is no cluster in {region}"));
        return;
    };
    if own.status != "available" {
        missing.push(format!("the cluster in {region} is {}", own.status));
    }
    if own.instances == 0 {
        missing.push(format!("the cluster in {region} has no instance: add one first"));
    }
    if own.managed_password {
        missing.push(format!("the cluster in {region} has an RDS-managed master password"));
    }
    if own.global_db_rpo_s != -1 {
        missing.push(format!(
            "rds.global_db_rpo of {region} is {} s and not -1: once promoted it would block every commit until a \
             secondary exists",
            own.global_db_rpo_s
        ));
    }
}

/// Whether `arn` is the own cluster's.
pub(crate) fn same_target(run: &Run, arn: &str) -> bool {
    own_arn(run).is_some_and(|own| own == arn)
}

/// Major and minor version, `16.6` of `16.6.2`: they must be equal; patch levels may differ for current versions.
fn minor(version: &str) -> (Option<&str>, Option<&str>) {
    let mut parts = version.split('.');
    (parts.next(), parts.next())
}
