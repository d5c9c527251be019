//! The database, DNS and executions: what is sent, and what is made of the answers.

use mmdr_core::ports::{
    DatabaseReads, DatabaseWrites, DnsReads, DnsWrites, ExecutionReads, ExecutionStatus, ExecutionWrites, Started,
    Woken,
};
use mmdr_core::{Deployment, Fault, Kind, Region, RunId, Time};
use serde_json::json;

use crate::outside::Outside;

fn seed() -> Deployment {
    Deployment::seed_example().unwrap()
}

const REFUSED: &str = "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidGlobalClusterStateFault</Code>\
<Message>busy</Message></Error></ErrorResponse>";
const SLOW_DOWN: &str =
    "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>";

#[tokio::test]
async fn a_status_that_no_sdk_knows_is_kept_as_text() {
    let outside = Outside::default();
    let seen = outside.ports(seed()).global_cluster(&Region::new("us-east-1")).await.unwrap().unwrap();
    assert_eq!(seen.failover_state.as_ref().unwrap().status, "switching-over");
    assert_eq!(seen.only_writer().unwrap().region, Region::new("us-west-1"));
    assert!(!seen.at_rest());
}

#[tokio::test]
async fn a_failover_allows_data_loss_and_is_asked_in_the_region_that_is_named() {
    let outside = Outside::default();
    let target = "arn:aws:rds:us-east-1:123456789012:cluster:acme-chat-east";
    outside.ports(seed()).fail_over(&Region::new("us-east-1"), target).await.unwrap();
    let [request] = outside.requests().try_into().unwrap();
    assert_eq!((request.action.as_str(), request.region.as_str()), ("rds:FailoverGlobalCluster", "us-east-1"));
    assert!(request.body.contains("AllowDataLoss=true") && !request.body.contains("Switchover="), "{}", request.body);
    assert!(request.uri.contains("us-east-1"));
}

#[tokio::test]
async fn a_switchover_is_asked_in_the_region_of_the_writer_and_allows_no_loss() {
    let outside = Outside::default();
    outside.ports(seed()).switch_over(&Region::new("us-west-1"), "arn").await.unwrap();
    let [request] = outside.requests().try_into().unwrap();
    assert_eq!((request.action.as_str(), request.region.as_str()), ("rds:SwitchoverGlobalCluster", "us-west-1"));
    assert!(!request.body.contains("AllowDataLoss"));
}

