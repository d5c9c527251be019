"""A function's binary on Lambda's runtime API, with an AWS that knows the deployment document and nothing else.

For what must hold before anything is asked or changed, and for how long a function takes to be ready.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from .document import EAST, NAME

DOCUMENT_PATH = "/documents/deployment.json"


class Invocations:
    """What one process is handed, one after the other, and what it answered."""

    def __init__(self, events: list[bytes], deadline_s: float = 60):
        self.waiting, self.deadline_s = list(events), deadline_s
        self.answers: list[dict] = []
        self.ready_at: float | None = None
        self.done = threading.Event()

    def next(self) -> bytes | None:
        if self.ready_at is None:
            self.ready_at = time.perf_counter()
        if not self.waiting:
            self.done.set()
            return None
        return self.waiting.pop(0)


class Lambda(BaseHTTPRequestHandler):
    """The runtime API (AWS Lambda guide, "Using the Lambda runtime API for custom runtimes")."""

    protocol_version = "HTTP/1.1"
    invocations: Invocations

    def do_GET(self) -> None:
        event = self.invocations.next()
        if event is None:
            # Nothing more: the process waits here until it is ended.
            time.sleep(30)
            return
        self.send_response(200)
        number = len(self.invocations.answers)
        self.send_header("Lambda-Runtime-Aws-Request-Id", f"request-{number}")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + self.invocations.deadline_s) * 1000)))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:f")
        self.send_header("Content-Length", str(len(event)))
        self.end_headers()
        self.wfile.write(event)

    def do_POST(self) -> None:
        body = body_of(self)
        kind = "error" if self.path.endswith("/error") else "answer"
        self.invocations.answers.append({kind: json.loads(body or b"null")})
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Aws(BaseHTTPRequestHandler):
    """Gives the document; every other request is written down and denied. `tests/lambda/stub.py` has one that lets a function look further."""

    protocol_version = "HTTP/1.1"
    document: bytes | None
    asked: list[str]

    def _answer(self) -> None:
        body_of(self)
        path = self.path.split("?")[0]
        if self.command == "GET" and path == DOCUMENT_PATH and self.document is not None:
            return self._send(200, self.document)
        if path == DOCUMENT_PATH:
            return self._send(404, b"<Error><Code>NoSuchKey</Code></Error>")
        self.asked.append(f"{self.command} {self.path}")
        return self._send(403, b"<Error><Code>AccessDenied</Code></Error>")

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer

    def log_message(self, *_: object) -> None:
        pass


def body_of(handler: BaseHTTPRequestHandler) -> bytes:
    if "chunked" in handler.headers.get("Transfer-Encoding", ""):
        parts = []
        while size := int(handler.rfile.readline(), 16):
            parts.append(handler.rfile.read(size))
            handler.rfile.readline()
        handler.rfile.readline()
        return b"".join(parts)
    return handler.rfile.read(int(handler.headers.get("Content-Length", 0)))


def serve(handler: type[BaseHTTPRequestHandler], **fields: object) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type(handler.__name__, (handler,), fields))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def invoked(
    binary: Path, events: list[bytes], document: bytes | None, env: dict[str, str | None] | None = None
) -> tuple[list[dict], list[str], str]:
    """The answers to these events, what was asked of AWS beside the document, and the log."""
    invocations, asked = Invocations(events), []
    runtime, aws = serve(Lambda, invocations=invocations), serve(Aws, document=document, asked=asked)
    process = subprocess.Popen(
        [binary],
        env=environment(runtime.server_port, aws.server_port, binary.name, env or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        assert invocations.done.wait(60), f"{binary.name} did not answer: {invocations.answers}"
    finally:
        process.kill()
        log = process.communicate()[0].decode(errors="replace")
        runtime.shutdown()
        aws.shutdown()
    return invocations.answers, asked, log


def environment(runtime_port: int, aws_port: int, name: str, changes: dict[str, str | None]) -> dict[str, str]:
    found = {
        "PATH": os.environ["PATH"],
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime_port}",
        "AWS_LAMBDA_FUNCTION_NAME": f"mmdr-{NAME}-{name}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_REGION": EAST,
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "not-a-secret",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{aws_port}",
        "MMDR_DEPLOYMENT": NAME,
        "MMDR_DOCUMENT": f"s3:/{DOCUMENT_PATH}",
    } | changes
    return {key: value for key, value in found.items() if value is not None}
