"""A Region is lost; metrics, alarm, start-move and the machine do the rest."""

from __future__ import annotations

from rig.document import EAST, WEST, document
from rig.rehearsal import SPEED

ENDED_WELL = ("done", "findings", "healthy")


def test_an_alarm_on_a_lost_region_moves_everything_to_the_other_one(rehearsal):
    rehearsal.begin(document(approval="never", loss_limit_s=600))
    rehearsal.settled(WEST)
    rehearsal.region_looks_well(WEST, seen_from=EAST)
    rehearsal.region_is_lost(WEST, seen_from=EAST)
    alarm = rehearsal.lost_alarm(EAST)
    rehearsal.until("the alarm", lambda: rehearsal.behind.alarm(EAST, alarm) == "ALARM")
    [started] = rehearsal.until("a failover", lambda: rehearsal.running(EAST, "failover"))
    rehearsal.outside.scale(SPEED)
    ended = rehearsal.ended(EAST, started["executionArn"])

    report = rehearsal.behind.report(EAST, ended["name"])
    assert ended["status"] == "SUCCEEDED", rehearsal.last_look(EAST, started["executionArn"])
    assert report["ending"] in ENDED_WELL, report["sentence"]
    # Read with boto3: the writer, the nodes behind the load balancer, and the flag that leads the public name.
    assert rehearsal.through.writer(EAST) == EAST
    assert len(rehearsal.through.healthy_targets(EAST)) == 2
    assert rehearsal.newest_flag(EAST) is True
    world = rehearsal.outside.world("GET", "state")
    assert world["violations"] == []
    there = next(it for it in world["regions"] if it["name"] == EAST)
    assert there["runs_jobs"] and not there["search"]["follows"]
    assert world["dns"]["answer"] == EAST
    assert rehearsal.behind.text(EAST, f"runs/{ended['name']}/report.html").startswith("<!DOCTYPE html>")
