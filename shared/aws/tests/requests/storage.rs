//! Ledgers, records, nodes and flags.

use mmdr_core::ports::{
    BackupReads, FileReads, FileWrites, JobFlags, LedgerReads, LedgerWrites, NodeReads, NodeState, NodeWrites,
    RecordWrites, RecoveryKind, SchedulerReads, SchedulerWrites,
};
use mmdr_core::{Deployment, Epoch, Fault, Ledger, Region};
use serde_json::json;

use crate::answers::NO_KEY;
use crate::outside::Outside;

fn seed() -> Deployment {
    Deployment::seed_example().unwrap()
}

fn own() -> Region {
    Region::new("us-east-1")
}

fn on(platform: &str) -> Deployment {
    let mut document = serde_json::to_value(seed()).unwrap();
    for region in document["regions"].as_array_mut().unwrap() {
        region["nodes"]["platform"] = platform.into();
        if platform == "ecs" {
            region["nodes"]["group"] = "cluster/service".into();
        }
    }
    Deployment::from_json(&document.to_string()).unwrap()
}

#[tokio::test]
async fn a_first_ledger_is_written_only_where_there_is_none() {
    let outside = Outside::default();
    outside.ports(seed()).write_ledger(&own(), &Ledger::new(own()), None).await.unwrap();
    let [request] = outside.requests().try_into().unwrap();
    assert_eq!((request.header("if-none-match"), request.header("if-match")), (Some("*"), None));
    assert!(request.uri.contains("acme-mmdr-ledger-us-east-1") && request.uri.contains("/ledger.json"));
}

#[tokio::test]
async fn a_ledger_is_written_over_the_version_that_was_read_and_nothing_else() {
    let outside = Outside::default();
    let version = outside.ports(seed()).write_ledger(&own(), &Ledger::new(own()), Some("\"v0\"")).await.unwrap();
    let [request] = outside.requests().try_into().unwrap();
    assert_eq!((request.header("if-match"), version.as_str()), (Some("\"v0\""), "\"v1\""));
}

#[tokio::test]
async fn a_write_that_lost_the_race_is_a_conflict_and_is_sent_once() {
    let lost = "<Error><Code>PreconditionFailed</Code></Error>";
    let raced = "<Error><Code>ConditionalRequestConflict</Code></Error>";
    for (status, body, version) in [(412, lost, None), (409, raced, Some("v")), (404, NO_KEY, Some("v"))] {
        let outside = Outside::default().answers("s3:PutObject", status, body);
        let error = outside.ports(seed()).write_ledger(&own(), &Ledger::new(own()), version).await.unwrap_err();
        assert_eq!((error.fault, outside.requests().len()), (Fault::Conflict, 1));
    }
}

#[tokio::test]
async fn a_ledger_that_is_not_there_is_none_and_a_broken_one_is_an_error() {
    let none = Outside::default().answers("s3:GetObject", 404, NO_KEY);
    assert_eq!(none.ports(seed()).ledger(&own()).await, Ok(None));
    let broken = Outside::default().answers("s3:GetObject", 200, "{\"claimed\": ");
    assert!(matches!(broken.ports(seed()).ledger(&own()).await.unwrap_err().fault, Fault::Unreadable(_)));
    let denied = Outside::default().answers("s3:GetObject", 403, "<Error><Code>AccessDenied</Code></Error>");
    assert!(matches!(denied.ports(seed()).ledger(&own()).await.unwrap_err().fault, Fault::Denied(_)));
}

#[tokio::test]
async fn the_first_answer_stands() {
    let outside = Outside::default();
    let created = outside.ports(seed()).create_record(&own(), "runs/a/answer.json", &json!({})).await;
    assert_eq!(created, Ok(true));
    let taken = Outside::default().answers("s3:PutObject", 412, "<Error><Code>PreconditionFailed</Code></Error>");
    assert_eq!(taken.ports(seed()).create_record(&own(), "runs/a/answer.json", &json!({})).await, Ok(false));
}

#[tokio::test]
async fn a_node_that_nobody_reports_of_may_run() {
    let seen = Outside::default().ports(seed()).nodes(&own()).await.unwrap();
    assert_eq!(seen[0].state, NodeState::Broken);
    assert!(seen[0].is_live() && seen[0].registered && seen[0].healthy);
}

