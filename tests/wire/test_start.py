"""What starts a run, and what a run that only looks leaves alone."""

from __future__ import annotations

import json
import time

from rig.document import EAST, ROOT, WEST, document
from rig.rehearsal import SPEED


def alarm(form: str, at_s: float) -> dict:
    """One of the samples, as if the alarm had changed its state at this time."""
    event = json.loads((ROOT / "events" / f"alarm-{form}.json").read_text())
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000+0000", time.gmtime(at_s))
    if form == "direct":
        event["alarmData"]["state"]["timestamp"] = stamp
    elif form == "eventbridge":
        event["detail"]["state"]["timestamp"] = stamp
    else:
        sns = event["Records"][0]["Sns"]
        sns["Message"] = json.dumps(json.loads(sns["Message"]) | {"StateChangeTime": stamp})
    return event


def test_one_transition_told_three_times_in_three_forms_starts_one_failover(rehearsal):
    rehearsal.begin(document())
    rehearsal.settled(WEST)
    before = len(rehearsal.behind.executions(EAST, "failover"))
    now = rehearsal.clock.now_ms() / 1000
    for form in ("direct", "eventbridge", "sns") * 3:
        answer = rehearsal.invoke(EAST, "start-move", alarm(form, now))
        assert answer["previous"]["outcome"] in ("Acted", "Already"), answer
    found = rehearsal.behind.executions(EAST, "failover")
    assert len(found) == before + 1
    rehearsal.outside.scale(SPEED)
    # Both Regions are well: the diagnosis says so, and nothing is moved.
    ended = rehearsal.ended(EAST, found[0]["executionArn"])
    assert rehearsal.behind.report(EAST, ended["name"])["ending"] == "refused"
    assert rehearsal.through.writer(EAST) == WEST


def test_readiness_and_backups_are_looked_at_by_schedule_and_from_the_console(rehearsal):
    rehearsal.begin(document())
    rehearsal.settled(WEST)
    rehearsal.outside.scale(SPEED)
    for kind in ("check-readiness", "verify-backups"):
        due = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(rehearsal.clock.now_ms() / 1000))
        answer = rehearsal.invoke(EAST, "start-move", {"kind": kind, "scheduled_time": due})
        assert answer["previous"]["outcome"] == "Acted", answer
        by_schedule, by_hand = answer["previous"]["receipt"]["new"], rehearsal.start(EAST, kind)
        assert by_schedule != by_hand
        for it in (by_schedule, by_hand):
            ended = rehearsal.ended(EAST, it)
            assert ended["status"] == "SUCCEEDED", rehearsal.last_look(EAST, it)
            assert rehearsal.behind.report(EAST, ended["name"])["ending"] in ("healthy", "findings")


def test_a_dry_run_goes_the_whole_way_and_changes_nothing(rehearsal):
    rehearsal.begin(document())
    rehearsal.settled(WEST)
    rehearsal.outside.scale(SPEED)
    before = len(rehearsal.outside.world("GET", "calls"))
    arn = rehearsal.start(EAST, "switchover", dry_run=True)
    ended = rehearsal.ended(EAST, arn)
    assert ended["status"] == "SUCCEEDED"
    report = rehearsal.behind.report(EAST, ended["name"], dry_run=True)
    assert report["ending"] == "dry-run" and "the whole way" in report["sentence"], report["sentence"]
    calls = rehearsal.outside.world("GET", "calls")[before:]
    assert calls and [it["operation"] for it in calls if it["mutates"]] == []
    assert [it for it in rehearsal.behind.keys(EAST) if ended["name"] in it and not it.startswith("dry-run/")] == []
    assert rehearsal.through.writer(EAST) == WEST
