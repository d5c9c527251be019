"""Whoever keeps S3: node reports are put there, and ledgers are read from there before a node starts."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from wire_door import EAST, WEST, Door, ledger
from test_door import fail_over, until_available
from test_nodes import send, states

BUCKETS = {WEST: "acme-mmdr-ledger-us-west-1", EAST: "acme-mmdr-ledger-us-east-1"}


class Bucket:
    """Keeps objects and notes for which Region each request was signed."""

    def __init__(self) -> None:
        self.objects: dict[str, str] = {}
        self.signed: set[str] = set()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        kept = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                kept.signed.add(self.headers["Authorization"].split("/")[2])
                length = int(self.headers["Content-Length"])
                kept.objects[self.path] = self.rfile.read(length).decode()
                self._answer(200, b"")

            def do_GET(self) -> None:
                found = kept.objects.get(self.path)
                self._answer(404 if found is None else 200, (found or "").encode())

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def reports(self, region: str) -> list[dict]:
        beginning = f"/{BUCKETS[region]}/nodes/"
        return [json.loads(text) for path, text in sorted(self.objects.items()) if path.startswith(beginning)]


@pytest.fixture
def bucket():
    found = Bucket()
    yield found
    found.server.shutdown()


@pytest.fixture
def neighbour(tmp_path, bucket: Bucket):
    found = Door(tmp_path, "--s3-endpoint", bucket.url)
    yield found
    found.stop()


def until(holds, seconds: float = 10) -> None:
    end = time.time() + seconds
    while not holds():
        assert time.time() < end, "it did not come about"
        time.sleep(0.1)


def test_reports_are_put_beside_the_ledger_of_each_region_that_is_not_dark(neighbour: Door, bucket: Bucket):
    until(lambda: len(bucket.reports(WEST)) == len(bucket.reports(EAST)) == 2)
    assert [it["state"] for it in bucket.reports(WEST)] == ["running"] * 2
    assert bucket.signed == {WEST, EAST}
    assert {it["id"] for it in bucket.reports(WEST)} == {it["id"] for it in neighbour.world(f"nodes/{WEST}")}
    neighbour.world("fault", {"region": WEST, "dark": True})
    time.sleep(0.5)
    bucket.objects.clear()
    until(lambda: bucket.reports(EAST))
    assert bucket.reports(WEST) == []


def test_a_node_looks_at_the_ledgers_before_it_starts_and_forgets_one_that_is_gone(neighbour: Door, bucket: Bucket):
    settled = {"writer": WEST, "epoch": 5, "at": neighbour.now_ms(), "how": "move"}
    path = f"/{BUCKETS[EAST]}/ledger.json"
    bucket.objects[path] = json.dumps(ledger(EAST, 5, settled))
    # It is read every two seconds.
    time.sleep(3)
    neighbour.world("fault", {"region": WEST, "dark": True})
    fail_over(neighbour, EAST)
    until_available(neighbour, EAST)
    send(neighbour, EAST, "start", Epoch="6")
    neighbour.pass_s(30)
    assert states(neighbour, EAST) == ["restart-loop"] * 2
    del bucket.objects[path]
    time.sleep(3)
    neighbour.pass_s(90)
    assert states(neighbour, EAST) == ["running"] * 2