#[tokio::test]
async fn a_report_says_what_the_process_does_unless_it_is_old() {
    let report = |at: i64| format!(r#"{{"id":"i-1","state":"stopped","sockets":0,"version":"11.6","at":{at}}}"#);
    let fresh = Outside::default().answers("s3:GetObject", 200, &report(1_795_255_190_000));
    assert_eq!(fresh.ports(seed()).nodes(&own()).await.unwrap()[0].state, NodeState::Stopped);
    let old = Outside::default().answers("s3:GetObject", 200, &report(1_795_255_100_000));
    assert_eq!(old.ports(seed()).nodes(&own()).await.unwrap()[0].state, NodeState::Broken);
}

#[tokio::test]
async fn a_stop_is_a_command_of_our_own_document_with_the_epoch() {
    let outside = Outside::default();
    outside.ports(seed()).stop(&own(), &["i-1".into()], Epoch(7), true).await.unwrap();
    let [request] = outside.requests().try_into().unwrap();
    assert_eq!(request.action, "ssm:SendCommand");
    let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(body["DocumentName"], "mmdr-acme-chat-stop-nodes");
    assert_eq!(body["Parameters"], json!({ "Epoch": ["7"], "FenceCheck": ["true"] }));
    assert_eq!(body["InstanceIds"], json!(["i-1"]));
}

#[tokio::test]
async fn one_node_that_systems_manager_does_not_know_keeps_no_other_from_stopping() {
    let outside = Outside::default().refuses("ssm:SendCommand", "i-9", 400, r#"{"__type":"InvalidInstanceId"}"#);
    let ids = ["i-1".to_owned(), "i-9".into(), "i-2".into()];
    let answer = outside.ports(seed()).stop(&own(), &ids, Epoch(7), true).await;
    let told: Vec<serde_json::Value> =
        outside.requests().iter().map(|request| serde_json::from_str(&request.body).unwrap()).collect();
    let told: Vec<_> = told.iter().map(|body| &body["InstanceIds"]).collect();
    assert_eq!(told, [&json!(["i-1", "i-9", "i-2"]), &json!(["i-1"]), &json!(["i-9"]), &json!(["i-2"])]);
    let text = "i-9 took no command (refused: InvalidInstanceId); all others were told";
    assert_eq!(answer.unwrap_err().fault, Fault::Partly(text.into()));
}

#[tokio::test]
async fn an_instance_that_gets_traffic_and_that_no_platform_lists_may_run_and_does_not_answer() {
    let nobody = r#"{"InstanceInformationList":[]}"#;
    let outside = Outside::default().answers("ssm:DescribeInstanceInformation", 200, nobody);
    let [serving, drained] = outside.ports(seed()).nodes(&own()).await.unwrap().try_into().unwrap();
    assert_eq!((serving.id.as_str(), serving.state, serving.registered), ("i-1", NodeState::Broken, true));
    // What lives on while it is drained is not forgotten.
    assert_eq!((drained.id.as_str(), drained.state, drained.registered), ("i-2", NodeState::Broken, false));
    assert!([serving, drained].iter().all(|node| node.is_live() && !node.reachable));
}

#[tokio::test]
async fn a_service_is_stopped_by_wanting_no_tasks_and_started_by_forcing_new_ones() {
    let outside = Outside::default();
    let ports = outside.ports(on("ecs"));
    ports.stop(&own(), &["t1".into()], Epoch(7), false).await.unwrap();
    ports.start(&own(), &[], Epoch(7)).await.unwrap();
    let bodies: Vec<serde_json::Value> =
        outside.requests().iter().map(|request| serde_json::from_str(&request.body).unwrap()).collect();
    assert_eq!((&bodies[0]["desiredCount"], &bodies[0]["forceNewDeployment"]), (&json!(0), &json!(false)));
    assert_eq!((&bodies[1]["desiredCount"], &bodies[1]["forceNewDeployment"]), (&json!(2), &json!(true)));
}

#[tokio::test]
async fn a_task_is_deregistered_by_its_address() {
    let outside = Outside::default();
    outside.ports(on("ecs")).deregister(&own(), &["t1".into()]).await.unwrap();
    let request = outside.requests().pop().unwrap();
    assert!(request.body.contains("Targets.member.1.Id=10.0.0.7"), "{}", request.body);
}

#[tokio::test]
async fn a_group_member_that_systems_manager_does_not_know_is_there_and_does_not_answer() {
    let seen = Outside::default().ports(on("auto-scaling")).nodes(&own()).await.unwrap();
    let ids: Vec<&str> = seen.iter().map(|node| node.id.as_str()).collect();
    assert_eq!(ids, ["i-1", "i-9", "i-2"]);
    assert_eq!(seen[1].state, NodeState::Broken);
}

#[tokio::test]
async fn job_flags_are_an_environment_file_in_a_parameter() {
    let outside = Outside::default();
    let ports = outside.ports(seed());
    let seen = ports.job_flags(&own()).await.unwrap();
    let flags = JobFlags { run_jobs: false, run_scheduler: true, epoch: Epoch(4) };
    assert_eq!((seen.parameter, seen.job_server_replicas), (Some(flags), None));
    ports.write_job_flags(&own(), JobFlags { run_jobs: true, ..flags }).await.unwrap();
    let request = outside.requests().pop().unwrap();
    let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(body["Value"], "MM_JOBSETTINGS_RUNJOBS=true\nMM_JOBSETTINGS_RUNSCHEDULER=true\nMMDR_EPOCH=4\n");
    assert_eq!((&body["Overwrite"], &body["Name"]), (&json!(true), &json!("/acme-chat/mmdr/job-flags")));
}

#[tokio::test]
async fn a_rule_with_a_filter_leaves_delete_markers_behind_unless_it_says_otherwise() {
    let seen = Outside::default().ports(seed()).bucket(&own()).await.unwrap();
    let rule = seen.rule.unwrap();
    assert!(rule.enabled && rule.covers_all && rule.replica_modifications && rule.metrics);
    assert!(!rule.delete_markers);
    assert_eq!(rule.destination, "acme-chat-files-us-west-1");
}

#[tokio::test]
async fn a_bucket_without_a_rule_has_none() {
    let missing = "<Error><Code>ReplicationConfigurationNotFoundError</Code></Error>";
    let outside = Outside::default().answers("s3:GetReplicationConfiguration", 404, missing);
    assert_eq!(outside.ports(seed()).bucket(&own()).await.unwrap().rule, None);
}

#[tokio::test]
async fn replication_that_is_set_up_takes_deletions_and_changes_along() {
    let outside = Outside::default();
    outside.ports(seed()).put_replication(&own(), &Region::new("us-west-1")).await.unwrap();
    let request = outside.requests().pop().unwrap();
    for part in ["<ReplicaModifications><Status>Enabled", "<DeleteMarkerReplication><Status>Enabled", "us-west-1"] {
        assert!(request.body.contains(part), "{part} in {}", request.body);
    }
}

#[tokio::test]
async fn files_that_the_newest_job_left_behind_and_files_that_no_job_saw_both_count() {
    let job = |failed: u32| {
        let description = format!("mmdr: existing files of {}", seed().regions[1].files_bucket);
        format!(
            "<ListJobsResult><Jobs><member><Operation>S3ReplicateObject</Operation><Description>{description}</Description>\
             <ProgressSummary><NumberOfTasksFailed>{failed}</NumberOfTasksFailed></ProgressSummary></member></Jobs></ListJobsResult>"
        )
    };
    let existing = async |failed: u32| {
        let outside = Outside::default().answers("s3:ListJobs", 200, &job(failed));
        outside.ports(seed()).bucket(&own()).await.unwrap().existing_not_replicated
    };
    // The listed file has no replication status, whatever a job says that ran before the rule was made anew.
    assert_eq!((existing(0).await, existing(7).await), (1, 7));
}

#[tokio::test]
async fn a_task_that_nobody_reports_of_is_what_ecs_and_the_load_balancer_say() {
    let target = |state: &str| {
        format!(
            "<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions><member><Target><Id>10.0.0.7</Id>\
             </Target><TargetHealth><State>{state}</State></TargetHealth></member></TargetHealthDescriptions>\
             </DescribeTargetHealthResult></DescribeTargetHealthResponse>"
        )
    };
    let seen = async |state: &str| {
        let outside = Outside::default().answers("elasticloadbalancing:DescribeTargetHealth", 200, &target(state));
        let [node] = outside.ports(on("ecs")).nodes(&own()).await.unwrap().try_into().unwrap();
        assert_eq!(node.started_at, Some(mmdr_core::Time(1_795_255_100_000)));
        (node.state, node.registered, node.healthy)
    };
    assert_eq!(seen("healthy").await, (NodeState::Running, true, true));
    assert_eq!(seen("initial").await, (NodeState::Starting, true, false));
    // It runs on, and gets traffic when it is registered again.
    assert_eq!(seen("draining").await, (NodeState::Running, false, false));
}

#[tokio::test]
async fn backups_of_other_applications_prove_nothing() {
    let document = seed();
    let setup = document.regions.iter().find(|it| it.name == own()).unwrap();
    let ours = [setup.cluster_arn.clone(), format!("arn:aws:s3:::{}", setup.files_bucket)];
    let others = ["arn:aws:rds:us-east-1:123456789012:cluster:shop", "arn:aws:s3:::shop"];
    let jobs: Vec<_> = ours
        .iter()
        .map(String::as_str)
        .chain(others)
        .map(|arn| {
            let kind = if arn.contains(":s3:") { "S3" } else { "Aurora" };
            json!({ "ResourceType": kind, "SourceResourceArn": arn, "Status": "COMPLETED", "ValidationStatus": "SUCCESSFUL",
                    "CompletionDate": 1_795_255_100 })
        })
        .collect();
    let outside =
        Outside::default().answers("backup:ListRestoreJobs", 200, &json!({ "RestoreJobs": jobs }).to_string());
    let tests = outside.ports(document.clone()).restore_tests(&own()).await.unwrap();
    assert_eq!(tests.iter().map(|it| it.kind).collect::<Vec<_>>(), [RecoveryKind::Database, RecoveryKind::Files]);
}
