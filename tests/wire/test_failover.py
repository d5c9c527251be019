"""A Region is lost; metrics, alarm, start-move and the machine do the rest. Then it returns.

First of all scenarios: the emulator's alarm wants its clock and the machine's to agree, and no point of an earlier scenario.
"""

from __future__ import annotations

import pytest
from rig.alarms import LostAlarm
from rig.document import EAST, WEST, document
from rig.rehearsal import ENDED_WELL, SPEED, SPEED_IN_THE_DARK


@pytest.fixture(scope="module")
def failover(rehearsal) -> dict:
    """The execution that an alarm started, once it has ended."""
    rehearsal.begin(document(approval="never", loss_limit_s=900))
    rehearsal.settled(WEST)
    alarm = LostAlarm(rehearsal, seen_from=EAST)
    alarm.at_rest()
    rehearsal.outside.dark(WEST, True)
    # Route 53's control plane, in us-east-1 for every Region, is gone as well: no failover may need it.
    rehearsal.outside.proxy("POST", "fault", {"service": "route53", "drop": "close", "count": None})
    alarm.probes(0.0)
    rehearsal.until("the alarm", lambda: alarm.state() == "ALARM")
    [started] = rehearsal.until("a failover", lambda: rehearsal.running(EAST, "failover"))
    rehearsal.outside.scale(SPEED_IN_THE_DARK)
    return rehearsal.ended(EAST, started["executionArn"])


def test_an_alarm_on_a_lost_region_moves_everything_to_the_other_one(rehearsal, failover):
    assert failover["status"] == "SUCCEEDED", rehearsal.last_look(EAST, failover["executionArn"])
    report = rehearsal.behind.report(EAST, failover["name"])
    assert report["ending"] in ENDED_WELL, report["sentence"]
    # Read with boto3: the writer, the nodes behind the load balancer, and the flag that leads the public name.
    assert rehearsal.through.writer(EAST) == EAST
    assert len(rehearsal.through.healthy_targets(EAST)) == 2
    assert rehearsal.feeder.newest_flag(EAST) is True
    world = rehearsal.outside.world("GET", "state")
    assert world["violations"] == []
    there = next(it for it in world["regions"] if it["name"] == EAST)
    assert there["runs_jobs"] and not there["search"]["follows"]
    assert world["dns"]["answer"] == EAST
    assert rehearsal.behind.text(EAST, f"runs/{failover['name']}/report.html").startswith("<!DOCTYPE html>")
    told = rehearsal.inboxes[EAST].told()
    assert any(failover["name"] in it["Message"] for it in told), told


def test_a_region_that_returns_is_kept_fenced_and_then_protects_the_new_writer(rehearsal, failover):
    rehearsal.outside.scale(SPEED)
    rehearsal.outside.proxy("POST", "reset")
    rehearsal.outside.dark(WEST, False)
    rehearsal.feeder.duties = {"keep-fenced", "reconcile"}
    # Its nodes boot with it; the fence stops them, and people never reach them.
    rehearsal.until("fenced nodes", lambda: rehearsal.through.healthy_targets(WEST) == [])
    [started] = rehearsal.until("a reprotect", lambda: rehearsal.behind.executions(EAST, "reprotect"))
    run = started["name"]
    # What only the lost Region had in its search indices is deleted only when a person has read the export.
    asked = rehearsal.until(
        "a question, or the end",
        lambda: rehearsal.asked(EAST, run) or rehearsal.behind.execution(EAST, started["executionArn"])["status"] != "RUNNING",
    )
    if rehearsal.asked(EAST, run):
        answered = rehearsal.answer(EAST, run, "grant", "the export was read")
        assert answered["status"] == "SUCCEEDED", (asked, answered)
    ended = rehearsal.ended(EAST, started["executionArn"])
    report = rehearsal.behind.report(EAST, run)
    assert ended["status"] == "SUCCEEDED" and report["ending"] in ENDED_WELL, report
    world = rehearsal.outside.world("GET", "state")
    here, there = (next(it for it in world["regions"] if it["name"] == name) for name in (WEST, EAST))
    assert world["violations"] == [] and rehearsal.through.writer(EAST) == EAST
    assert here["cluster"]["in_global"] and not here["database_takes_writes"] and not here["runs_jobs"]
    assert set(here["search"]["follows"]) == set(there["search"]["leads"])
