"""The three engines: our own interpreter, moto's, and ministack's. Each runs one script at a time."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import boto3
from botocore.config import Config
from emulators import free_port, ministack_command, ministack_settings, python, server
from lambda_host import LambdaHost
from machines import DEPLOYMENT, REGION, ROOT, filled_in, steps, with_short_time_outs
from scripted import Script
from traces import Trace

HERE = Path(__file__).parent
LONGEST_RUN_S = 120
# Long enough for a function's first start on a busy machine, since an attempt that comes too late would not be counted.
SHORT_TIME_OUT_S = 2


class Reference:
    """Our own interpreter, under virtual time: the example `trace` of `shared/states`."""

    name = "ours"

    def __init__(self) -> None:
        self._program = os.environ.get("MMDR_TRACE") or self._build()

    @staticmethod
    def _build() -> str:
        cargo = ["cargo", "build", "--quiet", "--package", "mmdr-states", "--example", "trace"]
        subprocess.run(cargo, cwd=ROOT, check=True)
        return str(Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/examples/trace")

    def run(self, machine: dict, script: Script) -> Trace:
        return self.run_all(machine, [script])[0]

    def run_all(self, machine: dict, scripts: list[Script]) -> list[Trace]:
        """One machine, all of these scripts, in one process."""
        with tempfile.TemporaryDirectory() as folder:
            definition = Path(folder, f"{scripts[0].machine}.asl.json")
            definition.write_text(json.dumps(machine))
            stories = [Path(folder, f"{number}.json") for number in range(len(scripts))]
            for story, script in zip(stories, scripts, strict=True):
                story.write_text(script.as_json())
            told = subprocess.run([self._program, definition, *stories], capture_output=True, text=True)
        if told.returncode != 0:
            raise Refused(told.stderr)
        lines = [json.loads(line) for line in told.stdout.splitlines()]
        return [Trace(self.name, fields.pop("order"), **fields) for fields in lines]


class Refused(Exception):
    """Our own interpreter does not take the definition, or the execution never ends by itself."""


class StepFunctions:
    """An engine behind the Step Functions API, with the scripted host as its Lambda."""

    name: str
    account: str
    tells_branches: bool
    # moto takes any key; ministack takes a key of twelve digits for the account.
    keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}

    def __init__(self, endpoint: str, host: LambdaHost):
        self.endpoint, self.host = endpoint, host
        self.client = self._client("stepfunctions")
        self._numbers = itertools.count(1)
        host.wake = lambda token, output: self.client.send_task_success(taskToken=token, output=output)

    def _client(self, service: str):
        config = Config(retries={"total_max_attempts": 1})
        return boto3.client(service, region_name=REGION, endpoint_url=self.endpoint, config=config, **self.keys)

    def run(self, machine: dict, script: Script) -> Trace:
        shortened = with_short_time_outs(machine, script.silent_calls(), SHORT_TIME_OUT_S)
        self.prepare(steps(machine))
        performance = self.host.perform(script)
        try:
            created = self.client.create_state_machine(
                name=f"mmdr-{DEPLOYMENT}-{script.machine}-{next(self._numbers)}",
                definition=filled_in(shortened, self.account),
                roleArn=f"arn:aws:iam::{self.account}:role/machines",
            )
            arn = self.client.start_execution(
                stateMachineArn=created["stateMachineArn"], name="run", input=json.dumps(script.input)
            )["executionArn"]
            ended = self._wait_for(arn)
        finally:
            self.host.finish()
        output = json.loads(ended["output"]) if ended["status"] == "SUCCEEDED" else None
        entered, error, cause = self._history(arn)
        return Trace(self.name, performance.calls, entered, ended["status"], error, cause, output, self.tells_branches)

    def prepare(self, steps: set[str]) -> None:
        """Makes the functions of these steps."""

    def _wait_for(self, arn: str) -> dict:
        deadline = time.monotonic() + LONGEST_RUN_S
        while time.monotonic() < deadline:
            ended = self.client.describe_execution(executionArn=arn)
            if ended["status"] != "RUNNING":
                return ended
            time.sleep(0.05)
        raise TimeoutError(f"{self.name}: {arn} still runs after {LONGEST_RUN_S} s")

    def _history(self, arn: str) -> tuple[list[str], str | None, str | None]:
        pages = self.client.get_paginator("get_execution_history").paginate(executionArn=arn)
        entered, error, cause = [], None, None
        for event in itertools.chain.from_iterable(page["events"] for page in pages):
            if event["type"].endswith("StateEntered"):
                entered.append(event["stateEnteredEventDetails"]["name"])
            if event["type"] == "ExecutionFailed":
                failed = event["executionFailedEventDetails"]
                error, cause = failed.get("error"), failed.get("cause")
        return entered, error, cause


class Moto(StepFunctions):
    name, account, tells_branches = "moto", "123456789012", True


class Ministack(StepFunctions):
    name, account, tells_branches = "ministack", "000000000000", False

    def __init__(self, endpoint: str, host: LambdaHost):
        super().__init__(endpoint, host)
        self._functions = self._client("lambda")
        self._made: set[str] = set()

    def prepare(self, steps: set[str]) -> None:
        for step in sorted(steps - self._made):
            self._functions.create_function(
                FunctionName=f"mmdr-{DEPLOYMENT}-{step}",
                Runtime="provided.al2023",
                Handler="bootstrap",
                Role=f"arn:aws:iam::{self.account}:role/functions",
                Timeout=LONGEST_RUN_S,
                Code={"ZipFile": bootstrap_zip()},
                Environment={"Variables": {"SCRIPTED_HOST": self.host.endpoint.removeprefix("http://")}},
            )
            self._made.add(step)


def bootstrap_zip() -> bytes:
    entry = zipfile.ZipInfo("bootstrap")
    entry.external_attr = 0o755 << 16
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(entry, f"#!{sys.executable}\n{(HERE / 'bootstrap.py').read_text()}")
    return held.getvalue()


@contextlib.contextmanager
def moto() -> Iterator[Moto]:
    port = free_port()
    with (
        contextlib.closing(LambdaHost()) as host,
        server([python("moto"), HERE / "moto_server.py", str(port), host.endpoint], port) as url,
    ):
        config = json.dumps({"stepfunctions": {"execute_state_machine": True}}).encode()
        urllib.request.urlopen(f"{url}/moto-api/config", config).read()
        yield Moto(url, host)


@contextlib.contextmanager
def ministack() -> Iterator[Ministack]:
    port = free_port()
    settings = ministack_settings(port) | {"SFN_WAIT_SCALE": "0"}
    with contextlib.closing(LambdaHost()) as host, server(ministack_command(), port, settings) as url:
        yield Ministack(url, host)
