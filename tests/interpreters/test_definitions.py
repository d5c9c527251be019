"""What is said of the definitions without running them on an engine: a validator, and what the scripts reach."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import machines
import pytest
from scripted import all_scripts

HERE = Path(__file__).parent
ACCOUNT = "123456789012"


def validator() -> str:
    local = HERE / "node_modules/.bin/asl-validator"
    found = os.environ.get("MMDR_ASL_VALIDATOR") or (str(local) if local.exists() else shutil.which("asl-validator"))
    assert found, "asl-validator: run npm ci in tests/interpreters, or name the program in MMDR_ASL_VALIDATOR"
    return found


def validate(text: str, folder: Path) -> subprocess.CompletedProcess:
    file = folder / "definition.json"
    file.write_text(text)
    return subprocess.run([validator(), "--json-path", file], capture_output=True, text=True)


@pytest.mark.parametrize("name", machines.NAMES)
def test_the_validator_finds_nothing_in_a_definition_with_its_arns_filled_in(name, tmp_path):
    said = validate(machines.filled_in(machines.definition(name), ACCOUNT), tmp_path)
    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize(
    ("what", "break_it"),
    [
        ("a Next that leads nowhere", lambda states: states["open-run"].update(Next="nowhere")),
        ("a state that nothing leads to", lambda states: states.update(alone={"Type": "Succeed"})),
        ("a field of another type of state", lambda states: states["closed"].update(Next="open-run")),
    ],
)
def test_the_validator_finds(what, break_it, tmp_path):
    machine = machines.definition("check-readiness")
    break_it(machine["States"])
    said = validate(machines.filled_in(machine, ACCOUNT), tmp_path)
    assert said.returncode != 0, f"{what} was not found"


@pytest.mark.parametrize("name", machines.NAMES)
def test_every_way_out_of_every_choice_is_taken_by_some_script(name, reference):
    machine, scripts = machines.definition(name), [script for script in all_scripts() if script.machine == name]
    lanes = machines.lanes_of_states(machine)
    taken = set().union(*(ways_taken(trace.entered, lanes) for trace in reference.run_all(machine, scripts)))
    missing = sorted(ways_out_of_choices(machine) - taken)
    assert not missing, missing


def ways_out_of_choices(machine: dict) -> set[tuple[str, str]]:
    ways = set()
    for state in machines.states(machine):
        if state.fields["Type"] == "Choice":
            rules = [rule["Next"] for rule in state.fields["Choices"]]
            ways |= {(state.name, way) for way in [*rules, state.fields["Default"]]}
    return ways


def ways_taken(entered: list[str], lanes: dict) -> set[tuple[str, str]]:
    """Steps from one state to the next of the same lane; other lanes run side by side."""
    last, ways = {}, set()
    for state in entered:
        lane = lanes[state]
        if lane in last:
            ways.add((last[lane], state))
        last[lane] = state
    return ways


def test_every_machine_has_scripts_for_the_good_the_refused_and_the_failing():
    names = {name: {script.name for script in all_scripts() if script.machine == name} for name in machines.NAMES}
    for name, found in names.items():
        assert {"all-goes-well", "dry-run", "every-step-looks-again", "every-function-fails-twice"} <= found, name
        hang = [it for it in all_scripts() if it.machine == name and it.silent_calls() - {"request-approval: wait"}]
        assert hang, f"{name} has no script in which a function hangs"
