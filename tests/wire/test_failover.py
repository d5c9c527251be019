"""A Region is lost; metrics, alarm, start-move and the machine do the rest."""

from __future__ import annotations

from rig.document import EAST, WEST, document

SPEED = 20


def test_an_alarm_on_a_lost_region_moves_everything_to_the_other_one(rehearsal):
    rehearsal.begin(document(approval="never", loss_limit_s=600))
    rehearsal.settled(WEST)
    rehearsal.region_looks_well(WEST, seen_from=EAST)
    rehearsal.region_is_lost(WEST, seen_from=EAST)
    rehearsal.until("the alarm", lambda: rehearsal.behind.alarm(EAST, rehearsal.lost_alarm(EAST)) == "ALARM")
    started = rehearsal.until("a failover", lambda: rehearsal.behind.executions(EAST, "failover"))
    rehearsal.outside.scale(SPEED)
    ended = rehearsal.ended(EAST, started[0]["executionArn"])
    assert ended["status"] == "SUCCEEDED", rehearsal.last_look(EAST, started[0]["executionArn"])
    assert rehearsal.through.writer(EAST) == EAST
    assert len(rehearsal.through.healthy_targets(EAST)) == 2
    report = rehearsal.behind.report(EAST, ended["name"])
    assert report["ending"] in ("done", "done-with-findings"), report
