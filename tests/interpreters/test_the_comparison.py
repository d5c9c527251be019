"""The tests of the tests: a change to one state of a machine is noticed."""

from __future__ import annotations

from dataclasses import replace

import machines
import pytest
from alterations import alterations
from engines import Refused
from scripted import all_scripts
from traces import differences

SCRIPTS = {(script.machine, script.name): script for script in all_scripts()}


def change_the_next_of_a_task(states):
    states["check-readiness: report"]["Next"] = "close-run"


def change_the_text_of_a_rule(states):
    states["Is the run open?"]["Choices"][0]["Or"][0]["StringEquals"] = "Acted"


def change_the_default_of_a_choice(states):
    states["Is the run closed?"]["Default"] = "closed"


def change_the_way_of_a_catch(states):
    states["close-run"]["Catch"][0]["Next"] = "not closed"


def change_what_a_pass_writes(states):
    states["no answer: close-run"]["Parameters"]["previous"]["outcome"] = "Already"


def retry_no_more(states):
    states["check-readiness: report"]["Retry"] = []


@pytest.mark.parametrize(
    ("change", "script"),
    [
        (change_the_next_of_a_task, "every-step-looks-again"),
        (change_the_text_of_a_rule, "all-goes-well"),
        (change_the_default_of_a_choice, "not-closed"),
        (change_the_way_of_a_catch, "close-run-hangs"),
        (change_what_a_pass_writes, "close-run-hangs"),
        (retry_no_more, "every-function-fails-twice"),
    ],
)
def test_an_engine_that_runs_an_altered_machine_tells_another_story(change, script, reference, others):
    machine, altered = machines.definition("check-readiness"), machines.definition("check-readiness")
    change(altered["States"])
    expected = reference.run(machine, SCRIPTS["check-readiness", script])
    for engine in others:
        told = engine.run(altered, SCRIPTS["check-readiness", script])
        assert differences(machine, expected, told), f"{engine.name} did not notice"


def test_a_branch_that_is_altered_is_noticed(reference, others):
    machine, altered = machines.definition("failover"), machines.definition("failover")
    branch = altered["States"]["finish search and jobs"]["Branches"][0]["States"]
    branch["Is all of search promoted?"]["Default"] = "the rest of search is through"
    script = SCRIPTS["failover", "all-goes-well"]
    expected = reference.run(machine, script)
    for engine in others:
        found = differences(machine, expected, engine.run(altered, script))
        assert any("branch 0 of finish search and jobs" in sentence for sentence in found), f"{engine.name}: {found}"


def test_two_calls_that_run_side_by_side_may_come_in_any_order_and_no_others(reference):
    machine = machines.definition("failover")
    trace = reference.run(machine, SCRIPTS["failover", "all-goes-well"])
    names = trace.order()
    beside = exchanged(trace, names.index("roll-nodes: fence-lost-beside"), names.index("swap-search-leader: save"))
    behind = exchanged(trace, names.index("flip-dns: whole"), names.index("confirm-recovery: outside"))
    assert not differences(machine, trace, beside)
    assert differences(machine, trace, behind)


def exchanged(trace, one, other):
    calls = list(trace.calls)
    calls[one], calls[other] = calls[other], calls[one]
    return replace(trace, calls=calls)


@pytest.mark.parametrize("field", ["status", "error", "cause", "output"])
def test_another_end_is_noticed(field, reference):
    machine = machines.definition("check-readiness")
    trace = reference.run(machine, SCRIPTS["check-readiness", "not-closed"])
    assert differences(machine, trace, replace(trace, **{field: "another"}))


def test_another_payload_is_noticed(reference):
    machine = machines.definition("check-readiness")
    trace = reference.run(machine, SCRIPTS["check-readiness", "all-goes-well"])
    first, *rest = trace.calls
    altered = {**first, "payload": {**first["payload"], "previous": {}}}
    assert differences(machine, trace, replace(trace, calls=[altered, *rest]))


@pytest.mark.parametrize("name", machines.NAMES)
def test_the_scripts_notice_every_alteration_of_a_way_a_text_or_a_retry(name, reference):
    machine = machines.definition(name)
    scripts = [script for script in all_scripts() if script.machine == name]
    expected = reference.run_all(machine, scripts)
    unnoticed = [
        it.what for it in alterations(machine) if not notices(reference, machine, it.machine, scripts, expected)
    ]
    assert not unnoticed, "\n".join(unnoticed)


def notices(reference, machine, altered, scripts, expected) -> bool:
    """Our own interpreter refuses a machine that does not hang together; that is noticing too."""
    try:
        told = reference.run_all(altered, scripts)
    except Refused:
        return True
    return any(differences(machine, *traces) for traces in zip(expected, told, strict=True))
