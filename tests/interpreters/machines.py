"""The definitions as an engine gets them, and which of their Tasks and states may run side by side."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "statemachines"
NAMES = sorted(path.name.removesuffix(".asl.json") for path in FOLDER.glob("*.asl.json"))
DEPLOYMENT = "rehearsal"
REGION = "eu-central-1"

# A lane is the way into a branch: (Parallel, number of the branch), from the outside in. A Parallel with one branch
# adds nothing, because nothing runs beside it.
Lane = tuple[tuple[str, int], ...]


def definition(name: str) -> dict:
    """The file as it is shipped."""
    return json.loads((FOLDER / f"{name}.asl.json").read_text())


def step_of_substitution(name: str) -> str:
    """`SwitchDatabaseFunctionArn` is the step `switch-database`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name.removesuffix("FunctionArn")).lower()


def function_arn(step: str, account: str) -> str:
    return f"arn:aws:lambda:{REGION}:{account}:function:mmdr-{DEPLOYMENT}-{step}"


def step_of_function(function: str) -> str:
    """The step of a function's name or ARN."""
    return function.split(":")[-1].removeprefix(f"mmdr-{DEPLOYMENT}-")


def filled_in(machine: dict, account: str) -> str:
    """The definition as text, with the ARNs that a deployment fills in."""
    arn = lambda match: function_arn(step_of_substitution(match[1]), account)  # noqa: E731
    text = re.sub(r"\$\{(\w+)\}", arn, json.dumps(machine))
    assert "${" not in text
    return text


@dataclass(frozen=True)
class State:
    name: str
    fields: dict
    lane: Lane
    at_the_top: bool


def states(machine: dict) -> Iterator[State]:
    """Every state, those in branches included."""
    yield from _states(machine["States"], (), True)


def _states(scope: dict, lane: Lane, at_the_top: bool) -> Iterator[State]:
    for name, fields in scope.items():
        yield State(name, fields, lane, at_the_top)
        branches = fields.get("Branches", [])
        for number, branch in enumerate(branches):
            inner = lane if len(branches) == 1 else (*lane, (name, number))
            yield from _states(branch["States"], inner, False)


def call_of(fields: dict) -> str:
    """`<step>: <part>` of a Task."""
    parameters = fields["Parameters"]
    function = parameters["FunctionName"].removeprefix("${").removesuffix("}")
    return f"{step_of_substitution(function)}: {parameters['Payload']['part']}"


def steps(machine: dict) -> set[str]:
    return {call_of(state.fields).split(":")[0] for state in states(machine) if state.fields["Type"] == "Task"}


def lanes_of_calls(machine: dict) -> dict[str, Lane]:
    """In which lane each `<step>: <part>` runs; it must be one, or an order per lane would mean nothing."""
    lanes: dict[str, Lane] = {}
    for state in states(machine):
        if state.fields["Type"] == "Task":
            call = call_of(state.fields)
            assert lanes.setdefault(call, state.lane) == state.lane, f"{call} runs in two lanes"
    return lanes


def lanes_of_states(machine: dict) -> dict[str, Lane]:
    return {state.name: state.lane for state in states(machine)}


def names_at_the_top(machine: dict) -> set[str]:
    return {state.name for state in states(machine) if state.at_the_top}


def with_short_time_outs(machine: dict, calls: set[str], seconds: int) -> dict:
    """A copy in which the Tasks of these calls time out early: an engine that keeps real time waits for them."""
    shortened = copy.deepcopy(machine)
    for state in states(shortened):
        if state.fields["Type"] == "Task" and call_of(state.fields) in calls:
            state.fields["TimeoutSeconds"] = seconds
    return shortened
