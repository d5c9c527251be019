"""The rig is built once, deployed once, and every scenario begins in a world at peace."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from rig import stacks
from rig.clock import Clock
from rig.outside import Outside
from rig.rehearsal import Rehearsal


@pytest.fixture(scope="session")
def work() -> Path:
    return Path(os.environ.get("MMDR_WIRE_WORK") or tempfile.mkdtemp(prefix="mmdr-wire-"))


@pytest.fixture(scope="session")
def rehearsal(work: Path):
    work.mkdir(parents=True, exist_ok=True)
    target = Path(os.environ.get("MMDR_TARGET", stacks.ROOT / "target" / "debug"))
    clock = Clock(work / "clock.json")
    outside = Outside(work, target / "mmdr-wire", clock)
    try:
        outside.start()
        code = stacks.built(target, work)
        sam, template = Path(os.environ.get("MMDR_SAM", "sam")), stacks.packaged(code, work)
        stacks.deploy(sam, template, outside.emulator, outside.door["resolvers"], work / "logs")
        yield Rehearsal(outside, clock, work)
    finally:
        outside.end()
