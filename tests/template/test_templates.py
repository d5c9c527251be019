"""The templates are what AWS's own tools call right, and they name what the code names."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from policies import ROOT, template

TEMPLATES = ["template.yaml", "dns.yaml", "witness.yaml"]
SAM = os.environ.get("MMDR_SAM", "sam")


@pytest.mark.parametrize("name", TEMPLATES)
def test_cfn_lint_finds_nothing(name):
    done = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), "--template", ROOT / name], capture_output=True, text=True, cwd=ROOT
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


@pytest.mark.parametrize("name", TEMPLATES)
def test_sam_validate_finds_nothing(name, tmp_path):
    env = {**os.environ, "HOME": str(tmp_path), "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1"}
    command = [SAM, "validate", "--lint", "--template-file", str(ROOT / name)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr


def functions() -> dict[str, dict]:
    found = template()["Resources"]
    return {name: it for name, it in found.items() if it["Type"] == "AWS::Serverless::Function"}


def test_every_folder_of_functions_is_deployed_and_built_as_its_own_binary():
    deployed = {it["Metadata"]["BuildProperties"]["Binary"]: it["Properties"]["CodeUri"] for it in functions().values()}
    folders = sorted(it.name for it in (ROOT / "functions").iterdir() if (it / "src" / "main.rs").exists())
    assert sorted(deployed) == folders
    assert all(code == f"functions/{name}/" for name, code in deployed.items())


def test_every_function_is_called_after_the_deployment_and_its_folder():
    for it in functions().values():
        binary = it["Metadata"]["BuildProperties"]["Binary"]
        assert it["Properties"]["FunctionName"] == {"Fn::Sub": f"mmdr-${{Deployment}}-{binary}"}


def machines() -> dict[str, dict]:
    found = template()["Resources"]
    return {name: it for name, it in found.items() if it["Type"] == "AWS::Serverless::StateMachine"}


def test_every_machine_is_deployed_and_may_invoke_exactly_the_functions_that_it_names():
    files = {it.name: it.read_text() for it in (ROOT / "statemachines").glob("*.asl.json")}
    deployed = {Path(it["Properties"]["DefinitionUri"]).name: it["Properties"] for it in machines().values()}
    assert sorted(deployed) == sorted(files)
    for name, properties in deployed.items():
        named = {it.removesuffix("Arn") for it in re.findall(r"\$\{([A-Za-z]+)\}", files[name])}
        assert named <= {it.removesuffix("Arn") for it in properties["DefinitionSubstitutions"]}, name
        statements = [it for policy in properties["Policies"] for it in policy["Statement"]]
        invokes = [it["Resource"] for it in statements if it["Action"] == "lambda:InvokeFunction"]
        resources = [it for found in invokes for it in (found if isinstance(found, list) else [found])]
        assert {it["Fn::GetAtt"].removesuffix(".Arn") for it in resources} == named, name


def test_samconfig_names_only_parameters_that_the_template_has_and_every_one_without_a_default():
    import tomllib

    parameters = template()["Parameters"]
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    for region in ("us-west-1", "us-east-1"):
        said = dict(it.split("=", 1) for it in config[region]["deploy"]["parameters"]["parameter_overrides"])
        assert set(said) <= set(parameters), region
        assert {name for name, it in parameters.items() if "Default" not in it} <= set(said), region


def test_samconfig_says_what_the_example_document_says():
    import tomllib

    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    document = tomllib.loads((ROOT / "examples" / "seed-runbook.toml").read_text())
    regions = {it["name"]: it for it in document["regions"]}
    for here, there in (("us-west-1", "us-east-1"), ("us-east-1", "us-west-1")):
        said = dict(it.split("=", 1) for it in config[here]["deploy"]["parameters"]["parameter_overrides"])
        own, other = regions[here], regions[there]
        wanted = {
            "Deployment": document["name"],
            "OtherRegion": there,
            "LedgerBucket": own["ledger_bucket"],
            "OtherLedgerBucket": other["ledger_bucket"],
            "GlobalCluster": document["database"]["global_cluster"],
            "Cluster": own["cluster_arn"].rsplit(":", 1)[1],
            "SearchDomain": own["search_domain"],
            "SearchCredentials": own["search_credentials"],
            "MattermostToken": own["mattermost_token"],
            "NodesGroup": own["nodes"]["group"],
            "TargetGroup": own["nodes"]["target_group_arn"],
            "JobFlagsParameter": own["nodes"]["job_flags_parameter"],
            "FilesBucket": own["files_bucket"],
            "OtherFilesBucket": other["files_bucket"],
            "PublicName": document["dns"]["public_name"],
            "HostedZone": document["dns"]["hosted_zone_id"],
        }
        assert {name: said[name] for name in wanted} == wanted


def test_nothing_secret_stands_in_a_template_or_in_its_values():
    for name in [*TEMPLATES, "samconfig.toml"]:
        text = (ROOT / name).read_text()
        assert not re.search(r"(?i)(password|token|secret)\s*[:=]\s*[\"']?(?!arn:|!|\{|\$)[A-Za-z0-9/+]{16,}", text), name


def test_the_examples_of_events_are_json():
    for path in (ROOT / "events").glob("*.json"):
        json.loads(path.read_text())
