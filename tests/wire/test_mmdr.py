"""`mmdr` as a person has it, through the proxy like the functions: what it starts, follows, shows, and how it ends.

Its binary needs the feature `aws`: cargo build --package mmdr --features aws
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rig import stacks
from rig.document import ACCOUNT, EAST, NAME, WEST, document
from rig.rehearsal import SPEED

MMDR = Path(os.environ.get("MMDR_TARGET", stacks.ROOT / "target" / "debug")) / "mmdr"
# Seconds within which a whole dry run ends, and what it reads afterwards.
PATIENCE_S = 300


def knows_aws() -> bool:
    if not MMDR.exists():
        return False
    said = subprocess.run([MMDR, "--help"], capture_output=True, text=True, check=False)
    return "switchover" in said.stdout


class Terminal:
    """A laptop that knows the rehearsal's AWS and nothing else; the document is the one that the functions read."""

    def __init__(self, rehearsal):
        self.rehearsal = rehearsal
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(rehearsal.work),
            "AWS_ENDPOINT_URL": rehearsal.outside.endpoint,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "rehearsal",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_REGION": EAST,
            "MMDR_DEPLOYMENT": NAME,
            "MMDR_DOCUMENT": f"s3://{rehearsal.behind.bucket(EAST)}/deployment.toml",
            # The emulator has machines and no aliases; time-outs are those of the functions.
            "MMDR_MACHINE_ALIAS": "",
            "MMDR_HASTE": "5",
        }

    def mmdr(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [MMDR, *arguments], env=self.env, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )

    def json(self, *arguments: str, code: int = 0) -> dict:
        said = self.mmdr(*arguments, "--json")
        assert said.returncode == code, f"{arguments}: {said.returncode}\n{said.stdout}\n{said.stderr}"
        return json.loads(said.stdout)


@pytest.fixture
def terminal(rehearsal) -> Iterator[Terminal]:
    assert knows_aws(), f"{MMDR} is not built with --features aws"
    # Apart from the functions' own: the emulator tells histories less fully than AWS does.
    rehearsal.record = "tool.jsonl"
    rehearsal.begin(document())
    rehearsal.settled(WEST)
    rehearsal.outside.scale(SPEED)
    yield Terminal(rehearsal)
    rehearsal.record = "calls.jsonl"


def test_a_dry_switchover_from_a_terminal_goes_the_whole_way_and_changes_nothing(terminal):
    rehearsal, run = terminal.rehearsal, f"dry-mmdr-{int(time.time())}"
    before = len(rehearsal.outside.world("GET", "calls"))
    said = terminal.mmdr("switchover", "--to", EAST, "--reason", "a rehearsal", "--dry-run", "--run", run, "--json")
    assert said.returncode == 0, f"{said.stdout}\n{said.stderr}"
    told = json.loads(said.stdout)
    assert (told["run"], told["region"], told["status"], told["ending"]) == (run, EAST, "succeeded", "dry-run")
    # One line for each state that was entered, on standard error.
    assert "  open-run\n" in said.stderr and "  arm-dns\n" in said.stderr, said.stderr
    assert [it["operation"] for it in rehearsal.outside.world("GET", "calls")[before:] if it["mutates"]] == []
    assert rehearsal.through.writer(EAST) == WEST
    assert told["report"] == rehearsal.behind.report(EAST, run, dry_run=True)
    # What it left is read by the other commands.
    assert terminal.json("report", run) == told["report"]
    assert terminal.mmdr("report", run, "--html").stdout.lower().startswith("<!doctype html")
    assert terminal.json("follow", run)["ending"] == "dry-run"
    assert run in [it["run"] for it in terminal.json("runs")["runs"]]


def test_status_says_who_writes_and_that_a_dark_region_is_silent(terminal):
    told = terminal.json("status")
    assert told["writer"] == WEST and told["hold"] is None
    assert [it["answers"] for it in told["regions"]] == [True, True]
    terminal.rehearsal.outside.dark(WEST, True)
    told = terminal.json("status")
    answers = {it["region"]: it["answers"] for it in told["regions"]}
    assert answers == {WEST: False, EAST: True}
    assert "no answer in time" in next(it["silent_because"] for it in told["regions"] if it["region"] == WEST)


def test_readiness_from_a_terminal_is_what_the_machine_found(terminal):
    said = terminal.mmdr("check", "--to", EAST, "--json")
    assert said.returncode in (0, 3), f"{said.stdout}\n{said.stderr}"
    [found] = json.loads(said.stdout)["regions"]
    assert found["found"] == terminal.rehearsal.behind.record(EAST, f"runs/{found['run']}/readiness.json")
    assert found["ending"] == ("healthy" if said.returncode == 0 else "findings")


def test_what_does_not_fit_starts_nothing(terminal):
    before = len(terminal.rehearsal.behind.executions(EAST, "failover"))
    for arguments, words in (
        (("failover", "--to", EAST), "reason: expected why a person starts a failover"),
        (("failover", "--to", "eu-west-1", "--reason", "x"), "--to: expected"),
        (("approve", "fo-nobody", "--reason", "x"), "RUN: expected a run that asks"),
    ):
        said = terminal.mmdr(*arguments)
        assert said.returncode == 2 and words in said.stderr, said
    assert len(terminal.rehearsal.behind.executions(EAST, "failover")) == before
