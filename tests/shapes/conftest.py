"""Servers for the tests: ministack, moto, a plain upstream that remembers what reached it, and the proxy itself."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import botocore.session
import pytest
from botocore.config import Config
from emulators import free_port, ministack_command, ministack_settings, server

HERE = Path(__file__).parent
REGION = "eu-central-1"


class Proxy:
    """The proxy as a process, with its control API."""

    def __init__(self, process: subprocess.Popen, told: dict, recorded: Path):
        self.process, self.url, self.control, self.recorded = process, told["proxy"], told["control"], recorded

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def get(self, path: str) -> dict:
        with urllib.request.urlopen(self.control + path) as response:
            return json.load(response)

    def post(self, path: str, body: dict) -> dict:
        request = urllib.request.Request(self.control + path, json.dumps(body).encode(), method="POST")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    def calls(self, query: str = "") -> list[dict]:
        return self.get(f"/calls{query}")["calls"]


class Upstream:
    """Answers every request with 200 and a text, and remembers it."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict, bytes]] = []
        self.answer: tuple[int, dict, bytes] = (200, {"Content-Type": "text/plain"}, b"done")
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def _handler(upstream: Upstream) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            upstream.requests.append((self.command, self.path, dict(self.headers), body))
            status, headers, answer = upstream.answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status not in (204, 304):
                self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            if self.command != "HEAD" and status not in (204, 304):
                self.wfile.write(answer)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do

        def log_message(self, *arguments: object) -> None:
            pass

    return Handler


@pytest.fixture(scope="session")
def ministack() -> Iterator[str]:
    port = free_port()
    with server(ministack_command(), port, ministack_settings(port)) as url:
        yield url


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    port = free_port()
    with server([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], port) as url:
        yield url


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    held = Upstream()
    yield held
    held.close()


@contextlib.contextmanager
def proxy_with(config: dict) -> Iterator[Proxy]:
    with tempfile.TemporaryDirectory() as folder:
        routes, recorded = Path(folder, "routes.json"), Path(folder, "calls.jsonl")
        routes.write_text(json.dumps(config))
        command = [sys.executable, HERE / "proxy.py", "--config", routes, "--record", recorded]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            yield Proxy(process, json.loads(process.stdout.readline()), recorded)
        finally:
            process.terminate()
            process.wait(10)
            process.stdout.close()


@pytest.fixture(scope="session")
def one_proxy() -> Iterator[Proxy]:
    with proxy_with({}) as held:
        yield held


@pytest.fixture
def proxy(one_proxy: Proxy, upstream: Upstream, tmp_path: Path) -> Proxy:
    """The one process, as if it had just been started with this upstream and a file to record into."""
    one_proxy.post("/reset", {})
    one_proxy.post("/rules", {"otherwise": upstream.url})
    one_proxy.recorded = tmp_path / "calls.jsonl"
    one_proxy.post("/record", {"path": str(one_proxy.recorded)})
    return one_proxy


def client(service: str, url: str, region: str = REGION, protocol: str | None = None, **settings: object):
    """A client that asks once, so that a test sees each request. `protocol` is one of several that a service speaks."""
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, **settings)
    session = botocore.session.Session()
    if protocol:
        # The loader keeps the model that it has read once, and with it what is changed here.
        model = session.get_component("data_loader").load_service_model(service, "service-2")
        model["metadata"] |= {"protocol": protocol, "protocols": [protocol]}
    session.set_credentials("test", "test")
    return session.create_client(service, region, endpoint_url=url, config=config)
