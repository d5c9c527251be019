"""How much longer a failover takes than what it waits for: `tests/outside overhead`. A benchmark, not a test of CI.

Elapsed: from Aurora's acceptance of the call until everybody's resolver leads to the new Region and the run knows it. Critical
path: what Aurora, the nodes and DNS took by themselves, as the world knows, each from the request that began it. Real time
and the world's pass alike here, so that a look costs what it costs.
"""

from __future__ import annotations

from rig.document import EAST, WEST, document

LIMIT = 1.15
# Real seconds: a failover of the world's sizes takes about four minutes.
PATIENCE_S = 900


def test_a_failover_takes_little_longer_than_what_it_waits_for(rehearsal):
    rehearsal.begin(document(approval="never", loss_limit_s=3600))
    rehearsal.settled(WEST)
    # That the witnesses notice is no part of what is measured.
    rehearsal.dark_for_minutes(WEST)
    rehearsal.outside.scale(1.0)
    arn = rehearsal.start(EAST, "failover")
    led = rehearsal.until("a public name that leads here", lambda: everybody_is_led_here(rehearsal), PATIENCE_S)
    ended = rehearsal.ended(EAST, arn, PATIENCE_S)
    report = rehearsal.behind.report(EAST, ended["name"])
    assert ended["status"] == "SUCCEEDED", report["sentence"]
    story = {it["text"]: it["at_ms"] for it in rehearsal.outside.world("GET", "story")}
    calls = [it for it in rehearsal.outside.world("GET", "calls") if it["mutates"]]
    called = first(calls, "FailoverGlobalCluster")
    aurora = at(story, "Aurora promotes") - called
    nodes = at(story, f"all 2 Mattermost nodes in {EAST} are serving") - first(calls, "SendCommand")
    done = {(it["step"], it["part"]): it for it in report["parts"]}
    flip = done["flip-dns", "whole"]
    dns = led - flip["started_at"]
    elapsed = flip["ended_at"] - called
    path = aurora + nodes + dns
    print(f"\nAurora {aurora} ms, nodes {nodes} ms, DNS {dns} ms: critical path {path} ms")
    print(f"elapsed {elapsed} ms, {elapsed / path:.3f} times the critical path (at most {LIMIT})")
    assert elapsed <= LIMIT * path


def everybody_is_led_here(rehearsal) -> int | None:
    """The world's time when no resolver leads to the lost Region any more."""
    found = rehearsal.outside.world("GET", "dns")
    return rehearsal.clock.now_ms() if {it["region"] for it in found["resolvers"]} == {EAST} else None


def first(calls: list[dict], operation: str) -> int:
    return next(it["at_ms"] for it in calls if it["operation"] == operation)


def at(story: dict[str, int], beginning: str) -> int:
    return next(at_ms for text, at_ms in story.items() if text.startswith(beginning))
