"""Whatever comes in, it is answered by name and in one sentence, and nothing is asked of AWS."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from bad_inputs import CASES, OVERSIZED, SEED, Case
from rig.document import ROOT
from rig.runtime import invoked

TARGET = Path(os.environ.get("MMDR_TARGET", ROOT / "target" / "debug"))
NAMES = {"Dr.BadInput", "Dr.BadDeployment", "Dr.ReadFailed", "Dr.RecordFailed", "Dr.OutOfTime"}


def document_of(case: Case) -> bytes | None:
    if case.document is ...:
        return SEED.read_bytes()
    if case.document is None or isinstance(case.document, bytes):
        return case.document
    return json.dumps(case.document).encode()


def sentence(text: str) -> None:
    assert text and "\n" not in text and len(text) < 2_000, text


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_does_not_fit_is_answered_by_name_in_one_sentence_and_asks_nothing_of_aws(case):
    event = json.dumps(case.event).encode()
    answers, asked, log = invoked(TARGET / case.function, [event], document_of(case), case.env)
    [answer] = answers
    if case.refuses:
        told = answer["answer"]["previous"]
        assert told["outcome"] == "Refuse", answer
        said = told["sentence"]
        # Refused before the permit is asked for, so that not even the ledger is read.
    else:
        assert answer["error"]["errorType"] == case.error, answer
        said = answer["error"]["errorMessage"]
    sentence(said)
    rest = said
    for words in case.says:
        assert words in rest, said
        rest = rest.split(words, 1)[1]
    assert asked == []
    assert "hunter2" not in log + said


def test_there_are_sixty_cases_or_more_and_every_name_is_stable():
    assert len(CASES) >= 60
    assert {case.error for case in CASES} <= NAMES


def test_an_event_that_is_too_large_is_refused_by_its_size():
    answers, asked, _ = invoked(TARGET / "start-move", [OVERSIZED], SEED.read_bytes())
    told = answers[0]["answer"]["previous"]
    assert (told["outcome"], told["code"]) == ("Refuse", "Oversized"), told
    assert f"found {len(OVERSIZED)}" in told["sentence"], told
    assert asked == []


def test_a_good_start_does_ask_aws_so_that_the_tests_above_could_fail():
    from bad_inputs import start

    event = json.dumps(start({"kind": "failover", "to": "us-east-1", "reason": "an exercise"})).encode()
    _, asked, _ = invoked(TARGET / "open-run", [event], SEED.read_bytes())
    assert asked


def test_one_process_answers_many_events_and_a_bad_one_harms_no_good_one():
    bad, good = b'{"part": 3}', json.dumps({"run": {}, "part": "whole"}).encode()
    answers, _, _ = invoked(TARGET / "flip-dns", [bad, good, bad], SEED.read_bytes())
    assert [answer["error"]["errorType"] for answer in answers] == ["Dr.BadInput"] * 3
    assert answers[0] == answers[2]
