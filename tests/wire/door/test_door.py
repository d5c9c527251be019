"""What boto3 sees of the database: moves take their time, flags follow late, and lost Regions come back."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from wire_door import CLUSTERS, EAST, WEST, Door

GLOBAL = "acme-chat"


def seen(door: Door, region: str) -> dict:
    (found,) = door.client("rds", region).describe_global_clusters(GlobalClusterIdentifier=GLOBAL)["GlobalClusters"]
    return found


def writers(found: dict) -> list[str]:
    return [member["DBClusterArn"] for member in found["GlobalClusterMembers"] if member["IsWriter"]]


def switch_over(door: Door, asked: str, target: str) -> dict:
    client = door.client("rds", asked)
    target = CLUSTERS[target]
    return client.switchover_global_cluster(GlobalClusterIdentifier=GLOBAL, TargetDbClusterIdentifier=target)


def fail_over(door: Door, target: str) -> dict:
    client, arn = door.client("rds", target), CLUSTERS[target]
    return client.failover_global_cluster(
        GlobalClusterIdentifier=GLOBAL, TargetDbClusterIdentifier=arn, AllowDataLoss=True
    )


def code_of(error: pytest.ExceptionInfo) -> tuple[str, int]:
    response = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def until_available(door: Door, region: str, most_s: int = 300) -> int:
    """Looks every five seconds until the completion test holds; gives how long that took."""
    for passed_s in range(0, most_s, 5):
        found = seen(door, region)
        if found["Status"] == "available" and "FailoverState" not in found:
            return passed_s
        door.pass_s(5)
    raise AssertionError(f"not available after {most_s} s")


def test_a_switchover_is_answered_at_once_and_done_much_later(door: Door):
    answer = switch_over(door, WEST, EAST)["GlobalCluster"]
    # No SDK's enumeration has this status.
    assert answer["FailoverState"]["Status"] == "switching-over"
    assert answer["FailoverState"]["IsDataLossAllowed"] is False
    assert answer["FailoverState"]["ToDbClusterArn"] == CLUSTERS[EAST]
    assert until_available(door, WEST) >= 75
    assert writers(seen(door, WEST)) == writers(seen(door, EAST)) == [CLUSTERS[EAST]]
    assert door.world("state")["writer"] == EAST


def test_the_old_writer_is_flagged_after_the_new_one_takes_writes(door: Door):
    switch_over(door, WEST, EAST)
    door.pass_s(77)
    assert door.world("state")["regions"][1]["database_takes_writes"] is True
    assert writers(seen(door, EAST)) == [CLUSTERS[WEST]]
    door.pass_s(15)
    assert writers(seen(door, EAST)) == [CLUSTERS[EAST]]


def test_a_second_move_is_refused_while_one_runs_and_failback_for_a_while_after_it(door: Door):
    switch_over(door, WEST, EAST)
    with pytest.raises(ClientError, match="already switching over") as running:
        switch_over(door, WEST, EAST)
    assert code_of(running) == ("InvalidGlobalClusterStateFault", 400)
    until_available(door, EAST)
    with pytest.raises(ClientError, match="replication setup is still in progress") as early:
        switch_over(door, EAST, WEST)
    assert code_of(early) == ("InvalidDBClusterStateFault", 400)
    door.pass_s(160)
    switch_over(door, EAST, WEST)
    until_available(door, EAST)
    assert writers(seen(door, WEST)) == [CLUSTERS[WEST]]


def test_a_switchover_is_asked_of_the_primarys_region_and_for_a_member(door: Door):
    with pytest.raises(ClientError) as wrong_region:
        switch_over(door, EAST, EAST)
    assert code_of(wrong_region) == ("InvalidGlobalClusterStateFault", 400)
    client = door.client("rds", WEST)
    with pytest.raises(ClientError) as no_member:
        client.switchover_global_cluster(GlobalClusterIdentifier=GLOBAL, TargetDbClusterIdentifier="other")
    assert code_of(no_member) == ("DBClusterNotFoundFault", 404)
    with pytest.raises(ClientError) as no_global:
        client.switchover_global_cluster(GlobalClusterIdentifier="x", TargetDbClusterIdentifier=CLUSTERS[EAST])
    assert code_of(no_global) == ("GlobalClusterNotFoundFault", 404)


def test_a_global_cluster_is_known_only_where_it_has_a_member(door: Door):
    with pytest.raises(ClientError) as elsewhere:
        seen(door, "eu-west-1")
    assert code_of(elsewhere) == ("GlobalClusterNotFoundFault", 404)
    assert door.client("rds", "eu-west-1").describe_global_clusters()["GlobalClusters"] == []


def test_a_dark_region_swallows_requests_and_keeps_the_connection(door: Door):
    door.world("fault", {"region": WEST, "dark": True})
    with pytest.raises(ReadTimeoutError):
        door.client("rds", WEST, patience_s=0.5).describe_db_clusters()
    assert seen(door, EAST)["Status"] == "available"
    door.world("fault", {"region": WEST, "dark": False})
    assert door.client("rds", WEST).describe_db_clusters()["DBClusters"]
    held = [call for call in door.world("calls") if call["status"] is None]
    assert [(call["region"], call["operation"]) for call in held] == [(WEST, "DescribeDBClusters")]


def test_a_failover_loses_what_had_not_arrived_and_says_how_fencing_ended(door: Door):
    door.pass_s(120)
    door.world("fault", {"database_lag_ms": 30_000})
    door.world("fault", {"region": WEST, "dark": True})
    with pytest.raises(ClientError):
        # Without AllowDataLoss it is a switchover, which a lost primary refuses.
        door.client("rds", EAST).failover_global_cluster(
            GlobalClusterIdentifier=GLOBAL, TargetDbClusterIdentifier=CLUSTERS[EAST]
        )
    answer = fail_over(door, EAST)["GlobalCluster"]
    assert answer["FailoverState"]["Status"] == "failing-over"
    assert answer["FailoverState"]["IsDataLossAllowed"] is True
    until_available(door, EAST)
    found = seen(door, EAST)
    assert writers(found) == [CLUSTERS[EAST]]
    lost = {it["DBClusterArn"]: it.get("SynchronizationStatus") for it in found["GlobalClusterMembers"]}
    assert lost == {CLUSTERS[EAST]: None, CLUSTERS[WEST]: "pending-resync"}
    messages = [it["Message"] for it in door.client("rds", EAST).describe_events(Duration=60)["Events"]]
    assert any("block writes for DB cluster acme-chat-west" in it and "succeeded" in it for it in messages)
    assert any(it.startswith("Global failover to DB cluster acme-chat-east") for it in messages)
    assert door.world("state")["promotions"][0]["lost"] > 0


def test_a_returned_regions_lost_writes_are_a_system_snapshot_that_can_be_copied(door: Door):
    door.pass_s(60)
    door.world("fault", {"region": WEST, "dark": True})
    fail_over(door, EAST)
    until_available(door, EAST)
    door.world("fault", {"region": WEST, "dark": False})
    door.pass_s(60)
    client = door.client("rds", WEST)
    listed = client.describe_db_cluster_snapshots(DBClusterIdentifier="acme-chat-west")["DBClusterSnapshots"]
    (kept,) = [it for it in listed if it["SnapshotType"] == "automated"]
    source = kept["DBClusterSnapshotIdentifier"]
    assert source.startswith("rds:unplanned-global-failover-acme-chat-west-")
    assert kept["Status"] == "available"
    names = {"SourceDBClusterSnapshotIdentifier": source, "TargetDBClusterSnapshotIdentifier": "mmdr-lost-2"}
    assert client.copy_db_cluster_snapshot(**names)["DBClusterSnapshot"]["Status"] == "creating"
    with pytest.raises(ClientError) as twice:
        client.copy_db_cluster_snapshot(**names)
    assert code_of(twice) == ("DBClusterSnapshotAlreadyExistsFault", 400)
    door.pass_s(45)
    (copy,) = client.describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]
    assert (copy["DBClusterSnapshotIdentifier"], copy["Status"]) == ("mmdr-lost-2", "available")


@pytest.mark.setup(returned_region_shows_past_s=45)
def test_a_returned_region_shows_its_own_past_for_a_while(door: Door):
    door.world("fault", {"region": WEST, "dark": True})
    fail_over(door, EAST)
    until_available(door, EAST)
    door.world("fault", {"region": WEST, "dark": False})
    assert writers(seen(door, WEST)) == [CLUSTERS[WEST]]
    door.pass_s(50)
    assert writers(seen(door, WEST)) == [CLUSTERS[EAST]]


def test_a_detached_cluster_stands_alone_and_writes(door: Door):
    door.world("fault", {"region": WEST, "dark": True})
    client = door.client("rds", EAST)
    client.remove_from_global_cluster(GlobalClusterIdentifier=GLOBAL, DbClusterIdentifier=CLUSTERS[EAST])
    (cluster,) = client.describe_db_clusters(DBClusterIdentifier="acme-chat-east")["DBClusters"]
    assert cluster["Status"] == "promoting" and "GlobalClusterIdentifier" not in cluster
    door.pass_s(50)
    (cluster,) = client.describe_db_clusters(DBClusterIdentifier=CLUSTERS[EAST])["DBClusters"]
    assert cluster["Status"] == "available"
    assert any(member["IsClusterWriter"] for member in cluster["DBClusterMembers"])


def test_events_of_a_switchover_stand_with_the_old_writer_and_the_new_one(door: Door):
    switch_over(door, WEST, EAST)
    until_available(door, EAST)
    told = {}
    for region in (WEST, EAST):
        events = door.client("rds", region).describe_events(SourceType="db-cluster", Duration=10)["Events"]
        told[region] = [event["Message"] for event in events]
    assert told[WEST] == ["Global switchover to DB cluster acme-chat-east in Region us-east-1 started."]
    assert told[EAST] == ["Global switchover to DB cluster acme-chat-east in Region us-east-1 finished."]


def test_a_parameter_that_nobody_has_set_is_not_listed_as_theirs(door: Door):
    client = door.client("rds", EAST)
    (cluster,) = client.describe_db_clusters()["DBClusters"]
    group = cluster["DBClusterParameterGroup"]
    assert client.describe_db_cluster_parameters(DBClusterParameterGroupName=group, Source="user")["Parameters"] == []
    (found,) = client.describe_db_cluster_parameters(DBClusterParameterGroupName=group)["Parameters"]
    assert (found["ParameterName"], found["ParameterValue"]) == ("rds.global_db_rpo", "-1")


def test_a_guard_throttles_fails_or_loses_the_next_calls_of_one_operation(door: Door):
    scope = {"service": "rds", "operation": "SwitchoverGlobalCluster"}
    door.world("fault", {"guard": {**scope, "times": 1, "hit": "throttle"}})
    with pytest.raises(ClientError) as throttled:
        switch_over(door, WEST, EAST)
    assert code_of(throttled) == ("Throttling", 400)
    door.world("fault", {"guard": {**scope, "hit": "error"}})
    with pytest.raises(ClientError) as failed:
        switch_over(door, WEST, EAST)
    assert code_of(failed)[1] == 500
    assert seen(door, WEST)["Status"] == "available"
    door.world("fault", {"guard": {**scope, "hit": "answer-lost"}})
    client = door.client("rds", WEST, patience_s=0.5)
    with pytest.raises(ReadTimeoutError):
        client.switchover_global_cluster(
            GlobalClusterIdentifier=GLOBAL, TargetDbClusterIdentifier=CLUSTERS[EAST]
        )
    # It was carried out all the same.
    assert seen(door, WEST)["Status"] == "switching-over"


def test_an_unsigned_request_is_for_nobody(door: Door):
    status, answer, _ = door.http(door.addresses["aws"] + "/", "Action=DescribeEvents")
    assert status == 403 and answer["__type"] == "MissingAuthenticationTokenException"


def test_a_new_world_begins_at_peace_at_the_clocks_time(door: Door):
    switch_over(door, WEST, EAST)
    until_available(door, EAST)
    door.world("reset", {"seed": 9, "writer": EAST, "setup": {"people": 0}})
    assert writers(seen(door, EAST)) == [CLUSTERS[EAST]]
    state = door.world("state")
    assert state["messages"]["acknowledged"] == 0 and state["promotions"] == []
    assert abs(state["now_ms"] - door.now_ms()) < 2_000
