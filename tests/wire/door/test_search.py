"""The search domains: connections over the control plane, and the plugin's own REST API, refusals and all."""

from __future__ import annotations

import socket

import pytest
from wire_door import EAST, WEST, Door

USERS = "users"
ROLES = {"leader_cluster_role": "all_access", "follower_cluster_role": "all_access"}
NEVER = "if_seq_no=9007199254740991&if_primary_term=1"
PATTERN = "posts*,users,channels,files"


def domain(name: str, region: str) -> dict:
    return {"AWSDomainInformation": {"DomainName": name, "Region": region, "OwnerId": "123456789012"}}


def followers(door: Door, region: str) -> dict[str, object]:
    """By index: the follower setting; absent where it never followed."""
    status, found = door.search(region, "GET", f"/{PATTERN}/_settings?flat_settings=true")
    assert status == 200
    key = "index.plugins.replication.follower.leader_index"
    return {name: it["settings"][key] for name, it in found.items() if key in it["settings"]}


def shards(door: Door, region: str) -> dict[str, tuple]:
    columns = "index,shard,prirep,state,seq_no.max,seq_no.local_checkpoint,seq_no.global_checkpoint"
    _, rows = door.search(region, "GET", f"/_cat/shards/{PATTERN}?format=json&h={columns}")
    return {row["index"]: (row["state"], row["seq_no.max"]) for row in rows if row["prirep"] == "p"}


def probe(door: Door, region: str, index: str) -> int:
    return door.search(region, "PUT", f"/{index}/_doc/dr-probe?{NEVER}", {})[0]


def stop(door: Door, region: str, index: str, patience_s: float = 5) -> tuple:
    return door.search(region, "POST", f"/_plugins/_replication/{index}/_stop", {}, patience_s)


def start(door: Door, region: str, index: str, alias: str = "mmdr-1") -> tuple:
    body = {"leader_alias": alias, "leader_index": index, "use_roles": ROLES}
    return door.search(region, "PUT", f"/_plugins/_replication/{index}/_start", body)


@pytest.mark.setup(protected=False)
def test_a_connection_is_requested_here_accepted_there_and_active_much_later(door: Door):
    follower, leader = door.client("opensearch", EAST), door.client("opensearch", WEST)
    local, remote = domain("acme-chat-east", EAST), domain("acme-chat-west", WEST)
    made = follower.create_outbound_connection(
        LocalDomainInfo=local, RemoteDomainInfo=remote, ConnectionAlias="mmdr-1"
    )
    status = made["ConnectionStatus"]["StatusCode"]
    assert status == "VALIDATING"
    # The record shows itself late in the leader's Region; until then there is nothing to accept.
    with pytest.raises(leader.exceptions.ResourceNotFoundException) as early:
        leader.accept_inbound_connection(ConnectionId=made["ConnectionId"])
    assert early.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert leader.describe_inbound_connections()["Connections"] == []
    door.pass_s(25)
    filters = [{"Name": "connection-id", "Values": [made["ConnectionId"]]}]
    (inbound,) = leader.describe_inbound_connections(Filters=filters)["Connections"]
    assert inbound["ConnectionStatus"]["StatusCode"] == "PENDING_ACCEPTANCE"
    accepted = leader.accept_inbound_connection(ConnectionId=made["ConnectionId"])["Connection"]
    assert accepted["ConnectionStatus"]["StatusCode"] == "PROVISIONING"
    with pytest.raises(follower.exceptions.ResourceAlreadyExistsException):
        follower.create_outbound_connection(LocalDomainInfo=local, RemoteDomainInfo=remote, ConnectionAlias="mmdr-1")
    door.pass_s(61)
    (outbound,) = follower.describe_outbound_connections(Filters=filters)["Connections"]
    assert (outbound["ConnectionStatus"]["StatusCode"], outbound["ConnectionAlias"]) == ("ACTIVE", "mmdr-1")
    follower.delete_outbound_connection(ConnectionId=made["ConnectionId"])
    (gone,) = follower.describe_outbound_connections(Filters=filters)["Connections"]
    assert gone["ConnectionStatus"]["StatusCode"] == "DELETED"


def test_a_domain_is_described_while_its_nodes_are_dead(door: Door):
    door.world("fault", {"region": WEST, "domain_down": True})
    found = door.client("opensearch", WEST).describe_domain(DomainName="acme-chat-west")["DomainStatus"]
    assert found["EngineVersion"] == "OpenSearch_2.19" and found["ServiceSoftwareOptions"]["CurrentVersion"]
    assert door.search(WEST, "GET", "/_cluster/health")[0] == 503


def test_every_index_of_the_standby_follows_and_takes_no_write(door: Door):
    following = followers(door, EAST)
    assert following["users"] == "mmdr-1:users" and len(following) == 30
    assert followers(door, WEST) == {}
    assert (probe(door, EAST, "users"), probe(door, WEST, "users"), probe(door, EAST, "other")) == (403, 409, 404)
    _, status = door.search(EAST, "GET", f"/_plugins/_replication/{USERS}/_status")
    assert (status["status"], status["leader_alias"]) == ("SYNCING", "mmdr-1")
    _, state = door.search(EAST, "GET", "/_cluster/state/blocks")
    assert "1000" in state["blocks"]["indices"]["users"]


