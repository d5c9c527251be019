"""How much longer a failover takes than what it waits for: `tests/outside overhead`. A benchmark, not a test of CI.

Elapsed: from Aurora's acceptance of the call until everybody's resolver leads to the new Region, the run knows it, and the step
after that has begun. Critical path: what the outside takes by itself, each from the request that began it to the moment at which the world, asked four times a
second, has it so:

- Aurora, until it shows the new writer;
- then the slower of two that run beside each other: the nodes, until the load balancer calls them healthy; and search, from the
  first stop of following until the hot set leads (a stop hangs for as long as a leader that swallows packets is configured; the few
  seconds in which the run finds that out, and deletes the connection, are in it);
- the public name, from the data point that is its flag until the last resolver gives the new Region.

Everything else is overhead: looks that come late, what a look and a probe cost, and the way from one step to the next. Real
time and the world's pass alike here, so that a look costs what it costs.
"""

from __future__ import annotations

import base64
import json
import struct
import time

from rig.document import EAST, WEST, document

LIMIT = 1.15
# Real seconds: a failover of the world's sizes takes about four minutes.
PATIENCE_S = 900
# The value 1, as it travels (CBOR, RFC 8949: a double).
TAKEN_OVER = b"eValue" + b"\xfb" + struct.pack(">d", 1.0)


def test_a_failover_takes_little_longer_than_what_it_waits_for(rehearsal):
    rehearsal.begin(document(approval="never", loss_limit_s=3600))
    rehearsal.settled(WEST)
    # That the witnesses notice is no part of what is measured.
    rehearsal.dark_for_minutes(WEST)
    rehearsal.outside.scale(1.0)
    arn = rehearsal.start(EAST, "failover")
    seen = Seen(rehearsal)
    rehearsal.until("a public name that leads here", seen.everything, PATIENCE_S)
    ended = rehearsal.ended(EAST, arn, PATIENCE_S)
    report = rehearsal.behind.report(EAST, ended["name"])
    assert ended["status"] == "SUCCEEDED", report["sentence"]
    calls = [it for it in rehearsal.outside.world("GET", "calls") if it["mutates"]]
    called = first(calls, "FailoverGlobalCluster")
    parts = {(it["step"], it["part"]): it for it in report["parts"]}
    flip, after = parts["flip-dns", "whole"], parts["confirm-recovery", "outside"]
    took = {
        "Aurora": seen.at["writer"] - called,
        "nodes": seen.at["nodes"] - first(calls, "SendCommand", called),
        "search": seen.at["search"] - first(calls, "_stop", called),
        "DNS": seen.at["name"] - published(rehearsal, flip["started_at"]),
    }
    # Of nothing does the world know the end before its beginning.
    assert all(ms > 0 for ms in took.values()), took
    elapsed = after["started_at"] - called
    path = took["Aurora"] + max(took["nodes"], took["search"]) + took["DNS"]
    print(f"\n{', '.join(f'{name} {ms} ms' for name, ms in took.items())}: critical path {path} ms")
    assert path <= elapsed, "what is waited for is a part of what passed"
    print(f"elapsed {elapsed} ms, {elapsed / path:.3f} times the critical path (at most {LIMIT})")
    assert elapsed <= LIMIT * path


class Seen:
    """When the world first had it so, in its milliseconds."""

    def __init__(self, rehearsal):
        self.rehearsal, self.at = rehearsal, {}

    def everything(self) -> bool:
        state = self.rehearsal.outside.world("GET", "state")
        here = next(it for it in state["regions"] if it["name"] == EAST)
        holds = {
            "writer": here["cluster"]["is_writer"],
            "nodes": bool(here["nodes"]) and all(it["healthy"] for it in here["nodes"]),
            "search": hot_leads(here["search"]),
            "name": {it["region"] for it in state["dns"]["resolvers"]} == {EAST},
        }
        for what in (what for what, so in holds.items() if so):
            self.at.setdefault(what, state["now_ms"])
        return len(self.at) == len(holds)


def hot_leads(search: dict[str, list[str]]) -> bool:
    """Whether what people feel first is no follower index any more: the three standing indices and the posts of the last two days."""
    daily = sorted(name for name in search["leads"] + search["follows"] if name.startswith("posts_"))
    hot = {"users", "channels", "files", *daily[-2:]}
    return len(hot) == 5 and hot <= set(search["leads"])


def published(rehearsal, since_ms: int) -> int:
    """When "taken over" was put, which the emulator keeps and the proxy saw, on the world's clock: both pass alike here. Each minute
    `reconcile` puts a flag too; before the flip it says 0."""
    apart_ms = rehearsal.clock.now_ms() - time.time() * 1000
    for line in (rehearsal.outside.work / "calls.jsonl").read_text().splitlines():
        call = json.loads(line)
        at_ms = round(call["at"] * 1000 + apart_ms)
        body = base64.b64decode(call["request_body_b64"] or "")
        is_flag = call["operation"] == "PutMetricData" and b"TakenOver" in body and TAKEN_OVER in body
        if is_flag and at_ms >= since_ms:
            return at_ms
    raise LookupError("no flag was published")


def first(calls: list[dict], operation: str, since_ms: int = 0) -> int:
    """When the first such call arrived, at or after a moment."""
    return next(it["at_ms"] for it in calls if it["operation"] == operation and it["at_ms"] >= since_ms)
