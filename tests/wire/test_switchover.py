"""Planned moves: there and back, called off, and through every kind of bad weather."""

from __future__ import annotations

from rig.document import EAST, WEST, document
from rig.rehearsal import ENDED_WELL, SPEED


def test_a_planned_move_goes_there_and_back_and_loses_nothing(rehearsal):
    rehearsal.begin(document())
    rehearsal.settled(WEST)
    rehearsal.outside.scale(SPEED)
    for to in (EAST, WEST):
        arn = rehearsal.start(to, "switchover")
        ended = rehearsal.ended(to, arn)
        report = rehearsal.behind.report(to, ended["name"])
        assert ended["status"] == "SUCCEEDED", rehearsal.last_look(to, arn)
        assert report["ending"] in ENDED_WELL, report["sentence"]
        assert rehearsal.through.writer(to) == to
        if to == EAST:
            rehearsal.settled(EAST)
            rehearsal.outside.scale(SPEED)
    rehearsal.until("every message at the writer", lambda: rehearsal.lost_messages() == 0)
    assert rehearsal.outside.world("GET", "state")["violations"] == []


def test_a_move_that_aurora_gives_up_is_called_off_and_the_old_side_serves_again(rehearsal):
    rehearsal.begin(document())
    rehearsal.settled(WEST)
    rehearsal.outside.scale(SPEED)
    rehearsal.outside.world("POST", "fault", {"switchover_fails": True})
    arn = rehearsal.start(EAST, "switchover")
    ended = rehearsal.ended(EAST, arn)
    report = rehearsal.behind.report(EAST, ended["name"])
    assert report["ending"] == "called-off", report["sentence"]
    assert rehearsal.through.writer(EAST) == WEST
    assert len(rehearsal.through.healthy_targets(WEST)) == 2
    world = rehearsal.outside.world("GET", "state")
    here = next(it for it in world["regions"] if it["name"] == WEST)
    assert here["runs_jobs"] and world["dns"]["answer"] == WEST and world["violations"] == []
    rehearsal.until("every message at the writer", lambda: rehearsal.lost_messages() == 0)


def test_throttling_server_errors_and_lost_answers_make_no_change_happen_twice(rehearsal):
    rehearsal.begin(document())
    rehearsal.settled(WEST)
    rehearsal.outside.scale(SPEED)
    before = len(rehearsal.outside.world("GET", "calls"))
    for fault in (
        {"service": "rds", "operation": "DescribeGlobalClusters", "code": "Throttling", "status": 400, "count": 6},
        {"service": "rds", "operation": "DescribeDBClusters", "code": "InternalFailure", "status": 500, "count": 6},
        {"service": "rds", "operation": "SwitchoverGlobalCluster", "lose": "close"},
        {"service": "ssm", "operation": "PutParameter", "lose": "close"},
        {"service": "route53", "operation": "ListResourceRecordSets", "code": "ServiceUnavailable", "status": 503, "count": 6},
        {"service": "route53", "operation": "ChangeResourceRecordSets", "code": "Throttling", "status": 400, "count": 2},
    ):
        rehearsal.outside.proxy("POST", "fault", fault)
    arn = rehearsal.start(EAST, "switchover")
    ended = rehearsal.ended(EAST, arn)
    report = rehearsal.behind.report(EAST, ended["name"])
    assert ended["status"] == "SUCCEEDED" and report["ending"] in ENDED_WELL, report["sentence"]
    assert rehearsal.outside.proxy("GET", "state")["faults"] == []
    assert rehearsal.through.writer(EAST) == EAST
    calls = rehearsal.outside.world("GET", "calls")[before:]
    assert [it["operation"] for it in calls].count("SwitchoverGlobalCluster") == 1
    assert rehearsal.outside.world("GET", "state")["violations"] == []
