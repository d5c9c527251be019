"""What each function may do by template.yaml: which actions, in which of the Regions, on what.

One `AWS::IAM::Policy` is one capability and lists the roles that have it. Conditions of the template, and both branches of an
`!If`, count as there. Policies called `lambda-…` are what running as a function takes (logs, dead letters, keys) and are left
out of the comparison with what the steps' calls need.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
REGIONS = ("own", "other", "third", "global")
OF_NO_REGION = ("iam:", "route53:")
ASKED_IN = {"${AWS::Region}": "own", "${OtherRegion}": "other", "${ThirdRegion}": "third"}


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms written out."""


def _tagged(loader: Loader, suffix: str, node: yaml.Node) -> dict:
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


Loader.add_multi_constructor("!", _tagged)


def template(name: str = "template.yaml") -> dict:
    return yaml.load((ROOT / name).read_text(), Loader)


def needed() -> dict[str, dict]:
    """What the calls of each function need, as found in the source."""
    return json.loads((ROOT / "docs" / "permissions.json").read_text())


def flat(value: object) -> list:
    """Every value that may stand there, whichever branch is taken."""
    if value == {"Ref": "AWS::NoValue"}:
        return []
    if isinstance(value, list):
        return [it for inner in value for it in flat(inner)]
    if isinstance(value, dict) and list(value) == ["Fn::If"]:
        return flat(value["Fn::If"][1:])
    return [value]


def text(value: object) -> str:
    """A value with its references as `${Name}`."""
    if isinstance(value, str):
        return value
    if "Ref" in value:
        return f"${{{value['Ref']}}}"
    if "Fn::GetAtt" in value:
        name = value["Fn::GetAtt"]
        return f"${{{name if isinstance(name, str) else '.'.join(name)}}}"
    if "Fn::Sub" in value:
        inner = value["Fn::Sub"]
        return inner if isinstance(inner, str) else inner[0] + json.dumps(inner[1])
    raise ValueError(f"a resource in a form that is not known: {value}")


def statements(found: dict) -> list[tuple[str, list[str], dict]]:
    """Policy name, roles, and statement, for every statement of every inline policy."""
    policies = [it["Properties"] for it in found["Resources"].values() if it["Type"] == "AWS::IAM::Policy"]
    return [
        (text(it["PolicyName"]), [role["Ref"] for role in it["Roles"]], statement)
        for it in policies
        for statement in flat(it["PolicyDocument"]["Statement"])
    ]


def region_of(action: str, resource: object, statement: dict) -> set[str]:
    """Where a statement allows an action: as its condition says, or as its resource's ARN says."""
    if action.startswith(OF_NO_REGION):
        return {"global"}
    asked = statement.get("Condition", {}).get("StringEquals", {}).get("aws:RequestedRegion")
    if asked is not None:
        return {ASKED_IN[text(it)] for it in flat(asked)}
    where = text(resource)
    if where.startswith("${OffSiteVaults"):
        return set()
    return {"other" if "${Other" in where or '"Ref": "Other' in where else "own"}


def allowed(found: dict) -> dict[str, dict[str, set[str]]]:
    """By function, by Region: the actions that its role has."""
    by_role: dict[str, dict[str, set[str]]] = defaultdict(lambda: {it: set() for it in REGIONS})
    for policy, roles, statement in statements(found):
        if policy.startswith("lambda-"):
            continue
        for action in flat(statement["Action"]):
            for resource in flat(statement["Resource"]):
                for where in region_of(action, resource, statement):
                    for role in roles:
                        by_role[role][where].add(action)
    return {function: by_role[role] for function, role in roles_of(found).items()}


def roles_of(found: dict) -> dict[str, str]:
    """Each function's role, by the function's folder."""
    functions = {
        name: it["Properties"] for name, it in found["Resources"].items() if it["Type"] == "AWS::Serverless::Function"
    }
    return {folder(name): it["Role"]["Fn::GetAtt"].split(".")[0] for name, it in functions.items()}


def folder(logical_id: str) -> str:
    """`SwitchDatabaseFunction` is `switch-database`."""
    return re.sub(r"(?<!^)([A-Z])", r"-\1", logical_id.removesuffix("Function")).lower()


def differences(found: dict, wanted: dict[str, dict]) -> list[str]:
    """A call without a permission, a permission without a call."""
    have, told = allowed(found), []
    for function in sorted(set(have) | set(wanted)):
        for where in REGIONS:
            may = have.get(function, {}).get(where, set())
            need = set(wanted.get(function, {}).get(where, []))
            told += [f"{function}: {action} in {where} is allowed, and no call needs it" for action in sorted(may - need)]
            told += [f"{function}: {action} in {where} is needed, and not allowed" for action in sorted(need - may)]
    return told
