"""Mattermost behind its load balancer, the public name, and what the harness is told."""

from __future__ import annotations

import base64
import json
import socket
import struct

from wire_door import EAST, WEST, Door
from test_door import fail_over, switch_over, until_available
from test_nodes import send, states

CANARY = {"type": "plugins", "data": {}}


def channel(door: Door, region: str) -> str:
    status, found, _ = door.mattermost(region, "GET", "/teams/name/ops/channels/name/dr-probe")
    assert status == 200
    return found["id"]


def post(door: Door, region: str, message: str) -> tuple:
    body = {"channel_id": channel(door, region), "message": message}
    status, made, _ = door.mattermost(region, "POST", "/posts", body)
    return status, made


def ask(door: Door, resolver: int, name: str) -> str | None:
    """The A record that a resolver gives; none where it says nothing."""
    host, _, port = door.addresses["resolvers"][resolver].partition(":")
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    query = struct.pack(">HHHHHH", 1, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sent:
        sent.settimeout(0.5)
        sent.sendto(query, (host, int(port)))
        try:
            answer = sent.recv(512)
        except TimeoutError:
            return None
    return socket.inet_ntoa(answer[-4:]) if answer[3] & 15 == 0 and answer[7] else ""


def test_a_post_is_saved_found_and_listed(door: Door):
    status, made = post(door, WEST, "drprobe1")
    assert status == 201 and made["message"] == "drprobe1"
    assert door.mattermost(WEST, "GET", f"/posts/{made['id']}")[0] == 200
    _, found, headers = door.mattermost(WEST, "POST", "/posts/search", {"terms": "drprobe1", "is_or_search": False})
    assert found["order"] == [made["id"]]
    assert headers["X-Version-Id"].startswith("11.6.0.") and headers["X-Mattermost-Dr-Region"] == WEST
    _, listed, _ = door.mattermost(WEST, "GET", f"/channels/{made['channel_id']}/posts")
    assert listed["order"] == [made["id"]]


def test_a_demoted_database_refuses_posts_and_leaves_the_ping_alone(door: Door):
    switch_over(door, WEST, EAST)
    until_available(door, EAST)
    assert post(door, WEST, "late") == (500, post(door, WEST, "late")[1])
    assert post(door, WEST, "late")[1]["id"] == "app.post.save.app_error"
    assert door.mattermost(WEST, "GET", "/system/ping")[:1] == (200,)
    status, deep, _ = door.mattermost(WEST, "GET", "/system/ping?get_server_status=true&use_rest_semantics=true")
    assert (status, deep["database_status"], deep["filestore_status"]) == (200, "UNHEALTHY", "OK")
    assert door.mattermost(WEST, "GET", "/system/ping?get_server_status=true")[0] == 500
    assert door.mattermost(EAST, "GET", "/system/ping")[0] == 503


def test_the_wrong_token_and_a_database_that_is_gone_look_alike(door: Door):
    me = "/{}/me".format("users")
    wrong = door.http(f"{door.addresses['mattermost'][WEST]}/api/v4{me}", Authorization="Bearer wrong")
    assert (wrong[0], wrong[1]["id"]) == (401, "api.context.session_expired.app_error")
    assert door.mattermost(WEST, "GET", me)[0] == 200
    door.world("fault", {"region": WEST, "database_down": True})
    gone = door.mattermost(WEST, "GET", me)
    assert (gone[0], gone[1]["id"]) == (401, "api.context.session_expired.app_error")


def test_a_file_comes_back_whole(door: Door):
    url = f"{door.addresses['mattermost'][WEST]}/api/v4/files?channel_id={channel(door, WEST)}&filename=probe.txt"
    status, made, _ = door.http(url, "some bytes", "POST", Authorization="Bearer right")
    (info,) = made["file_infos"]
    assert (status, info["size"], info["name"]) == (201, 10, "probe.txt")
    assert door.mattermost(WEST, "GET", f"/files/{info['id']}")[1] == "some bytes"


def test_a_canary_job_is_claimed_within_a_poll(door: Door):
    status, job, _ = door.mattermost(WEST, "POST", "/jobs", CANARY)
    assert (status, job["status"], len(job["id"])) == (201, "pending", 26)
    door.pass_s(16)
    assert door.mattermost(WEST, "GET", f"/jobs/{job['id']}")[1]["status"] == "success"
    _, listed, _ = door.mattermost(WEST, "GET", "/jobs/type/plugins?per_page=5")
    assert [it["id"] for it in listed] == [job["id"]]
    assert door.mattermost(WEST, "POST", "/jobs", {"type": "other"})[0] == 400


def test_counts_schema_and_configuration_are_shown(door: Door):
    rows = {row["name"]: row["value"] for row in door.mattermost(WEST, "GET", "/analytics/old?name=standard")[1]}
    assert rows["total_websocket_connections"] == 20
    assert door.mattermost(WEST, "GET", "/system/schema/version")[1][0]["version"] == 159
    _, config, _ = door.mattermost(WEST, "GET", "/config")
    assert config["JobSettings"]["RunJobs"] is True and config["ClusterSettings"]["ClusterName"] == f"mattermost-{WEST}"
    _, environment, _ = door.mattermost(WEST, "GET", "/config/environment")
    assert environment["JobSettings"] == {"RunJobs": True, "RunScheduler": True}


def test_the_public_name_follows_the_flag_and_each_resolvers_cache(door: Door):
    assert [ask(door, number, "chat.example.com") for number in range(6)] == ["127.0.0.1"] * 6
    assert (ask(door, 0, "chat-us-east-1.example.com"), ask(door, 0, "other.example.com")) == ("127.0.0.2", "")
    door.world("fault", {"region": WEST, "dark": True})
    fail_over(door, EAST)
    until_available(door, EAST)
    door.settle(EAST, 2)
    send(door, EAST, "start", Epoch="2")
    door.pass_s(30)
    assert states(door, EAST) == ["running", "running"]
    door.world("flag", {"region": EAST, "taken_over": True})
    door.pass_s(120)
    # Two of the six resolvers stand in the dark Region.
    answers = [ask(door, number, "chat.example.com") for number in range(6)]
    assert answers == ["127.0.0.2"] * 2 + [None] * 2 + ["127.0.0.2"] * 2
    door.world("fault", {"region": EAST, "clear_guards": True})
    found = door.world("dns")
    assert found["answer"] == EAST and {it["region"] for it in found["resolvers"]} == {EAST}


def test_exchanged_records_are_served_once_they_are_in_sync(door: Door):
    door.world("records", {"primary": WEST, "flag_region": EAST}, "PUT")
    door.pass_s(60)
    assert door.world("dns")["answer"] == WEST
    door.world("records", {"primary": EAST, "flag_region": WEST}, "PUT")
    door.pass_s(60)
    assert door.world("dns")["answer"] == EAST
    _, _, headers = door.http(door.addresses["public"] + "/api/v4/system/ping")
    assert headers["X-Mattermost-Dr-Region"] == EAST


def test_witnesses_and_lag_are_published_each_minute_where_they_belong(door: Door):
    door.world("metrics")
    door.pass_s(180)
    points = door.world("metrics")
    lag = [it for it in points if it["metric"] == "AuroraGlobalDBRPOLag"]
    assert {it["region"] for it in lag} == {EAST} and len(lag) == 3
    assert lag[0]["dimensions"] == {"DBClusterIdentifier": "acme-chat-east"}
    probes = [it for it in points if it["metric"] == "RegionHealthy"]
    healthy = {(it["region"], it["dimensions"]["Subject"]): it["value"] for it in probes}
    assert healthy[(EAST, WEST)] == 1 and healthy[(WEST, EAST)] == 0
    assert {it["dimensions"]["From"] for it in points if it["metric"] == "Heartbeat"} == {WEST, EAST}


def test_every_call_and_every_answer_is_on_record(door: Door):
    until_available(door, WEST)
    post(door, WEST, "x")
    calls = {(it["service"], it["operation"]): it for it in door.world("calls")}
    assert calls[("rds", "DescribeGlobalClusters")]["mutates"] is False
    made = calls[("mattermost", "POST posts")]
    assert (made["mutates"], made["status"]) == (True, 201)
    lines = [json.loads(line) for line in door.recorded.read_text().splitlines()]
    (described,) = [it for it in lines if it["operation"] == "DescribeGlobalClusters"]
    assert "authorization" not in described["request_headers"] and described["path"] == "/"
    assert b"<GlobalClusterMember>" in base64.b64decode(described["response_body_b64"])


def test_the_state_tells_what_clients_read(door: Door):
    switch_over(door, WEST, EAST)
    until_available(door, EAST)
    state = door.world("state")
    assert (state["writer"], state["global_status"], state["violations"]) == (EAST, "available", [])
    west, east = state["regions"]
    assert (west["database_takes_writes"], east["database_takes_writes"]) == (False, True)
    assert len(west["search"]["leads"]) == len(east["search"]["follows"]) == 30
    assert state["messages"]["not_at_the_writer"] == 0
    assert any("Aurora's writer is now in us-east-1" in line["text"] for line in door.world("story"))
