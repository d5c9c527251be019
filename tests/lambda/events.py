"""For each function one good event, as a state machine, an alarm or a schedule would send it."""

from __future__ import annotations

import json
import time

from rig.document import ACCOUNT, EAST, NAME, ROOT, WEST

# Steps of a run: what the run does, and the part that looks at most.
LOOKS = {
    "arm-dns": ("protect", "whole"),
    "check-readiness": ("protect", "report"),
    "close-run": ("failover", "whole"),
    "confirm-recovery": ("failover", "inside"),
    "detect-region-outage": ("failover", "diagnose"),
    "flip-dns": ("failover", "whole"),
    "request-approval": ("failover", "ask"),
    "roll-nodes": ("failover", "start-here"),
    "swap-search-leader": ("failover", "promote-hot"),
    "switch-database": ("failover", "promote"),
    "toggle-scheduler": ("failover", "activate"),
    "verify-backups": ("verify-backups", "whole"),
    "verify-files": ("switchover", "gate"),
}


def event_of(function: str) -> dict | str:
    if function in LOOKS:
        kind, part = LOOKS[function]
        return {"run": ticket(kind), "previous": None, "part": part}
    if function == "open-run":
        start = {"kind": "failover", "to": EAST, "reason": "an exercise"}
        return {"run": start, "previous": None, "part": "whole", "execution": execution("failover")}
    if function == "start-move":
        return alarm()
    if function == "relay":
        return "domain"
    # The duties of each minute look at no event.
    return {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}


def execution(kind: str) -> str:
    return f"arn:aws:states:{EAST}:{ACCOUNT}:execution:mmdr-{NAME}-{kind}:cold-start-1"


def ticket(kind: str) -> dict:
    return {
        "id": "cold-start-1",
        "execution": execution(kind),
        "kind": kind,
        "from": WEST,
        "to": EAST,
        "epoch": 1,
        "by": "person",
        "reason": "an exercise",
        "dry_run": False,
        "forward_only": False,
        "opened_at": int(time.time() * 1000) - 5_000,
    }


def alarm() -> dict:
    """The sample, of this moment: what is old is refused before anything is asked."""
    found = json.loads((ROOT / "events" / "alarm-direct.json").read_text())
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000+0000", time.gmtime())
    found["time"] = found["alarmData"]["state"]["timestamp"] = now
    return found
