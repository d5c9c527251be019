"""Emulators of AWS as processes on loopback: how each is started, and how one knows that it listens.

Each has packages of its own, and so a Python of its own: `MMDR_MINISTACK_PYTHON`, `MMDR_MOTO_PYTHON`, `MMDR_PROXY_PYTHON`.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

# Seconds until an emulator must listen: it loads its packages first, on a machine that compiles beside it.
PATIENCE_S = 60


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def python(emulator: str) -> str:
    """The interpreter with the packages of `emulator`."""
    return os.environ.get(f"MMDR_{emulator.upper()}_PYTHON", sys.executable)


def ministack_command() -> list[str]:
    return [python("ministack"), "-m", "ministack"]


def ministack_settings(port: int) -> dict[str, str]:
    """Loopback only, functions as processes of this machine, and no server that nobody here asks."""
    return {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "LAMBDA_EXECUTOR": "local",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }


@contextlib.contextmanager
def server(command: list, port: int, settings: dict[str, str] | None = None) -> Iterator[str]:
    """A server that runs as long as the block, and its address; what it wrote is shown when it does not come up."""
    with tempfile.TemporaryDirectory() as folder, open(Path(folder, "log"), "w+") as log:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": folder, **(settings or {})}
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + PATIENCE_S
            while not listens(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise RuntimeError(f"{command} did not come up:\n{log.read()[-2000:]}")
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
