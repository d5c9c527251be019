"""Starting and ending processes; each writes its own log."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

from emulators import PATIENCE_S, listens


class Processes:
    """Every process of one rehearsal. They end with it, whatever happens."""

    def __init__(self, logs: Path):
        self.logs = logs
        self._running: list[subprocess.Popen] = []
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, command: list[str], env: dict[str, str] | None = None) -> subprocess.Popen:
        log = open(self.logs / f"{name}.log", "wb")
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
        process.name = name
        self._running.append(process)
        return process

    def first_line(self, process: subprocess.Popen, seconds: float = 20) -> dict:
        """The first line of JSON that a process writes: where it listens."""
        path = self.logs / f"{process.name}.log"
        for _ in range(int(seconds * 20)):
            for line in path.read_text(errors="replace").splitlines():
                if line.startswith("{"):
                    return json.loads(line)
            self.alive(process)
            time.sleep(0.05)
        raise TimeoutError(f"{process.name} did not say where it listens: {path.read_text()[-2000:]}")

    def listens(self, process: subprocess.Popen, port: int, seconds: float = PATIENCE_S) -> None:
        for _ in range(int(seconds * 20)):
            self.alive(process)
            if listens(port):
                return
            time.sleep(0.05)
        raise TimeoutError(f"{process.name} does not listen on {port}")

    def alive(self, process: subprocess.Popen) -> None:
        if process.poll() is not None:
            log = (self.logs / f"{process.name}.log").read_text(errors="replace")[-3000:]
            raise RuntimeError(f"{process.name} ended with {process.returncode}:\n{log}")

    def end(self) -> None:
        for process in reversed(self._running):
            if process.poll() is None:
                os.killpg(process.pid, 15)
        for process in reversed(self._running):
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait(5)


def kill_function(name: str, endpoint: str) -> bool:
    """Kills the process that runs a Lambda function now, of the rehearsal with this address of AWS; gives whether there was one."""
    wanted = {f"AWS_LAMBDA_FUNCTION_NAME={name}".encode(), f"AWS_ENDPOINT_URL={endpoint}".encode()}
    found = False
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            environment = set((entry / "environ").read_bytes().split(b"\0"))
            runs = b"bootstrap" in (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if runs and wanted <= environment:
            os.kill(int(entry.name), 9)
            found = True
    return found
