"""The smallest AWS that lets a function look at everything: it knows the deployment document and secrets, has empty buckets
that take what is put, takes metrics, and denies every other call in that call's own protocol: nobody sends it twice."""

from __future__ import annotations

import json
import re
import socketserver
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

import cbor2
from faults import error_answer
from identity import CBOR, Identity, identify
from rig import runtime

DOCUMENT = "/mmdr/acme-chat/deployment"
SECRET = json.dumps({"username": "dr", "password": "not-a-secret", "token": "not-a-secret"})
CBOR_HEADERS = {"smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor"}
ACTION = re.compile(rb"(?:^|&)Action=(\w+)")


@dataclass(frozen=True)
class Request:
    """`path` as it was on the wire; names of headers in small letters."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    def identity(self) -> Identity:
        return identify(self.method, self.path, self.query, self.headers, self.body)


@dataclass
class StubAnswers:
    """What the stub knows, and what it was asked since somebody last took it."""

    document: str
    asked: list[Request] = field(default_factory=list)
    known: dict[tuple, tuple] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def taken(self) -> list[Request]:
        with self.lock:
            taken, self.asked = self.asked, []
        return taken

    def answer(self, request: Request) -> tuple[int, dict[str, str], bytes]:
        """Thought out once for each call, for whoever makes it: then the stub takes no time that anybody would be charged."""
        with self.lock:
            self.asked.append(request)
        action = ACTION.search(request.body)
        target = request.headers.get("x-amz-target", "")
        key = (request.method, request.path, request.query, target, action and action[1], "authorization" in request.headers)
        if key not in self.known:
            self.known[key] = self._answer(request)
        return self.known[key]

    def _answer(self, request: Request) -> tuple[int, dict[str, str], bytes]:
        call = request.identity()
        if call.operation == "GetParameter" and json.loads(request.body)["Name"] == DOCUMENT:
            parameter = {"Name": DOCUMENT, "Type": "String", "Value": self.document, "Version": 1}
            return 200, {"content-type": "application/x-amz-json-1.1"}, json.dumps({"Parameter": parameter}).encode()
        if call.operation == "GetSecretValue":
            return 200, {"content-type": "application/x-amz-json-1.1"}, json.dumps({"SecretString": SECRET}).encode()
        if call.operation == "PutObject":
            return 200, {"etag": '"1"'}, b""
        if call.operation == "PutMetricData":
            return (200, CBOR_HEADERS, cbor2.dumps({})) if call.protocol == CBOR else (200, {}, b"{}")
        if call.operation in ("GetObject", "HeadObject"):
            headers, body = error_answer(call, 404, "NoSuchKey", "there is none")
            return 404, headers, b"" if request.method == "HEAD" else body
        if not call.operation:
            return 403, {"content-type": "application/json"}, b"{}"
        headers, body = error_answer(call, 403, "AccessDenied", "denied")
        return 403, headers, body


class Aws(BaseHTTPRequestHandler):
    """One port for every service, and for the origins of search and Mattermost."""

    protocol_version = "HTTP/1.1"
    # An answer is two writes, and nobody is to wait for the second.
    disable_nagle_algorithm = True
    answers: StubAnswers

    def _serve(self) -> None:
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        if headers.get("expect") == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        request = Request(self.command, path, query, headers, runtime.body_of(self))
        status, answered, body = self.answers.answer(request)
        self.send_response(status)
        for name, value in answered.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _serve

    def log_message(self, *_: object) -> None:
        pass


class Resolver(socketserver.BaseRequestHandler):
    """A name server that knows no name, and says so at once."""

    def handle(self) -> None:
        question, socket = self.request
        # The question again, as an answer: recursion was available, and there is no such name (RFC 1035, 4.1.1).
        socket.sendto(question[:2] + b"\x81\x83" + question[4:6] + b"\0\0\0\0\0\0" + question_of(question), self.client_address)


def question_of(message: bytes) -> bytes:
    """The one question of a message, without what may follow it."""
    end = 12
    while message[end]:
        end += message[end] + 1
    return message[12 : end + 5]
