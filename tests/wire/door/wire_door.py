"""The wire door as a process, a clock that a test moves, and clients whose every answer is held against botocore's model.

`MMDR_WIRE` names the binary; without it `target/debug/mmdr-wire` is taken.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import boto3
from botocore.config import Config
from shapes import check

ROOT = Path(__file__).resolve().parents[3]
BINARY = os.environ.get("MMDR_WIRE", str(ROOT / "target" / "debug" / "mmdr-wire"))
BEGINS_MS = 1_795_230_000_000  # 2026-11-21T03:00:00Z
WEST, EAST = "us-west-1", "us-east-1"
ACCOUNT = "123456789012"
CLUSTERS = {
    WEST: f"arn:aws:rds:{WEST}:{ACCOUNT}:cluster:acme-chat-west",
    EAST: f"arn:aws:rds:{EAST}:{ACCOUNT}:cluster:acme-chat-east",
}


class Door:
    """One world behind one door."""

    def __init__(self, folder: Path, *arguments: str, setup: dict | None = None):
        self.clock, self.recorded, self.virtual_ms = folder / "clock.json", folder / "record.jsonl", BEGINS_MS
        self._write_clock(BEGINS_MS)
        (folder / "setup.json").write_text(json.dumps({"people": 20, **(setup or {})}))
        command = [BINARY, "--port", "0", "--dns-ports", "0,0,0,0,0,0", "--public-port", "0", "--clock", self.clock]
        command += ["--record", self.recorded, "--setup", folder / "setup.json", "--token", "right", *arguments]
        self.process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)
        self.addresses = json.loads(self.process.stdout.readline())

    def _write_clock(self, virtual_ms: int) -> None:
        reading = {"real_ms": int(time.time() * 1000), "virtual_ms": virtual_ms, "scale": 1.0}
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(json.dumps(reading))
        fresh.replace(self.clock)
        self.reading = reading

    def now_ms(self) -> int:
        return self.reading["virtual_ms"] + int(time.time() * 1000) - self.reading["real_ms"]

    def pass_s(self, seconds: float) -> None:
        """Lets so many seconds pass at once."""
        self._write_clock(self.now_ms() + int(seconds * 1000))

    def client(self, service: str, region: str, patience_s: float = 5):
        config = Config(retries={"total_max_attempts": 1}, read_timeout=patience_s, s3={"addressing_style": "path"})
        client = boto3.client(
            service,
            region_name=region,
            endpoint_url=self.addresses["aws"],
            aws_access_key_id="AKID",
            aws_secret_access_key="secret",
            config=config,
        )
        client.meta.events.register("after-call", check)
        return client

    def world(self, path: str, body: dict | str | None = None, method: str | None = None):
        """Asks the harness's part."""
        data = body if isinstance(body, str) or body is None else json.dumps(body)
        status, answer, _ = self.http(f"{self.addresses['aws']}/_world/{path}", data, method)
        assert status == 200, answer
        return answer

    def http(self, url: str, body: str | None = None, method: str | None = None, patience_s: float = 5, **headers: str):
        """One plain request: status, JSON or text, headers."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body.encode() if body is not None else None
        request = urllib.request.Request(url, data, {"Content-Type": "application/json", **sent}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=patience_s) as response:
                return response.status, _read(response.read()), response.headers
        except urllib.error.HTTPError as error:
            return error.code, _read(error.read()), error.headers

    def search(self, region: str, method: str, path: str, body: dict | None = None, patience_s: float = 5):
        text = None if body is None else json.dumps(body)
        url = self.addresses["search"][region] + path
        return self.http(url, text, method, patience_s, Authorization="Basic dXNlcjpwYXNz")[:2]

    def mattermost(self, region: str, method: str, path: str, body: dict | None = None):
        text = None if body is None else json.dumps(body)
        url = f"{self.addresses['mattermost'][region]}/api/v4{path}"
        return self.http(url, text, method, Authorization="Bearer right")

    def settle(self, writer: str, epoch: int) -> None:
        """Both ledgers say who writes, as the product writes them."""
        for region in (WEST, EAST):
            settled = {"writer": writer, "epoch": epoch, "at": self.now_ms(), "how": "move"}
            self.world(f"ledger/{region}", ledger(region, epoch, settled), "PUT")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def ledger(region: str, epoch: int, settled: dict) -> dict:
    """The smallest ledger: whose it is, the highest epoch, and who writes."""
    hold = {"number": 0, "on": False, "by": "", "at": 0, "reason": ""}
    return {"region": region, "claimed": epoch, "settled": settled, "hold": hold}


def _read(body: bytes):
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")
