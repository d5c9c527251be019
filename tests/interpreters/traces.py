"""What a run came to, in a form that can be compared between engines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import machines
from machines import Lane


@dataclass(frozen=True)
class Trace:
    """`calls` are the functions' invocations, `entered` the states, each in the order in which they came. An engine
    that does not tell which states it enters inside branches says so with `tells_branches`."""

    engine: str
    calls: list[dict]
    entered: list[str]
    status: str
    error: str | None
    cause: str | None
    output: object
    tells_branches: bool = True

    @property
    def ending(self) -> str:
        return self.error or self.status

    def order(self) -> list[str]:
        return [name_of(call) for call in self.calls]


def name_of(call: dict) -> str:
    return f"{call['step']}: {call['part']}"


def differences(machine: dict, reference: Trace, other: Trace) -> list[str]:
    """In sentences, what `other` did otherwise than `reference`. Empty: both told the same story."""
    found = _of_endings(reference, other)
    found += _of_calls(machine, reference, other)
    found += _of_states(machine, reference, other)
    return found


def _of_endings(reference: Trace, other: Trace) -> list[str]:
    sides = {name: (getattr(reference, name), getattr(other, name)) for name in ("status", "error", "cause", "output")}
    return [
        f"{name}: {reference.engine} {json.dumps(one)}, {other.engine} {json.dumps(two)}"
        for name, (one, two) in sides.items()
        if one != two
    ]


def _of_calls(machine: dict, reference: Trace, other: Trace) -> list[str]:
    lanes = machines.lanes_of_calls(machine)
    found = []
    for lane in _ends_of(lanes.values()):
        one, two = (_within(trace.calls, lane, lambda call: lanes[name_of(call)]) for trace in (reference, other))
        names = [[name_of(call) for call in calls] for calls in (one, two)]
        if names[0] != names[1]:
            found.append(_first_difference("calls", lane, reference.engine, other.engine, *names))
            continue
        payloads = zip(map(_payload, one), map(_payload, two), strict=True)
        for number, (mine, theirs) in enumerate(payloads):
            if mine != theirs:
                found.append(f"payload of {names[0][number]}: {reference.engine} {mine}, {other.engine} {theirs}")
    return found


def _of_states(machine: dict, reference: Trace, other: Trace) -> list[str]:
    lanes = machines.lanes_of_states(machine)
    told = set(lanes) if reference.tells_branches and other.tells_branches else machines.names_at_the_top(machine)
    found = []
    for lane in _ends_of(lanes.values()):
        entered = [
            _within([state for state in trace.entered if state in told], lane, lambda state: lanes[state])
            for trace in (reference, other)
        ]
        if entered[0] != entered[1]:
            found.append(_first_difference("states", lane, reference.engine, other.engine, *entered))
    return found


def _ends_of(lanes: Iterable[Lane]) -> list[Lane]:
    """The lanes in which no further branch begins, and the top."""
    every = set(lanes) | {()}
    return sorted(lane for lane in every if lane == () or not any(_leads_to(lane, it) for it in every if it != lane))


def _leads_to(outer: Lane, inner: Lane) -> bool:
    return inner[: len(outer)] == outer


def _within(items: list, lane: Lane, lane_of: Callable[[object], Lane]) -> list:
    """What happens in `lane` or on the way into it: nothing of it may run side by side."""
    return [item for item in items if _leads_to(lane_of(item), lane)]


def _payload(call: dict) -> str:
    """As text; what an engine makes up by itself only has to be there."""
    payload = dict(call["payload"])
    for made_up in ("execution", "token"):
        if made_up in payload:
            payload[made_up] = bool(payload[made_up])
    return json.dumps(payload, sort_keys=True)


def _first_difference(what: str, lane: Lane, one: str, other: str, mine: list[str], theirs: list[str]) -> str:
    same = 0
    while same < min(len(mine), len(theirs)) and mine[same] == theirs[same]:
        same += 1
    at = lambda names: names[same] if same < len(names) else "nothing more"  # noqa: E731
    after = mine[same - 1] if same else "the start"
    where = " in " + ", ".join(f"branch {number} of {name}" for name, number in lane) if lane else ""
    return f"{what}{where}: after {after} (number {same}) {one} has {at(mine)}, {other} has {at(theirs)}"