def test_a_stop_promotes_and_leaves_the_setting_as_null(door: Door):
    before = shards(door, EAST)["users"]
    assert stop(door, EAST, "users") == (200, {"acknowledged": True})
    assert followers(door, EAST)["users"] is None
    assert probe(door, EAST, "users") == 409 and shards(door, EAST)["users"] == before
    assert stop(door, EAST, "users")[0] == 400
    status, answer = stop(door, EAST, "*")
    assert (status, answer["error"]["reason"]) == (400, "No replication in progress for index:*")


def test_a_stop_that_a_snapshot_refuses_has_dropped_the_block_all_the_same(door: Door):
    door.world("fault", {"region": EAST, "snapshot_s": 30})
    assert door.search(EAST, "GET", "/_snapshot/_status")[1]["snapshots"]
    status, answer = stop(door, EAST, "files")
    assert (status, answer["error"]["type"]) == (400, "snapshot_in_progress_exception")
    assert probe(door, EAST, "files") == 500
    door.pass_s(31)
    assert stop(door, EAST, "files")[0] == 200


def test_a_stop_hangs_with_a_leader_that_swallows_packets_until_the_connection_is_gone(door: Door):
    door.world("fault", {"region": WEST, "dark": True})
    with pytest.raises((TimeoutError, socket.timeout)):
        stop(door, EAST, "channels", patience_s=1)
    assert probe(door, EAST, "channels") == 400
    client = door.client("opensearch", EAST)
    (connection,) = client.describe_outbound_connections()["Connections"]
    client.delete_outbound_connection(ConnectionId=connection["ConnectionId"])
    door.pass_s(12)
    assert probe(door, EAST, "channels") == 409
    assert stop(door, EAST, "users")[0] == 200


def test_the_direction_is_reversed_index_by_index(door: Door):
    assert door.search(WEST, "PUT", f"/{PATTERN}/_settings", {"index.blocks.write": True})[0] == 200
    assert probe(door, WEST, "users") == 403
    assert start(door, WEST, "users")[1]["error"]["reason"].startswith("Cant use same index again")
    assert stop(door, EAST, "users")[0] == 200
    assert door.search(WEST, "DELETE", "/users*")[0] == 400
    assert door.search(WEST, "DELETE", "/users")[0] == 200
    assert door.search(WEST, "DELETE", "/users")[0] == 404
    assert door.search(WEST, "DELETE", "/users?ignore_unavailable=true")[0] == 200
    body = {"leader_alias": "mmdr-1", "leader_index": "users"}
    status, answer = door.search(WEST, "PUT", f"/_plugins/_replication/{USERS}/_start", body)
    assert (status, answer["error"]["type"]) == (403, "security_exception")
    assert start(door, WEST, "users", alias="other")[0] == 404
    assert start(door, WEST, "users") == (200, {"acknowledged": True})
    door.pass_s(5)
    assert followers(door, WEST)["users"] == "mmdr-1:users"
    assert shards(door, WEST)["users"] == shards(door, EAST)["users"]


def test_pausing_and_resuming_twice_is_refused(door: Door):
    paths = [f"/_plugins/_replication/{USERS}/_{verb}" for verb in ("pause", "pause", "resume", "resume")]
    assert [door.search(EAST, "POST", path, {})[0] for path in paths] == [200, 400, 200, 400]
    assert door.search(EAST, "POST", paths[0])[0] == 400


def test_a_rule_that_is_created_or_deleted_twice_is_an_error_of_the_server(door: Door):
    path, rule = "/_plugins/_replication/_autofollow", {"leader_alias": "mmdr-1", "name": "more"}
    whole = {**rule, "pattern": "more*", "use_roles": ROLES}
    assert [door.search(EAST, "POST", path, whole)[0] for _ in range(2)] == [200, 500]
    _, stats = door.search(EAST, "GET", "/_plugins/_replication/autofollow_stats")
    assert "more*" in [it["pattern"] for it in stats["autofollow_stats"]]
    assert door.search(EAST, "DELETE", path, whole)[0] == 400
    assert [door.search(EAST, "DELETE", path, rule)[0] for _ in range(2)] == [200, 500]


def test_operations_are_found_by_their_sequence_numbers_page_by_page(door: Door):
    query = {"size": 3, "sort": ["_seq_no"], "query": {"range": {"_seq_no": {"gt": 1}}}}
    _, first = door.search(WEST, "POST", f"/{USERS}/_search?preference=_shards:0", query)
    numbers = [hit["_seq_no"] for hit in first["hits"]["hits"]]
    assert numbers == [2, 3, 4] and first["hits"]["total"]["value"] == 6
    query |= {"search_after": [numbers[-1]], "_source": False}
    _, second = door.search(WEST, "POST", f"/{USERS}/_search", query)
    assert [hit["_seq_no"] for hit in second["hits"]["hits"]] == [5, 6, 7]
    assert door.search(WEST, "POST", f"/{USERS}/_count")[1]["count"] == 8


def test_nobody_without_credentials_is_answered(door: Door):
    assert door.http(door.addresses["search"][WEST] + "/_cluster/health")[0] == 401
