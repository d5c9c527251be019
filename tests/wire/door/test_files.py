"""The two buckets of files: versioning before the rule, metrics where S3 publishes them, and batch replication."""

from __future__ import annotations

import socket

import pytest
from botocore.exceptions import ClientError
from wire_door import EAST, WEST, Door

BUCKETS = {WEST: "acme-chat-files-us-west-1", EAST: "acme-chat-files-us-east-1"}
PROBE = "mmdr/replication-probe"


def rule(destination: str) -> dict:
    on = {"Status": "Enabled"}
    whole = {
        "ID": "mattermost-dr",
        "Priority": 1,
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": on,
        "SourceSelectionCriteria": {"ReplicaModifications": on},
        "Destination": {"Bucket": f"arn:aws:s3:::{destination}", "Metrics": on},
    }
    return {"Role": "arn:aws:iam::123456789012:role/r", "Rules": [{**whole, **on}]}


def put_rule(door: Door, region: str) -> None:
    other = EAST if region == WEST else WEST
    client = door.client("s3", region)
    client.put_bucket_replication(Bucket=BUCKETS[region], ReplicationConfiguration=rule(BUCKETS[other]))


@pytest.fixture
def control(door: Door, monkeypatch: pytest.MonkeyPatch):
    """S3 Control puts the account's number before the host's name."""
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: resolve("127.0.0.1", *rest, **more))
    return door.client("s3control", WEST)


@pytest.mark.setup(protected=False)
def test_a_rule_needs_versioning_in_both_buckets(door: Door):
    west, east = door.client("s3", WEST), door.client("s3", EAST)
    with pytest.raises(ClientError) as missing:
        west.get_bucket_replication(Bucket=BUCKETS[WEST])
    assert missing.value.response["Error"]["Code"] == "ReplicationConfigurationNotFoundError"
    assert "Status" not in west.get_bucket_versioning(Bucket=BUCKETS[WEST])
    on = {"Status": "Enabled"}
    west.put_bucket_versioning(Bucket=BUCKETS[WEST], VersioningConfiguration=on)
    with pytest.raises(ClientError, match="Destination bucket must have versioning enabled"):
        put_rule(door, WEST)
    east.put_bucket_versioning(Bucket=BUCKETS[EAST], VersioningConfiguration=on)
    put_rule(door, WEST)
    # What was just changed may read back as it was.
    door.pass_s(6)
    (found,) = west.get_bucket_replication(Bucket=BUCKETS[WEST])["ReplicationConfiguration"]["Rules"]
    assert (found["ID"], found["DeleteMarkerReplication"]["Status"]) == ("mattermost-dr", "Enabled")


def test_a_bucket_is_asked_in_its_own_region(door: Door):
    with pytest.raises(ClientError, match="expecting 'us-west-1'"):
        door.client("s3", EAST).get_bucket_versioning(Bucket=BUCKETS[WEST])
    with pytest.raises(ClientError) as other:
        door.client("s3", EAST).get_bucket_versioning(Bucket="other")
    assert other.value.response["Error"]["Code"] == "NoSuchBucket"


def test_the_probe_object_makes_the_replication_metrics_speak(door: Door):
    client, probe = door.client("s3", WEST), {"Bucket": BUCKETS[WEST], "Key": PROBE}
    with pytest.raises(ClientError):
        client.head_object(**probe)
    door.world("metrics")
    client.put_object(**probe, Body=b"now")
    assert client.head_object(**probe)["LastModified"].timestamp() * 1000 <= door.now_ms()
    door.pass_s(120)
    points = door.world("metrics")
    pending = [it for it in points if it["metric"] == "OperationsPendingReplication"]
    failed = [it for it in points if it["metric"] == "OperationsFailedReplication"]
    assert {it["region"] for it in pending} == {EAST} and pending[-1]["value"] == 0
    assert {it["region"] for it in failed} == {WEST} and pending[0]["dimensions"]["RuleId"] == "mattermost-dr"
    assert door.world("metrics") == []


@pytest.mark.setup(failed_files=3)
def test_failed_operations_are_told_once_and_not_each_minute_again(door: Door):
    door.pass_s(600)
    told = [it for it in door.world("metrics") if it["metric"] == "OperationsFailedReplication"]
    assert sum(it["value"] for it in told if it["region"] == WEST) == 3


@pytest.mark.setup(protected=False)
def test_what_was_there_before_the_rule_is_replicated_by_a_batch_job(door: Door, control):
    west = door.client("s3", WEST)
    for region in (WEST, EAST):
        on = {"Status": "Enabled"}
        door.client("s3", region).put_bucket_versioning(Bucket=BUCKETS[region], VersioningConfiguration=on)
    put_rule(door, WEST)
    keys = [it["Key"] for it in west.list_objects_v2(Bucket=BUCKETS[WEST], MaxKeys=20)["Contents"]]
    assert len(keys) == 20
    assert "ReplicationStatus" not in west.head_object(Bucket=BUCKETS[WEST], Key=keys[0])
    job = {
        "AccountId": "123456789012",
        "ConfirmationRequired": False,
        "Operation": {"S3ReplicateObject": {}},
        "Report": {"Enabled": False},
        "ClientRequestToken": "one",
        "Description": "mmdr: existing files",
        "Priority": 10,
        "RoleArn": "arn:aws:iam::123456789012:role/r",
        "ManifestGenerator": {
            "S3JobManifestGenerator": {
                "SourceBucket": f"arn:aws:s3:::{BUCKETS[WEST]}",
                "EnableManifestOutput": False,
            }
        },
    }
    made = control.create_job(**job)["JobId"]
    assert control.create_job(**job)["JobId"] == made
    listed = control.list_jobs(AccountId="123456789012")["Jobs"]
    assert [(it["JobId"], it["Status"]) for it in listed] == [(made, "Active")]
    door.pass_s(200)
    done = control.describe_job(AccountId="123456789012", JobId=made)["Job"]
    assert done["Status"] == "Complete" and done["ProgressSummary"]["NumberOfTasksFailed"] == 0
    assert west.head_object(Bucket=BUCKETS[WEST], Key=keys[0])["ReplicationStatus"] == "COMPLETED"
    assert door.client("s3", EAST).head_object(Bucket=BUCKETS[EAST], Key=keys[0])["ReplicationStatus"] == "REPLICA"
