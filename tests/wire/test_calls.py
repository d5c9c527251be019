"""Every call that the functions made in all scenarios, compared with what the documentation says that they may make.

After all scenarios of the functions, whose record it reads, and before those of the operator's tool.
"""

from __future__ import annotations

import json

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


def test_the_functions_made_only_calls_that_are_documented(rehearsal):
    documented = json.loads((ROOT / "docs" / "permissions.json").read_text())
    scopes = [scope for function in documented.values() for name, scope in function.items() if name != "calls"]
    allowed = {action for scope in scopes for action in scope}
    made = {}
    for line in (rehearsal.work / "calls.jsonl").read_text().splitlines():
        call = json.loads(line)
        if "aws-sdk-rust" in call["request_headers"].get("User-Agent", ""):
            name = f"{SERVICES.get(call['service'], call['service'])}:{call['operation']}"
            made.setdefault(ACTIONS.get(name, name), call)
    assert len(made) > 20, sorted(made)
    assert sorted(set(made) - allowed - FREE) == []
