"""The deployment document of a rehearsal: the runbook's example, with a policy of the scenario's own."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
WEST, EAST, THIRD = "us-west-1", "us-east-1", "us-east-2"
NAME = "acme-chat"
ACCOUNT = "123456789012"


def seed() -> dict:
    return tomllib.loads((ROOT / "examples" / "seed-runbook.toml").read_text())


def document(**policy) -> dict:
    """With a third witness, so that a scenario may do without a person."""
    found = seed()
    found["witnesses"]["third_region"] = THIRD
    # The shortest pause between moves: a rehearsal has several.
    found["policy"] |= {"anti_flap_s": 600} | policy
    return found


def region(found: dict, name: str) -> dict:
    return next(it for it in found["regions"] if it["name"] == name)


def text(found: dict) -> str:
    return json.dumps(found)


def credentials() -> dict[str, str]:
    """The emulator takes a key of twelve digits for the account's root."""
    return {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "rehearsal", "AWS_DEFAULT_REGION": EAST}
