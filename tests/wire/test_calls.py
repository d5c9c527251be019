"""Every call that the functions made in all scenarios, compared with what the documentation says that they may make.

After all scenarios, whose records it reads. The operator's tool has a record of its own: a person may do more than a function.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from rig.document import ROOT

# What IAM calls an operation, where it is not the operation's own name (Service Authorization Reference).
ACTIONS = {
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:PutBucketReplication": "s3:PutReplicationConfiguration",
    "lambda:Invoke": "lambda:InvokeFunction",
}
# What needs no permission (STS API, GetCallerIdentity).
FREE = {"sts:GetCallerIdentity"}
# What a signature calls a service, where IAM calls it otherwise.
SERVICES = {"monitoring": "cloudwatch"}


def recorded() -> list[dict]:
    """What every rehearsal beside this one has recorded of the functions."""
    records = Path(os.environ["MMDR_WIRE_WORK"]).glob("*/calls.jsonl")
    return [json.loads(line) for record in records for line in record.read_text().splitlines()]


def test_the_functions_made_only_calls_that_are_documented():
    documented = json.loads((ROOT / "docs" / "permissions.json").read_text())
    scopes = [scope for function in documented.values() for name, scope in function.items() if name != "calls"]
    allowed = {action for scope in scopes for action in scope}
    made = {}
    for call in recorded():
        if "aws-sdk-rust" in call["request_headers"].get("User-Agent", ""):
            name = f"{SERVICES.get(call['service'], call['service'])}:{call['operation']}"
            made.setdefault(ACTIONS.get(name, name), call)
    assert len(made) > 20, sorted(made)
    assert sorted(set(made) - allowed - FREE) == []