#[tokio::test]
async fn a_change_is_sent_once_whatever_is_answered() {
    for (status, body) in [(400, SLOW_DOWN), (500, ""), (503, "<html>")] {
        let outside = Outside::default().answers("rds:FailoverGlobalCluster", status, body);
        let error = outside.ports(seed()).fail_over(&Region::new("us-east-1"), "arn").await.unwrap_err();
        assert!(error.is_look_again(), "{error}");
        assert_eq!(outside.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_read_is_repeated_a_bounded_number_of_times() {
    let own = Outside::default().answers("rds:DescribeGlobalClusters", 400, SLOW_DOWN);
    let error = own.ports(seed()).global_cluster(&Region::new("us-east-1")).await.unwrap_err();
    assert_eq!((error.fault, own.requests().len()), (Fault::Throttled, 3));
    let other = Outside::default().answers("rds:DescribeGlobalClusters", 400, SLOW_DOWN);
    other.ports(seed()).global_cluster(&Region::new("us-west-1")).await.unwrap_err();
    assert_eq!(other.requests().len(), 2);
}

#[tokio::test]
async fn a_refusal_while_something_moves_means_look_again() {
    let outside = Outside::default().answers("rds:SwitchoverGlobalCluster", 400, REFUSED);
    let error = outside.ports(seed()).switch_over(&Region::new("us-west-1"), "arn").await.unwrap_err();
    assert_eq!(error.fault, Fault::LookAgain("InvalidGlobalClusterStateFault: busy".into()));
    assert_eq!(error.call, "rds:SwitchoverGlobalCluster");
}

#[tokio::test]
async fn a_cluster_says_what_its_parameter_group_says() {
    let outside = Outside::default();
    let seen = outside.ports(seed()).cluster(&Region::new("us-east-1")).await.unwrap().unwrap();
    assert_eq!((seen.global_db_rpo_s, seen.instances, seen.writable()), (30, 1, true));
}

#[tokio::test]
async fn what_does_not_exist_is_none_and_not_an_error() {
    let missing = |code: &str| format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>");
    let outside = Outside::default()
        .answers("rds:DescribeGlobalClusters", 404, &missing("GlobalClusterNotFoundFault"))
        .answers("rds:DescribeDBClusters", 404, &missing("DBClusterNotFoundFault"))
        .answers("states:DescribeExecution", 400, r#"{"__type":"ExecutionDoesNotExist"}"#);
    let (ports, own) = (outside.ports(seed()), Region::new("us-east-1"));
    assert_eq!(ports.global_cluster(&own).await, Ok(None));
    assert_eq!(ports.cluster(&own).await, Ok(None));
    assert_eq!(ports.execution(&own, "arn").await, Ok(None));
}

#[tokio::test]
async fn an_event_is_known_by_its_message_and_others_are_left_out() {
    let events = Outside::default().ports(seed()).database_events(&Region::new("us-east-1"), Time(0)).await.unwrap();
    let ids: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids, ["RDS-EVENT-0391"]);
}

#[tokio::test]
async fn records_say_where_the_primary_points_and_whose_flag_it_watches() {
    let seen = Outside::default().ports(seed()).records().await.unwrap();
    assert_eq!((seen.primary.as_str(), seen.flag_region.as_str()), ("us-west-1", "us-east-1"));
    assert!(seen.keeps_last_status && seen.ttl_s == 60);
}

#[tokio::test]
async fn both_records_are_exchanged_in_one_batch() {
    let outside = Outside::default();
    outside.ports(seed()).exchange_records(&Region::new("us-east-1")).await.unwrap();
    let batch = outside.requests().pop().unwrap();
    assert_eq!(batch.action, "route53:ChangeResourceRecordSets");
    let order =
        ["DELETE", "us-west-1", "PRIMARY", "DELETE", "us-east-1", "SECONDARY", "CREATE", "us-west-1", "SECONDARY"];
    let mut rest = batch.body.as_str();
    for word in order.into_iter().chain(["CREATE", "us-east-1", "PRIMARY", "watches-west"]) {
        rest = rest.split_once(word).unwrap_or_else(|| panic!("no {word} in {rest}")).1;
    }
}

#[tokio::test]
async fn an_execution_that_runs_already_is_no_new_one() {
    let own = Region::new("us-east-1");
    let start = async |outside: &Outside| {
        let ports = outside.ports(seed());
        ports.start_execution(&own, Kind::Detach, &RunId("dt-1".into()), &json!({ "kind": "detach" })).await
    };
    let new = Outside::default();
    assert!(matches!(start(&new).await, Ok(Started::New(_))));
    assert!(new.requests()[0].body.contains("stateMachine:mmdr-acme-chat-failover"));
    let running =
        Outside::default().answers("states:StartExecution", 200, r#"{"executionArn":"a","startDate":1700000000}"#);
    assert_eq!(start(&running).await, Ok(Started::AlreadyExists));
    let closed = Outside::default().answers("states:StartExecution", 400, r#"{"__type":"ExecutionAlreadyExists"}"#);
    assert_eq!(start(&closed).await, Ok(Started::AlreadyExists));
}

#[tokio::test]
async fn a_dead_token_is_no_error_and_a_status_is_read_as_it_is() {
    let own = Region::new("us-east-1");
    for dead in ["InvalidToken", "TaskTimedOut", "TaskDoesNotExist"] {
        let outside = Outside::default().answers("states:SendTaskSuccess", 400, &format!(r#"{{"__type":"{dead}"}}"#));
        assert_eq!(outside.ports(seed()).wake(&own, "t", &json!({})).await, Ok(Woken::Dead));
    }
    let seen = Outside::default().ports(seed()).execution(&own, "arn").await.unwrap().unwrap();
    assert_eq!((seen.status, seen.stopped_at), (ExecutionStatus::TimedOut, Some(Time(1_795_255_260_000))));
    let odd = r#"{"executionArn":"a","stateMachineArn":"m","status":"DREAMING","startDate":1}"#;
    let outside = Outside::default().answers("states:DescribeExecution", 200, odd);
    assert!(matches!(outside.ports(seed()).execution(&own, "arn").await.unwrap_err().fault, Fault::Unreadable(_)));
}
