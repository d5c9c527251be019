"""IAM is asked for everything that the emulator hosts: one permission less is one named error."""

from __future__ import annotations

import json
import time

from rig.document import EAST, NAME, WEST, document


def test_a_permission_taken_away_is_a_named_error_that_says_which(rehearsal):
    rehearsal.begin(document())
    rehearsal.settled(WEST)
    due = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(rehearsal.clock.now_ms() / 1000))
    event = {"kind": "verify-backups", "scheduled_time": due}
    with without(rehearsal, EAST, "start-move", "states:StartExecution"):
        said = rehearsal.invoke(EAST, "start-move", event)["previous"]
        assert (said["outcome"], said["code"]) == ("Refuse", "CallRefused"), said
        assert said["sentence"].startswith(f"states:StartExecution in {EAST}: not allowed"), said
        assert rehearsal.running(EAST, "verify-backups") == []
    assert rehearsal.invoke(EAST, "start-move", event)["previous"]["outcome"] == "Acted"


class without:
    """The policies of a function's role, one action less, for a while."""

    def __init__(self, rehearsal, region: str, function: str, action: str):
        self.iam, self.action = rehearsal.behind.client("iam", region), action
        client = rehearsal.behind.client("lambda", region)
        arn = client.get_function_configuration(FunctionName=f"mmdr-{NAME}-{function}")["Role"]
        self.role, self.kept = arn.rsplit("/", 1)[1], {}

    def __enter__(self) -> None:
        for name in self.iam.list_role_policies(RoleName=self.role)["PolicyNames"]:
            found = self.iam.get_role_policy(RoleName=self.role, PolicyName=name)["PolicyDocument"]
            less = [it for it in found["Statement"] if self.action not in listed(it["Action"])]
            if less != found["Statement"]:
                self.kept[name] = found
                self.iam.delete_role_policy(RoleName=self.role, PolicyName=name)
        assert self.kept, f"no policy of {self.role} has {self.action}"

    def __exit__(self, *_: object) -> None:
        for name, found in self.kept.items():
            self.iam.put_role_policy(RoleName=self.role, PolicyName=name, PolicyDocument=json.dumps(found))


def listed(value: object) -> list[str]:
    return value if isinstance(value, list) else [str(value)]
