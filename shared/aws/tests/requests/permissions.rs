//! Each method makes the requests that its permissions allow: all of them, and no other.

use std::collections::BTreeSet;

use mmdr_aws::Aws;
use mmdr_core::calls::{self, Call};
use mmdr_core::ports::*;
use mmdr_core::{Deployment, Epoch, Kind, Ledger, Region, RunId, Time, permissions};
use serde_json::json;

use crate::outside::Outside;

/// What no request of the SDK shows: the other Region's relay and the credentials of what it reaches, and a role that is
/// handed over in a request's body.
const NOT_HERE: [&str; 3] = ["lambda:InvokeFunction", "secretsmanager:GetSecretValue", "iam:PassRole"];

/// The document on each platform, with a job server.
fn documents() -> Vec<Deployment> {
    let platform = |platform: &str| {
        let mut document = serde_json::to_value(Deployment::seed_example().unwrap()).unwrap();
        document["mattermost"]["dedicated_job_server"] = true.into();
        document["mattermost"]["job_server"] = "cluster/jobs".into();
        for region in document["regions"].as_array_mut().unwrap() {
            region["nodes"]["platform"] = platform.into();
            if platform == "ecs" {
                region["nodes"]["group"] = "cluster/service".into();
            }
        }
        Deployment::from_json(&document.to_string()).unwrap()
    };
    ["ec2-systemd", "auto-scaling", "ecs"].map(platform).into()
}

/// Actions that `call` was seen to need, on all platforms together.
async fn needed(call: impl AsyncFn(&Aws, &Region)) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for document in documents() {
        let outside = Outside::default();
        call(&outside.ports(document), &Region::new("us-east-1")).await;
        found.extend(outside.actions().into_iter().filter(|action| !NOT_HERE.contains(&action.as_str())));
    }
    found
}

fn differences(call: &Call, seen: &BTreeSet<String>) -> Vec<String> {
    let shown = |action: &&str| !NOT_HERE.contains(action) && !action.starts_with("es:ESHttp");
    let allowed: BTreeSet<String> = permissions::of(call).into_iter().filter(shown).map(str::to_owned).collect();
    // Asked for 404 instead of 403, not sent.
    let silent = |action: &String| action == "s3:ListBucket" && !seen.contains(action);
    let unused = allowed.difference(seen).filter(|action| !silent(action));
    let mut found: Vec<String> = unused.map(|action| format!("{}: {action} is never asked for", call.method)).collect();
    found.extend(seen.difference(&allowed).map(|action| format!("{}: {action} is not allowed", call.method)));
    found
}

macro_rules! check {
    ($found:ident, $($call:ident => |$ports:ident, $own:ident| $work:expr),+ $(,)?) => {
        $( $found.extend(differences(&calls::$call, &needed(async |$ports: &Aws, $own: &Region| { let _ = $work.await; }).await)); )+
    };
}

