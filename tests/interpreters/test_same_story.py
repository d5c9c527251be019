"""Every script, in three engines: the same calls with the same payloads in the same order, and the same end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import machines
import pytest
from scripted import Script, all_scripts
from traces import differences

SCRIPTS = all_scripts()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: f"{script.machine}/{script.name}")
def test_three_engines_tell_the_same_story(script: Script, reference, others):
    machine = machines.definition(script.machine)
    expected = reference.run(machine, script)
    assert expected.ending == script.ends, f"{script.about} But it ended with {expected.ending}: {expected.order()}"
    with ThreadPoolExecutor() as pool:
        told = list(pool.map(lambda engine: engine.run(machine, script), others))
    for trace in told:
        found = differences(machine, expected, trace)
        if trace.engine in script.deviates:
            assert found, f"{trace.engine} does not deviate any more: {script.deviates[trace.engine]}"
            assert trace.ending == script.ends
        else:
            assert not found, "\n".join(found)
