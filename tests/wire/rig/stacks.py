"""Building, packaging and deploying: the real binaries, the real template, `sam deploy` into both Regions."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

from .document import ACCOUNT, EAST, NAME, ROOT, THIRD, WEST

FUNCTIONS = sorted(it.name for it in (ROOT / "functions").iterdir() if (it / "src" / "main.rs").exists())


def built(target: Path, work: Path) -> Path:
    """A folder per function with its bootstrap, without debug information: an emulator unpacks it often."""
    code = work / "code"
    for name in FUNCTIONS:
        folder = code / name
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["strip", "--strip-all", "-o", folder / "bootstrap", target / name], check=True)
    return code


def packaged(code: Path, work: Path) -> Path:
    """The template as `sam build` leaves it: every CodeUri is a folder with a bootstrap. Nothing else is changed."""
    text = (ROOT / "template.yaml").read_text()
    text = re.sub(r"(?m)^(\s*)CodeUri: functions/([a-z-]+)/$", rf"\1CodeUri: {code}/\2/", text)
    text = re.sub(r"(?m)^(\s*)DefinitionUri: statemachines/", rf"\1DefinitionUri: {ROOT}/statemachines/", text)
    path = work / "template.yaml"
    path.write_text(text)
    return path


def parameters(name: str) -> list[str]:
    """What samconfig.toml says for a Region, and what an emulator needs besides."""
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    said = config[name]["deploy"]["parameters"]["parameter_overrides"]
    return [*said, f"ThirdRegion={THIRD}", "DocumentIn=bucket", "Architecture=x86_64", "Emulated=true"]


def deploy(sam: Path, template: Path, endpoint: str, logs: Path) -> None:
    """Into both Regions."""
    for name in (WEST, EAST):
        deploy_one(sam, template, endpoint, logs, name)


def deploy_one(sam: Path, template: Path, endpoint: str, logs: Path, name: str) -> None:
    work = logs / f"sam-{name}"
    work.mkdir(parents=True, exist_ok=True)
    command = [
        str(sam), "deploy", "--template-file", str(template), "--stack-name", f"mmdr-{NAME}-{name}", "--region", name,
        "--resolve-s3", "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--no-confirm-changeset",
        "--no-fail-on-empty-changeset", "--no-progressbar", "--parameter-overrides", *parameters(name),
    ]  # fmt: skip
    env = {**os.environ, **credentials(), "AWS_ENDPOINT_URL": endpoint, "SAM_CLI_TELEMETRY": "0", "HOME": str(work)}
    done = subprocess.run(command, cwd=work, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    (logs / f"sam-deploy-{name}.log").write_text(done.stdout + done.stderr)
    if done.returncode != 0:
        raise RuntimeError(f"sam deploy in {name} ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")


def credentials() -> dict[str, str]:
    """The emulator takes a key of twelve digits for the account."""
    return {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "rehearsal", "AWS_DEFAULT_REGION": EAST}