#[tokio::test]
async fn a_method_makes_exactly_the_requests_that_its_permissions_allow() {
    let mut found = Vec::new();
    let other = &Region::new("us-west-1");
    let flags = JobFlags { run_jobs: true, run_scheduler: true, epoch: Epoch(1) };
    check!(found,
        GLOBAL_CLUSTER => |ports, own| ports.global_cluster(own),
        CLUSTER => |ports, own| ports.cluster(own),
        REPLICATION_LAG => |ports, own| ports.replication_lag_ms(own),
        DATABASE_EVENTS => |ports, own| ports.database_events(own, Time(0)),
        SNAPSHOTS => |ports, own| ports.snapshots(own),
        SWITCH_OVER => |ports, own| ports.switch_over(own, "arn"),
        FAIL_OVER => |ports, own| ports.fail_over(own, "arn"),
        DETACH => |ports, own| ports.detach(own, "arn"),
        COPY_SNAPSHOT => |ports, own| ports.copy_snapshot(own, "a", "b"),
        NODES => |ports, own| ports.nodes(own),
        DEREGISTER => |ports, own| ports.deregister(own, &["i-1".into()]),
        REGISTER => |ports, own| ports.register(own, &["i-1".into()]),
        STOP_NODES => |ports, own| NodeWrites::stop(ports, own, &["i-1".into()], Epoch(1), true),
        START_NODES => |ports, own| NodeWrites::start(ports, own, &["i-1".into()], Epoch(1)),
        JOB_FLAGS => |ports, own| ports.job_flags(own),
        WRITE_JOB_FLAGS => |ports, own| ports.write_job_flags(own, flags),
        SCALE_JOB_SERVER => |ports, own| ports.scale_job_server(own, 1),
        BUCKET => |ports, own| ports.bucket(own),
        PENDING_OPERATIONS => |ports, own| ports.pending_operations(other, own),
        FAILED_OPERATIONS => |ports, own| ports.failed_operations(own),
        PROBE_OBJECT => |ports, own| ports.probe_object(own),
        PUT_PROBE_OBJECT => |ports, own| ports.put_probe_object(own),
        PUT_REPLICATION => |ports, own| ports.put_replication(own, other),
        REPLICATE_EXISTING => |ports, own| ports.replicate_existing(own),
        RECORDS => |ports, _own| ports.records(),
        FLAG => |ports, own| ports.flag(own),
        PUBLISH_FLAG => |ports, own| ports.publish_flag(own, true),
        EXCHANGE_RECORDS => |ports, own| ports.exchange_records(own),
        OWN_PROBE => |ports, own| ports.own_probe(own, other),
        THIRD_PROBE => |ports, own| ports.third_probe(own, other),
        HEARTBEAT => |ports, own| ports.heartbeat(own, other),
        PUBLISH_PROBE => |ports, own| ports.publish_probe(own, other, true),
        PUBLISH_HEARTBEAT => |ports, own| ports.publish_heartbeat(other, own),
        RECOVERY_POINTS => |ports, own| ports.recovery_points(own),
        OFF_SITE_POINTS => |ports, own| ports.off_site_points(own),
        SEARCH_SNAPSHOTS => |ports, own| ports.search_snapshots(own),
        RESTORE_TESTS => |ports, own| ports.restore_tests(own),
        SUBSCRIPTIONS => |ports, own| ports.subscriptions(own),
        NOTIFY => |ports, own| ports.notify(own, "s", "t"),
        EXECUTION => |ports, own| ports.execution(own, "arn"),
        START_EXECUTION => |ports, own| ports.start_execution(own, Kind::Failover, &RunId("a".into()), &json!({})),
        WAKE => |ports, own| ports.wake(own, "t", &json!({})),
        LEDGER => |ports, own| ports.ledger(own),
        WRITE_LEDGER => |ports, own| ports.write_ledger(own, &Ledger::new(own.clone()), None),
        RECORD => |ports, own| ports.record(own, "k"),
        TEXT => |ports, own| ports.text(own, "k"),
        RECORD_KEYS => |ports, own| ports.record_keys(own, "k"),
        PUT_RECORD => |ports, own| ports.put_record(own, "k", &json!({})),
        PUT_TEXT => |ports, own| ports.put_text(own, "k", "t"),
        CREATE_RECORD => |ports, own| ports.create_record(own, "k", &json!({})),
    );
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_permission_that_is_altered_is_found() {
    let seen: BTreeSet<String> = ["rds:DescribeDBClusters".to_owned()].into();
    let found = differences(&calls::CLUSTER, &seen);
    assert_eq!(found, ["database.cluster: rds:DescribeDBClusterParameters is never asked for"]);
    let seen: BTreeSet<String> = ["sns:Publish", "sns:CreateTopic"].map(str::to_owned).into();
    assert_eq!(differences(&calls::NOTIFY, &seen), ["notices.notify: sns:CreateTopic is not allowed"]);
}
