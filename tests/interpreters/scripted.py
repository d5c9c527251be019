"""A script: what each function answers at each of its calls. `README.md` gives the form."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "scripts"
LOOK_AGAIN_S = 10
TICKET = {
    "id": "run-1",
    "execution": "execution-of-run-1",
    "kind": "failover",
    "from": "eu-west-1",
    "to": "eu-central-1",
    "epoch": 7,
    "by": "Person",
    "reason": "drill",
    "dry_run": False,
    "forward_only": False,
    "opened_at": 0,
}
INPUT = {"kind": "failover", "to": "eu-central-1", "reason": "drill"}


@dataclass(frozen=True)
class Script:
    """`ends` is the status or the error with which the execution must end; `otherwise` is for calls without a list of
    their own; `deviates` names engines that are known to tell another story, with the reason."""

    machine: str
    name: str
    about: str
    ends: str
    answers: dict[str, list[dict]] = field(default_factory=dict)
    otherwise: list[dict] = field(default_factory=lambda: [{"outcome": "Already"}])
    deviates: dict[str, str] = field(default_factory=dict)
    input: dict = field(default_factory=lambda: dict(INPUT))
    ticket: dict = field(default_factory=lambda: dict(TICKET))

    def as_json(self) -> str:
        told = {"input": self.input, "ticket": self.ticket, "answers": self.answers, "otherwise": self.otherwise}
        return json.dumps(told)

    def silent_calls(self) -> set[str]:
        """Calls of which at least one is never answered, so that only a time-out ends it. A token that the function
        could not hand out is one of them in an engine that waits for it all the same."""
        silent = {call for call, entries in self.answers.items() if any(entry.get("hangs") for entry in entries)}
        wait = self.answers.get("request-approval: wait", [{}])
        return silent | ({"request-approval: wait"} if any(entry.get("wakes") is None for entry in wait) else set())


def load(path: Path) -> Script:
    fields = json.loads(path.read_text())
    # A field that a script sets to null is absent: null itself is nothing that a run's ticket ever holds.
    ticket = {name: value for name, value in (TICKET | fields.pop("ticket", {})).items() if value is not None}
    return Script(machine=path.parent.name, name=path.stem, ticket=ticket, **fields)


def all_scripts() -> list[Script]:
    return [load(path) for path in sorted(FOLDER.glob("*/*.json"))]


@dataclass(frozen=True)
class Reply:
    """What one call gets: an answer, an error, or silence."""

    entry: dict
    value: dict

    @property
    def error(self) -> str | None:
        return self.entry.get("error")

    @property
    def hangs(self) -> bool:
        return bool(self.entry.get("hangs"))

    @property
    def wakes(self) -> Any:
        return self.entry.get("wakes")


class Performance:
    """One run of a script: counts the calls, answers them, and remembers them in the order in which they came."""

    def __init__(self, script: Script):
        self.script = script
        self.calls: list[dict] = []
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def reply(self, step: str, payload: dict) -> Reply:
        part = payload["part"]
        call = f"{step}: {part}"
        with self._lock:
            self._counts[call] += 1
            count = self._counts[call]
            self.calls.append({"step": step, "part": part, "payload": payload})
        entries = self.script.answers.get(call) or self.script.otherwise
        entry = entries[min(count, len(entries)) - 1]
        outcome = entry.get("outcome", "Already")
        previous = {
            "step": step,
            "part": part,
            "outcome": outcome,
            "code": entry.get("code", ""),
            "sentence": f"{call} says {outcome}",
            "looks": count,
            "first_look_at": 0,
            "look_again_s": LOOK_AGAIN_S if outcome in ("Acted", "Wait") else 0,
        }
        run = self.script.ticket if step == "open-run" else payload["run"]
        return Reply(entry, {"run": run, "previous": previous})
