"""What boto3 sees of the nodes: commands travel, processes take their time, and a standby does not start."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from wire_door import CLUSTERS, EAST, WEST, Door
from test_door import fail_over, until_available

FLAGS = "/acme-chat/mmdr/job-flags"
GROUPS = {
    WEST: f"arn:aws:elasticloadbalancing:{WEST}:123456789012:targetgroup/acme-chat-west/0123456789abcdef",
    EAST: f"arn:aws:elasticloadbalancing:{EAST}:123456789012:targetgroup/acme-chat-east/fedcba9876543210",
}


def managed(door: Door, region: str) -> list[str]:
    filters = [{"Key": "tag:mmdr-group", "Values": ["acme-chat-app"]}]
    found = door.client("ssm", region).describe_instance_information(Filters=filters)["InstanceInformationList"]
    return [it["InstanceId"] for it in found if it["PingStatus"] == "Online"]


def send(door: Door, region: str, what: str, **parameters: str) -> str:
    client = door.client("ssm", region)
    answer = client.send_command(
        DocumentName=f"mmdr-acme-chat-{what}-nodes",
        InstanceIds=managed(door, region),
        Parameters={name: [value] for name, value in parameters.items()},
    )
    return answer["Command"]["CommandId"]


def states(door: Door, region: str) -> list[str]:
    return [node["state"] for node in door.world(f"nodes/{region}")]


def health(door: Door, region: str) -> dict[str, str]:
    answer = door.client("elbv2", region).describe_target_health(TargetGroupArn=GROUPS[region])
    return {it["Target"]["Id"]: it["TargetHealth"]["State"] for it in answer["TargetHealthDescriptions"]}


def test_nodes_are_stopped_by_a_command_that_takes_its_time(door: Door):
    assert states(door, WEST) == ["running", "running"]
    command = send(door, WEST, "stop", Epoch="2", FenceCheck="false")
    client = door.client("ssm", WEST)
    node = managed(door, WEST)[0]
    with pytest.raises(client.exceptions.InvocationDoesNotExist):
        client.get_command_invocation(CommandId=command, InstanceId=node)
    door.pass_s(20)
    assert client.get_command_invocation(CommandId=command, InstanceId=node)["Status"] == "Success"
    assert states(door, WEST) == ["stopped", "stopped"]
    assert door.mattermost(WEST, "GET", "/system/ping")[0] == 503


def test_a_stop_under_fence_check_leaves_a_region_alone_that_writes(door: Door):
    send(door, WEST, "stop", Epoch="2", FenceCheck="true")
    door.pass_s(20)
    assert states(door, WEST) == ["running", "running"]


def test_a_standbys_nodes_loop_until_their_database_can_be_written(door: Door):
    send(door, EAST, "start", Epoch="2")
    door.pass_s(60)
    assert states(door, EAST) == ["restart-loop", "restart-loop"]
    assert door.world(f"nodes/{EAST}")[0]["exits"] > 1
    door.world("fault", {"region": WEST, "dark": True})
    fail_over(door, EAST)
    until_available(door, EAST)
    door.settle(EAST, 2)
    door.pass_s(60)
    assert states(door, EAST) == ["running", "running"]


def test_a_ledger_that_has_settled_the_other_region_keeps_nodes_from_starting(door: Door):
    door.settle(WEST, 5)
    door.world("fault", {"region": WEST, "dark": True})
    fail_over(door, EAST)
    until_available(door, EAST)
    send(door, EAST, "start", Epoch="6")
    door.pass_s(30)
    assert states(door, EAST) == ["restart-loop", "restart-loop"]
    door.settle(EAST, 6)
    door.pass_s(90)
    assert states(door, EAST) == ["running", "running"]


def test_a_process_reads_the_job_flags_once_at_its_start(door: Door):
    client = door.client("ssm", WEST)
    before = client.get_parameter(Name=FLAGS)["Parameter"]
    assert "MM_JOBSETTINGS_RUNJOBS=true" in before["Value"].splitlines()
    text = "MM_JOBSETTINGS_RUNJOBS=false\nMM_JOBSETTINGS_RUNSCHEDULER=false\nMMDR_EPOCH=7\n"
    assert client.put_parameter(Name=FLAGS, Value=text, Type="String", Overwrite=True)["Version"] > before["Version"]
    assert client.get_parameter(Name=FLAGS)["Parameter"]["Value"] == text
    assert [node["started_with"]["epoch"] for node in door.world(f"nodes/{WEST}")] == [1, 1]
    send(door, WEST, "stop", Epoch="7", FenceCheck="false")
    door.pass_s(20)
    send(door, WEST, "start", Epoch="7")
    door.pass_s(20)
    assert [node["started_with"] for node in door.world(f"nodes/{WEST}")] == [
        {"run_jobs": False, "run_scheduler": False, "epoch": 7}
    ] * 2


def test_other_parameters_and_documents_are_somebody_elses(door: Door):
    client = door.client("ssm", WEST)
    with pytest.raises(client.exceptions.ParameterNotFound):
        client.get_parameter(Name="/mmdr/acme-chat/deployment")
    with pytest.raises(client.exceptions.ParameterAlreadyExists):
        client.put_parameter(Name=FLAGS, Value="x", Type="String")
    with pytest.raises(client.exceptions.InvalidDocument):
        client.send_command(DocumentName="AWS-RunShellScript", InstanceIds=managed(door, WEST))
    with pytest.raises(client.exceptions.InvalidInstanceId):
        client.send_command(DocumentName="mmdr-acme-chat-stop-nodes", InstanceIds=["i-0123456789abcdef0"])


def test_a_deregistered_target_drains_and_a_registered_one_becomes_healthy(door: Door):
    client, node = door.client("elbv2", WEST), managed(door, WEST)[0]
    assert set(health(door, WEST).values()) == {"healthy"}
    client.deregister_targets(TargetGroupArn=GROUPS[WEST], Targets=[{"Id": node}])
    assert health(door, WEST)[node] == "draining"
    door.pass_s(25)
    assert node not in health(door, WEST)
    client.register_targets(TargetGroupArn=GROUPS[WEST], Targets=[{"Id": node}])
    assert health(door, WEST)[node] == "healthy"
    with pytest.raises(client.exceptions.InvalidTargetException):
        client.register_targets(TargetGroupArn=GROUPS[WEST], Targets=[{"Id": "i-0"}])
    with pytest.raises(client.exceptions.TargetGroupNotFoundException):
        client.describe_target_health(TargetGroupArn=GROUPS[EAST])


def test_tasks_and_groups_of_another_platform_are_found_where_the_document_names_them(door: Door):
    text = (door.clock.parent / "fleet.toml").as_posix()
    document = _example("ecs-third-witness.toml")
    door.world("reset", {"deployment": document})
    region, cluster, service = "eu-central-1", *_group(document)
    client = door.client("ecs", region)
    (found,) = client.describe_services(cluster=cluster, services=[service])["services"]
    arns = client.list_tasks(cluster=cluster, serviceName=service)["taskArns"]
    assert found["runningCount"] == len(arns) == 4, text
    tasks = client.describe_tasks(cluster=cluster, tasks=arns)["tasks"]
    addresses = [it["value"] for task in tasks for it in task["attachments"][0]["details"]]
    group = _value(document, "target_group_arn")
    balancer = door.client("elbv2", region)
    answer = balancer.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    assert sorted(it["Target"]["Id"] for it in answer) == sorted(addresses)
    client.update_service(cluster=cluster, service=service, desiredCount=0)
    door.pass_s(25)
    assert client.list_tasks(cluster=cluster, serviceName=service)["taskArns"] == []
    jobs = _value(document, "job_server").split("/")[1]
    client.update_service(cluster=cluster, service=jobs, desiredCount=0)
    (server,) = client.describe_services(cluster=cluster, services=[jobs])["services"]
    assert server["desiredCount"] == server["runningCount"] == 0


def test_an_auto_scaling_group_lists_its_instances(door: Door):
    document = _example("seed-runbook.toml").replace('platform = "ec2-systemd"', 'platform = "auto-scaling"')
    door.world("reset", {"deployment": document})
    client = door.client("autoscaling", WEST)
    (group,) = client.describe_auto_scaling_groups(AutoScalingGroupNames=["acme-chat-app"])["AutoScalingGroups"]
    assert [it["InstanceId"] for it in group["Instances"]] == managed(door, WEST)
    assert client.describe_auto_scaling_groups(AutoScalingGroupNames=["other"])["AutoScalingGroups"] == []


def _example(name: str) -> str:
    from wire_door import ROOT

    return (ROOT / "examples" / name).read_text()


def _value(document: str, key: str) -> str:
    line = next(line for line in document.splitlines() if line.startswith(f"{key} ="))
    return line.split('"')[1]


def _group(document: str) -> list[str]:
    return _value(document, "group").split("/")


def test_clusters_of_the_document_are_those_that_rds_knows(door: Door):
    for region, arn in CLUSTERS.items():
        (cluster,) = door.client("rds", region).describe_db_clusters()["DBClusters"]
        assert cluster["DBClusterArn"] == arn
