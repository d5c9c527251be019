//! Names that follow from the Deployment's: what the template calls its resources and the adapters look for.

use mmdr_core::{Deployment, Region};

/// Namespace of every metric of ours.
pub(crate) const NAMESPACE: &str = "MattermostDR";
/// Probe of a Region's application: 1 healthy, 0 not.
pub(crate) const REGION_HEALTHY: &str = "RegionHealthy";
/// A sign of life from the other Region's stack.
pub(crate) const HEARTBEAT: &str = "Heartbeat";
/// The take-over flag: 1 after a flip.
pub(crate) const TAKEN_OVER: &str = "TakenOver";

/// The alarm on the take-over flag, which a health check watches.
pub(crate) fn flag_alarm(deployment: &Deployment) -> String {
    format!("mmdr-{}-taken-over", deployment.name)
}

/// The command document that starts or stops nodes.
pub(crate) fn command_document(deployment: &Deployment, what: &str) -> String {
    format!("mmdr-{}-{what}-nodes", deployment.name)
}

/// ARN of a machine, or of its alias, in `region`.
pub(crate) fn machine_arn(deployment: &Deployment, region: &Region, machine: &str, alias: Option<&str>) -> String {
    let (account, name) = (&deployment.account_id, &deployment.name);
    let partition = partition(region);
    let arn = format!("arn:{partition}:states:{region}:{account}:stateMachine:mmdr-{name}-{machine}");
    alias.map_or(arn.clone(), |alias| format!("{arn}:{alias}"))
}

/// ARN of an execution of a machine in `region`; the same under whichever alias it was started.
pub(crate) fn execution_arn(deployment: &Deployment, region: &Region, machine: &str, name: &str) -> String {
    let machine = machine_arn(deployment, region, machine, None).replace(":stateMachine:", ":execution:");
    format!("{machine}:{name}")
}

/// China and the two GovCloud Regions are partitions of their own.
pub(crate) fn partition(region: &Region) -> &'static str {
    match region.as_str() {
        china if china.starts_with("cn-") => "aws-cn",
        government if government.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

/// The last part of an ARN: `cluster:acme` is `acme`, `targetgroup/a/b` stays.
pub(crate) fn resource(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).map_or(arn, |resource| resource.split_once(':').map_or(resource, |(_, name)| name))
}

#[cfg(test)]
mod tests {
    use mmdr_core::Kind;

    use super::*;

    #[test]
    fn a_name_is_read_off_an_arn() {
        assert_eq!(resource("arn:aws:rds:us-east-1:123456789012:cluster:acme"), "acme");
        assert_eq!(resource("arn:aws:sns:us-east-1:123456789012:topic"), "topic");
        assert_eq!(resource("acme"), "acme");
    }

    #[test]
    fn a_detach_runs_in_the_machine_of_a_failover() {
        let deployment = Deployment::seed_example().unwrap();
        let east = Region::new("us-east-1");
        let arn = machine_arn(&deployment, &east, Kind::Detach.machine(), Some("live"));
        assert_eq!(arn, "arn:aws:states:us-east-1:123456789012:stateMachine:mmdr-acme-chat-failover:live");
        let arn = execution_arn(&deployment, &east, Kind::Detach.machine(), "dt-1");
        assert_eq!(arn, "arn:aws:states:us-east-1:123456789012:execution:mmdr-acme-chat-failover:dt-1");
    }
}
