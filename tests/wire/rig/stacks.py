"""Building, packaging and deploying: the real binaries, the real template, `sam deploy` into both Regions."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

from . import secrets
from .document import EAST, NAME, ROOT, THIRD, WEST, credentials, seed
from .eyes import Eyes
from .public_name import zone

FUNCTIONS = sorted(it.name for it in (ROOT / "functions").iterdir() if (it / "src" / "main.rs").exists())


def built(target: Path, work: Path) -> Path:
    """A folder per function with its bootstrap, without debug information: an emulator unpacks it often."""
    code = work / "code"
    for name in FUNCTIONS:
        folder = code / name
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["strip", "--strip-all", "-o", folder / "bootstrap", target / name], check=True)
    return code


# What the emulator cannot judge: it speaks plain HTTP, knows no namespace of a metric, and no health check as a resource.
BEYOND_IT = [
    ("Condition: {Bool: {'aws:SecureTransport': 'false'}}", "Condition: {StringEquals: {'aws:PrincipalAccount': '000000000000'}}"),
    ("\n                cloudwatch:namespace: MattermostDR", ""),
    ("!Sub arn:${AWS::Partition}:route53:::healthcheck/*", "'*'"),
]
# Task time-outs pass in real time: a question that sleeps for five minutes would sleep longer than any scenario.
SLEEP = ('"TimeoutSeconds": 300', '"TimeoutSeconds": 20')


def packaged(code: Path, work: Path) -> Path:
    """The template as `sam build` leaves it: every CodeUri is a folder with a bootstrap.

    Changed besides: `BEYOND_IT`, and how long a question sleeps before it looks whether it is answered.
    """
    text = (ROOT / "template.yaml").read_text()
    text = re.sub(r"(?m)^(\s*)CodeUri: functions/([a-z-]+)/$", rf"\1CodeUri: {code}/\2/", text)
    machines = work / "statemachines"
    machines.mkdir(exist_ok=True)
    for path in (ROOT / "statemachines").glob("*.json"):
        (machines / path.name).write_text(path.read_text().replace(*SLEEP))
    text = re.sub(r"(?m)^(\s*)DefinitionUri: statemachines/", rf"\1DefinitionUri: {machines}/", text)
    for said, instead in BEYOND_IT:
        assert said in text, f"the template says no more: {said}"
        text = text.replace(said, instead)
    path = work / "template.yaml"
    path.write_text(text)
    return path


def parameters(name: str, hosted_zone: str, resolvers: list[str], arns: dict[str, dict[str, str]]) -> list[str]:
    """What samconfig.toml says for a Region, and what an emulator needs besides."""
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    said = config[name]["deploy"]["parameters"]["parameter_overrides"]
    besides = [*secrets.parameters(name, arns), f"HostedZone={hosted_zone}", f"ThirdRegion={THIRD}", "DocumentIn=bucket"]
    besides += ["Architecture=x86_64", "Emulated=true", f"Resolvers={','.join(resolvers)}"]
    replaced = {it.split("=", 1)[0] for it in besides}
    return [*(it for it in said if it.split("=", 1)[0] not in replaced), *besides]


def deploy(sam: Path, template: Path, endpoint: str, resolvers: list[str], logs: Path) -> None:
    """Into both Regions."""
    eyes = Eyes(endpoint)
    arns, hosted_zone = secrets.made(eyes), zone(eyes, seed()["dns"]["public_name"])
    for name in (WEST, EAST):
        deploy_one(sam, template, endpoint, logs, name, parameters(name, hosted_zone, resolvers, arns))


def deploy_one(sam: Path, template: Path, endpoint: str, logs: Path, name: str, values: list[str]) -> None:
    work = logs / f"sam-{name}"
    work.mkdir(parents=True, exist_ok=True)
    command = [
        str(sam), "deploy", "--template-file", str(template), "--stack-name", f"mmdr-{NAME}-{name}", "--region", name,
        "--resolve-s3", "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--no-confirm-changeset",
        "--no-fail-on-empty-changeset", "--no-progressbar", "--parameter-overrides", *values,
    ]  # fmt: skip
    env = {**os.environ, **credentials(), "AWS_ENDPOINT_URL": endpoint, "SAM_CLI_TELEMETRY": "0", "HOME": str(work)}
    done = subprocess.run(command, cwd=work, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    (logs / f"sam-deploy-{name}.log").write_text(done.stdout + done.stderr)
    if done.returncode != 0:
        raise RuntimeError(f"sam deploy in {name} ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
