"""Planned moves: there and back, and the question to a person."""

from __future__ import annotations

import time

from rig.document import EAST, WEST, document
from rig.rehearsal import SPEED


def test_a_planned_move_goes_there_and_back_and_loses_nothing(rehearsal):
    rehearsal.begin(document())
    rehearsal.settled(WEST)
    rehearsal.outside.scale(SPEED)
    rehearsal.duties = {"reconcile"}
    for to in (EAST, WEST):
        arn = rehearsal.start(to, "switchover", f"so-{to}-{int(time.time())}")
        ended = rehearsal.ended(to, arn)
        report = rehearsal.behind.report(to, ended["name"])
        assert ended["status"] == "SUCCEEDED", rehearsal.last_look(to, arn)
        assert report["ending"] in ("done", "findings", "healthy"), report["sentence"]
        assert rehearsal.through.writer(to) == to
    rehearsal.duties = set()
    world = rehearsal.outside.world("GET", "state")
    assert world["violations"] == []
    rehearsal.until("every message at the writer", lambda: rehearsal.outside.world("GET", "state")["messages"]["not_at_the_writer"] == 0)
