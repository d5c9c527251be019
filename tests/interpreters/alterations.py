"""One change to a definition at a time, for the tests of the tests."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import machines


@dataclass(frozen=True)
class Alteration:
    what: str
    machine: dict


def alterations(machine: dict) -> Iterator[Alteration]:
    """Every way onward led elsewhere, every text that a Choice compares with changed, every Retry cut to nothing."""
    for state in machines.states(machine):
        yield from _ways_led_elsewhere(machine, state)
        yield from _texts_changed(machine, state)
        yield from _retries_cut(machine, state)


def _ways_led_elsewhere(machine: dict, state: machines.State) -> Iterator[Alteration]:
    fields, others = state.fields, _scope_of(machine, state.name)
    ways = [("Next", fields.get("Next")), ("Default", fields.get("Default"))]
    for field, target in ways:
        if target:
            other = _another(others, {state.name, target})
            yield _altered(machine, state.name, f"{field} to {other}", lambda it, f=field, o=other: it.update({f: o}))
    for name in ("Choices", "Catch"):
        for number, rule in enumerate(fields.get(name, [])):
            other = _another(others, {state.name, rule["Next"]})
            yield _altered(
                machine,
                state.name,
                f"{name}[{number}] to {other}",
                lambda it, n=name, k=number, o=other: it[n][k].update(Next=o),
            )


def _texts_changed(machine: dict, state: machines.State) -> Iterator[Alteration]:
    for number in range(len(list(_comparisons(state.fields.get("Choices", []))))):

        def change(fields: dict, number: int = number) -> None:
            comparison = list(_comparisons(fields["Choices"]))[number]
            comparison["StringEquals"] += "-"

        yield _altered(machine, state.name, f"comparison {number} with another text", change)


def _retries_cut(machine: dict, state: machines.State) -> Iterator[Alteration]:
    for number in range(len(state.fields.get("Retry", []))):
        yield _altered(
            machine,
            state.name,
            f"Retry[{number}] cut to nothing",
            lambda it, k=number: it["Retry"][k].update(MaxAttempts=0),
        )


def _comparisons(node: object) -> Iterator[dict]:
    if isinstance(node, dict):
        if "StringEquals" in node:
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from _comparisons(inner)


def _altered(machine: dict, name: str, what: str, change) -> Alteration:
    altered = copy.deepcopy(machine)
    change(_scope_of(altered, name)[name])
    return Alteration(f"{name}: {what}", altered)


def _scope_of(machine: dict, name: str) -> dict:
    """The states beside which `name` stands."""
    scopes = [machine["States"]]
    while scopes:
        scope = scopes.pop()
        if name in scope:
            return scope
        scopes += [branch["States"] for fields in scope.values() for branch in fields.get("Branches", [])]
    raise KeyError(name)


def _another(scope: dict, than: set[str]) -> str:
    """A place to go to instead: the last state of the scope that is another one."""
    return next(name for name in reversed(scope) if name not in than)
