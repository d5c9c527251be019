//! What IAM must allow for each call: the actions that the adapters' requests need, all of them and no other.
//!
//! A call of a port is one question or one change, but it may take more than one request. Two tests hold this table: the
//! adapters' own, which counts the requests that each method makes, and the template's, which compares a function's policy
//! with the calls that its step makes.

use crate::calls::Call;

/// What reaching search and Mattermost needs, whichever way the document says: the credentials of the own Region, or the
/// other Region's relay.
const CREDENTIALS: &str = "secretsmanager:GetSecretValue";
const RELAY: &str = "lambda:InvokeFunction";

/// The IAM actions of one call. Empty where no IAM is asked: plain HTTPS, DNS, and STS's GetCallerIdentity.
pub fn of(call: &Call) -> Vec<&'static str> {
    let (port, method) = call.method.split_once('.').unwrap_or_default();
    match port {
        "database" => database(method, call.name),
        "search" => search(method, call.name),
        "nodes" => nodes(method, call.name),
        "scheduler" => scheduler(method, call.name),
        "application" if method == "public_name_answers_from" => Vec::new(),
        "application" => vec![CREDENTIALS, RELAY],
        "files" => files(method, call.name),
        "dns" => dns(method, call.name),
        "witnesses" if method == "region_answers" => Vec::new(),
        "signals" if method == "probe" => Vec::new(),
        "backups" => backups(method, call.name),
        // A bucket that may not be listed answers 403 instead of 404 for what is not there.
        "ledgers" if call.name == "s3:GetObject" => vec![call.name, "s3:ListBucket"],
        _ => vec![call.name],
    }
}

/// Whether a call may go by the other Region's relay, which then makes it there with the relay's own rights.
pub fn by_relay(call: &Call) -> bool {
    of(call).contains(&RELAY)
}

/// The actions of the shell, which every function needs: the deployment document, wherever it lies.
pub const SHELL: &[&str] = &["s3:GetObject", "ssm:GetParameter"];

fn database(method: &str, name: &'static str) -> Vec<&'static str> {
    match method {
        // `rds.global_db_rpo` is a parameter of the cluster's group.
        "cluster" => vec![name, "rds:DescribeDBClusterParameters"],
        _ => vec![name],
    }
}

fn search(method: &str, name: &'static str) -> Vec<&'static str> {
    match method {
        "connections" | "request_connection" | "accept_connection" | "delete_connection" => vec![name],
        // Versions come from the control plane, health from the domain itself.
        "domain" => vec![name, "es:ESHttpGet", CREDENTIALS, RELAY],
        "export_divergence" => vec![name, "es:ESHttpGet", "s3:PutObject", CREDENTIALS, RELAY],
        // A probe of an index that is not there would make it, so the domain is asked first; a start that says "exists already"
        // is understood by the index's settings.
        "probe" | "start" => vec![name, "es:ESHttpGet", CREDENTIALS, RELAY],
        _ => vec![name, CREDENTIALS, RELAY],
    }
}

fn nodes(method: &str, name: &'static str) -> Vec<&'static str> {
    match method {
        // What a process does says its own reporter, in an object beside the ledger.
        "nodes" => vec![
            name,
            "autoscaling:DescribeAutoScalingGroups",
            "ecs:DescribeTasks",
            "ecs:ListTasks",
            "elasticloadbalancing:DescribeTargetHealth",
            "s3:GetObject",
            "s3:ListBucket",
        ],
        "start" | "stop" => vec![name, "ecs:UpdateService"],
        // A load balancer knows a task by its address.
        "deregister" | "register" => vec![name, "ecs:DescribeTasks", "ecs:ListTasks"],
        _ => vec![name],
    }
}

fn scheduler(method: &str, name: &'static str) -> Vec<&'static str> {
    match method {
        "job_flags" => vec![name, "ecs:DescribeServices"],
        "config" => vec![CREDENTIALS, RELAY],
        _ => vec![name],
    }
}

fn files(method: &str, name: &'static str) -> Vec<&'static str> {
    match method {
        // What was never replicated say the batch jobs and, without one, a sample of objects.
        "bucket" => vec![name, "s3:GetBucketVersioning", "s3:GetObject", "s3:ListBucket", "s3:ListJobs"],
        // What a batch job has replicated since has not failed any more.
        "failed_operations" => vec![name, "s3:ListJobs"],
        "probe_object" => vec![name, "s3:ListBucket"],
        "put_replication" => vec![name, "s3:PutBucketVersioning", "iam:PassRole"],
        "replicate_existing" => vec![name, "iam:PassRole"],
        _ => vec![name],
    }
}

fn dns(method: &str, name: &'static str) -> Vec<&'static str> {
    match method {
        "records" => vec![name, "route53:GetHealthCheck"],
        // Records are exchanged as they lie there, each with the other health check.
        "exchange_records" => vec![name, "route53:ListResourceRecordSets", "route53:ListHealthChecks"],
        "resolvers" => Vec::new(),
        _ => vec![name],
    }
}

fn backups(method: &str, name: &'static str) -> Vec<&'static str> {
    match method {
        "recovery_points" => vec![name, "rds:DescribeDBClusters", "rds:DescribeDBClusterSnapshots", "s3:ListBucket"],
        "search_snapshots" => vec![name, CREDENTIALS, RELAY],
        _ => vec![name],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls;

    #[test]
    fn a_changing_call_needs_the_action_that_it_is_named_after_or_goes_by_the_relay() {
        for call in calls::ALL.iter().filter(|call| call.does != calls::Does::Read) {
            let needs = of(call);
            assert!(needs.contains(&call.name) || needs.contains(&RELAY), "{}", call.method);
        }
    }

    #[test]
    fn no_action_is_listed_twice() {
        for call in calls::ALL {
            let mut needs = of(call);
            needs.sort_unstable();
            let before = needs.len();
            needs.dedup();
            assert_eq!(needs.len(), before, "{}", call.method);
        }
    }
}
