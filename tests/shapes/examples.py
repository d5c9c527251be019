"""Calls of every protocol, as a client makes them; what they leave behind is read by later ones."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable

from botocore.exceptions import ClientError

MOMENT = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
MACHINE = '{"StartAt": "a", "States": {"a": {"Type": "Pass", "End": true}}}'
ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/some"


def perform(client: Callable) -> None:
    """`client(service)` makes a client. An error is an answer too."""
    for service, calls in CALLS.items():
        for operation, arguments in calls:
            with contextlib.suppress(ClientError):
                getattr(client(service), operation)(**arguments)
    with_what_was_answered(client)


def with_what_was_answered(client: Callable) -> None:
    machines, zones = client("stepfunctions"), client("route53")
    machine = machines.create_state_machine(name="m", definition=MACHINE, roleArn=ROLE)["stateMachineArn"]
    execution = machines.start_execution(stateMachineArn=machine, name="n", input="{}")["executionArn"]
    machines.describe_execution(executionArn=execution)
    machines.get_execution_history(executionArn=execution)
    zone = zones.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    record = {"Name": "chat.example.com", "Type": "CNAME", "TTL": 30, "ResourceRecords": [{"Value": "a.example.com"}]}
    zones.change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
    )
    zones.list_resource_record_sets(HostedZoneId=zone)


CALLS: dict[str, list[tuple[str, dict]]] = {
    "s3": [
        ("create_bucket", {"Bucket": "ledger", "CreateBucketConfiguration": {"LocationConstraint": "eu-central-1"}}),
        ("put_bucket_versioning", {"Bucket": "ledger", "VersioningConfiguration": {"Status": "Enabled"}}),
        ("put_object", {"Bucket": "ledger", "Key": "runs/a b/x", "Body": b"{}", "IfNoneMatch": "*"}),
        ("put_object", {"Bucket": "ledger", "Key": "runs/a b/x", "Body": b"{}", "IfNoneMatch": "*"}),
        ("get_object", {"Bucket": "ledger", "Key": "runs/a b/x"}),
        ("get_object", {"Bucket": "ledger", "Key": "nothing"}),
        ("head_object", {"Bucket": "ledger", "Key": "nothing"}),
        ("list_objects_v2", {"Bucket": "ledger", "Prefix": "runs/"}),
        ("list_object_versions", {"Bucket": "ledger"}),
        ("get_bucket_location", {"Bucket": "ledger"}),
        ("put_bucket_tagging", {"Bucket": "ledger", "Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}}),
        ("delete_object", {"Bucket": "ledger", "Key": "nothing"}),
    ],
    "rds": [
        ("create_global_cluster", {"GlobalClusterIdentifier": "chat", "Engine": "aurora-postgresql"}),
        ("describe_global_clusters", {}),
        ("describe_db_clusters", {"Filters": [{"Name": "db-cluster-id", "Values": ["one", "two"]}]}),
        ("describe_events", {"SourceType": "db-cluster", "StartTime": MOMENT, "Duration": 60}),
        (
            "failover_global_cluster",
            {"GlobalClusterIdentifier": "none", "TargetDbClusterIdentifier": "arn", "AllowDataLoss": True},
        ),
    ],
    "ec2": [("describe_instances", {"Filters": [{"Name": "tag:some", "Values": ["thing"]}]})],
    "cloudwatch": [
        (
            "put_metric_data",
            {
                "Namespace": "MattermostDR",
                "MetricData": [
                    {
                        "MetricName": "Heartbeat",
                        "Dimensions": [{"Name": "From", "Value": "eu-west-1"}],
                        "Timestamp": MOMENT,
                        "Value": 1.0,
                    }
                ],
            },
        ),
        (
            "put_metric_alarm",
            {
                "AlarmName": "lost",
                "ComparisonOperator": "LessThanThreshold",
                "EvaluationPeriods": 1,
                "MetricName": "Heartbeat",
                "Namespace": "MattermostDR",
                "Period": 60,
                "Statistic": "Maximum",
                "Threshold": 1.0,
            },
        ),
        ("describe_alarms", {"AlarmNames": ["lost"]}),
    ],
    "ssm": [
        ("put_parameter", {"Name": "/mmdr/chat/deployment", "Value": "v", "Type": "String"}),
        ("get_parameter", {"Name": "/mmdr/chat/deployment"}),
        ("get_parameter", {"Name": "/none"}),
    ],
    "lambda": [
        ("list_functions", {}),
        ("invoke", {"FunctionName": "none", "InvocationType": "Event", "Payload": b"{}"}),
    ],
    "opensearch": [
        ("create_domain", {"DomainName": "search", "EngineVersion": "OpenSearch_2.19"}),
        ("describe_domain", {"DomainName": "search"}),
    ],
    "backup": [
        ("create_backup_vault", {"BackupVaultName": "vault"}),
        ("list_recovery_points_by_backup_vault", {"BackupVaultName": "vault", "MaxResults": 10}),
    ],
    "sns": [
        ("create_topic", {"Name": "told", "Attributes": {"DisplayName": "some"}}),
        ("get_topic_attributes", {"TopicArn": "arn:aws:sns:us-east-1:123456789012:told"}),
    ],
    "sts": [("get_caller_identity", {})],
}
