"""A failover asks a person, who answers from the console: denied, nobody there, granted."""

from __future__ import annotations

import pytest
from rig.document import EAST, WEST, document
from rig.rehearsal import ENDED_WELL


@pytest.fixture(scope="module")
def lost(rehearsal):
    """The writer Region has been dark for some minutes, and every witness says so."""
    rehearsal.begin(document(approval="always", approval_timeout_s=300, loss_limit_s=600))
    rehearsal.settled(WEST)
    rehearsal.dark_for_minutes(WEST)
    return rehearsal


def ask(rehearsal, **fields) -> str:
    arn = rehearsal.start(EAST, "failover", **fields)
    run = arn.rsplit(":", 1)[1]
    rehearsal.until("a question", lambda: rehearsal.asked(EAST, run))
    return arn


def ending(rehearsal, arn: str) -> str:
    return rehearsal.behind.report(EAST, rehearsal.ended(EAST, arn)["name"])["ending"]


def database_calls(rehearsal) -> list[str]:
    calls = rehearsal.outside.world("GET", "calls")
    return [it["operation"] for it in calls if it["service"] == "rds" and it["mutates"]]


def test_a_failover_that_is_denied_moves_nothing_and_a_second_answer_changes_nothing(lost):
    arn = ask(lost)
    run = arn.rsplit(":", 1)[1]
    assert lost.answer(EAST, run, "deny", "AWS says ten minutes")["status"] == "SUCCEEDED"
    second = lost.answer(EAST, run, "grant", "somebody else thinks otherwise")
    assert (second["status"], second["error"]) == ("FAILED", "Dr.NotAnswered")
    assert ending(lost, arn) == "denied"
    assert database_calls(lost) == []


def test_a_question_that_nobody_answers_expires(lost):
    assert ending(lost, ask(lost)) == "expired"
    assert database_calls(lost) == []


def test_a_failover_that_is_granted_goes_on(lost):
    # By now nobody has measured a replication lag for a quarter of an hour: a person says that this is understood.
    arn = ask(lost, accepts=["unknown-loss"])
    assert lost.answer(EAST, arn.rsplit(":", 1)[1], "grant", "both engineers see it dark")["status"] == "SUCCEEDED"
    assert ending(lost, arn) in ENDED_WELL
    assert database_calls(lost) == ["FailoverGlobalCluster"]
    assert lost.through.writer(EAST) == EAST
