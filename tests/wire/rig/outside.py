"""The outside of a rehearsal: the emulator, the wire door, and the proxy in front of both."""

from __future__ import annotations

import json
import os
import urllib.request
from pathlib import Path

from emulators import free_port, ministack_command, ministack_settings, python

from .clock import Clock
from .document import EAST, ROOT, WEST, credentials, region, seed
from .processes import Processes

# What the emulator has not, or answers at once where AWS takes its time: the wire door's.
DOOR_SERVICES = ["rds", "opensearch", "es", "ssm", "elbv2", "autoscaling", "ecs", "s3control"]


class Outside:
    """Emulator, door, proxy: `endpoint` is the one address of AWS that functions know."""

    def __init__(self, work: Path, door: Path, clock: Clock):
        self.work, self.clock, self.processes = work, clock, Processes(work / "logs")
        self.document = seed()
        self._door_program = door
        self._emulator_port, self._proxy_port, self._control_port = free_port(), free_port(), free_port()
        self.emulator = f"http://127.0.0.1:{self._emulator_port}"
        self.endpoint = f"http://127.0.0.1:{self._proxy_port}"

    def start(self) -> None:
        self._start_door()
        self._start_proxy()
        self._start_emulator()

    def _start_door(self) -> None:
        dns = [str(free_port()) for _ in range(2)]
        command = [
            str(self._door_program), "--port", "0", "--clock", str(self.clock.path), "--public-port", "0",
            "--dns-ports", ",".join(dns), "--s3-endpoint", self.emulator,
        ]  # fmt: skip
        process = self.processes.start("door", command)
        self.door = self.processes.first_line(process)

    def _start_proxy(self) -> None:
        rules = [{"service": name, "upstream": self.door["aws"]} for name in DOOR_SERVICES]
        files = [region(self.document, name)["files_bucket"] for name in (WEST, EAST)]
        rules.insert(0, {"service": "s3", "bucket": files, "upstream": self.door["aws"]})
        config = self.work / "routes.json"
        config.write_text(json.dumps({"rules": rules, "otherwise": self.emulator}))
        command = [
            python("proxy"), str(ROOT / "tests" / "shapes" / "proxy.py"), "--port", str(self._proxy_port),
            "--control-port", str(self._control_port), "--config", str(config),
            "--record", str(self.work / "calls.jsonl"),
        ]  # fmt: skip
        process = self.processes.start("proxy", command)
        self.processes.listens(process, self._proxy_port)

    def _start_emulator(self) -> None:
        env = credentials() | ministack_settings(self._emulator_port) | {
            # Handed on to the functions, which know no other address of anything.
            "AWS_ENDPOINT_URL": self.endpoint,
            # Signatures and policies are checked for all that it hosts.
            "AUTH": "true",
            "MMDR_CLOCK": str(self.clock.path),
            # A dark Region is waited for in real time, which is long on a clock that runs fast. No relation to the rig's speeds.
            "MMDR_HASTE": os.environ.get("MMDR_HASTE", "5"),
            "MMDR_REROUTE": ",".join(f"{origin}={address}" for origin, address in self.reroutes().items()),
        }
        process = self.processes.start("emulator", ministack_command(), env)
        self.processes.listens(process, self._emulator_port)

    def reroutes(self) -> dict[str, str]:
        """Where the document's addresses are served."""
        found = {f"https://{self.document['dns']['public_name']}": self.door["public"], "s3-control": self.endpoint}
        for setup in self.document["regions"]:
            found[setup["search_endpoint"]] = self.door["search"][setup["name"]]
            found[setup["mattermost_url"]] = self.door["mattermost"][setup["name"]]
        return found

    # --- orders ---

    def world(self, method: str, path: str, body: object = None) -> object:
        """Asks or orders the world."""
        return _ask(method, f"{self.door['aws']}/_world/{path}", body)

    def proxy(self, method: str, path: str, body: object = None) -> object:
        """Asks or orders the proxy."""
        return _ask(method, f"http://127.0.0.1:{self._control_port}/{path}", body)

    def scale(self, scale: float) -> None:
        """The clock and the machines' waits, together."""
        self.clock.run(scale)
        _ask("POST", f"{self.emulator}/_ministack/config", {"stepfunctions._SFN_WAIT_SCALE": 1.0 / scale})

    def dark(self, name: str, dark: bool) -> None:
        """A Region answers nothing: neither the door nor anything behind the proxy."""
        self.world("POST", "fault", {"region": name, "dark": dark})
        self.proxy("POST", "dark", {"region": name, "dark": dark})

    def end(self) -> None:
        self.processes.end()


def _ask(method: str, url: str, body: object) -> object:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers={"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{method} {url}: {error.code} {error.read()[:500]!r}") from error
    return json.loads(text) if text.strip() else None
