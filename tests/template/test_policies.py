"""Least privilege, held by machine: a function may do what its calls need, and nothing else."""

from __future__ import annotations

import copy

from policies import allowed, differences, flat, needed, roles_of, statements, template, text

# Mutating actions that AWS lets nobody tie to a resource, each with what binds it instead, or why nothing can.
FORCED = {
    "cloudwatch:PutMetricData": "cloudwatch:namespace",
    "es:AcceptInboundConnection": None,
    "es:DeleteOutboundConnection": None,
    "s3:CreateJob": "s3:RequestJobOperation",
    "states:SendTaskSuccess": None,
}
READS = ("Describe", "Get", "List", "Head", "ESHttpGet")


def test_every_function_may_do_exactly_what_its_calls_need():
    assert differences(template(), needed()) == []


def test_every_function_has_a_role_of_its_own():
    roles = roles_of(template())
    assert len(roles) == 19
    assert len(set(roles.values())) == len(roles)


def test_a_mutating_action_names_its_resource_unless_aws_forbids_it():
    for policy, _, statement in statements(template()):
        for action in flat(statement["Action"]):
            name = action.split(":")[1]
            if name.startswith(READS) or "*" not in [text(it) for it in flat(statement["Resource"])]:
                continue
            assert action in FORCED, f"{policy}: {action} on every resource"
            condition = FORCED[action]
            if condition is not None:
                keys = {key for it in statement.get("Condition", {}).values() for key in it}
                assert condition in keys, f"{policy}: {action} without {condition}"


def test_no_action_is_a_pattern():
    for policy, _, statement in statements(template()):
        for action in flat(statement["Action"]):
            assert "*" not in action, f"{policy}: {action}"


def test_a_command_is_bound_to_our_documents_and_to_tagged_nodes():
    found = [it for _, _, it in statements(template()) if "ssm:SendCommand" in flat(it["Action"])]
    assert found
    resources = [text(it) for statement in found for it in flat(statement["Resource"])]
    assert not any(it == "*" for it in resources)
    assert any(":document/mmdr-" in it for it in resources)
    on_instances = [it for it in found if any(":instance/" in text(r) for r in flat(it["Resource"]))]
    assert on_instances and all("ssm:resourceTag/mmdr-group" in str(it.get("Condition")) for it in on_instances)


def test_only_the_step_that_moves_the_database_may_move_it():
    may = {name: rights["own"] | rights["other"] for name, rights in allowed(template()).items()}
    for action in ("rds:FailoverGlobalCluster", "rds:SwitchoverGlobalCluster", "rds:RemoveFromGlobalCluster"):
        assert [name for name, actions in may.items() if action in actions] == ["switch-database"]


def test_one_permission_taken_away_or_added_is_found():
    for change in ("take", "add"):
        found = copy.deepcopy(template())
        policies = [it["Properties"] for it in found["Resources"].values() if it["Type"] == "AWS::IAM::Policy"]
        statement = next(
            s
            for it in policies
            if not text(it["PolicyName"]).startswith("lambda-")
            for s in flat(it["PolicyDocument"]["Statement"])
            if isinstance(s["Action"], str) or s["Action"]
        )
        actions = flat(statement["Action"])
        statement["Action"] = actions[1:] if change == "take" else [*actions, "rds:DeleteDBCluster"]
        assert differences(found, needed()) != [], change
