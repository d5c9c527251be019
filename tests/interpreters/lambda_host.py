"""A Lambda host on loopback that answers as the script says: the Invoke API, and nothing else of Lambda."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from machines import step_of_function
from scripted import Performance, Reply, Script

PREFIX, SUFFIX = "/2015-03-31/functions/", "/invocations"
# A token is given back a moment after the invocation has ended, as a person's answer would be.
WAKES_AFTER_S = 0.05


class LambdaHost:
    """Performs one script at a time. `wake(token, output)` gives a task token back to the engine."""

    def __init__(self) -> None:
        self.wake: Callable[[str, str], None] = lambda token, output: None
        self._performance: Performance | None = None
        self._over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def perform(self, script: Script) -> Performance:
        self._over = threading.Event()
        self._performance = Performance(script)
        return self._performance

    def finish(self) -> None:
        """Lets the calls that hang end, so that no worker of an engine stays busy."""
        self._performance = None
        self._over.set()

    def close(self) -> None:
        self.finish()
        self._server.shutdown()
        self._server.server_close()

    def invoke(self, function: str, payload: dict) -> tuple[dict | None, str | None]:
        """The answer and, for a function that failed, the kind of failure."""
        performance, over = self._performance, self._over
        if performance is None:
            return failure("Test.NoScript", "no script is being performed")
        reply = performance.reply(step_of_function(function), payload)
        if reply.error:
            return failure(reply.error, "the script says so")
        if reply.hangs:
            over.wait()
            return failure("Test.Hung", "nobody waits any more")
        if "token" in payload:
            self._wake_later(payload["token"], reply)
            return None, None
        return reply.value, None

    def _wake_later(self, token: str, reply: Reply) -> None:
        if reply.wakes is not None:
            timer = threading.Timer(WAKES_AFTER_S, self.wake, (token, json.dumps(reply.wakes)))
            timer.daemon = True
            timer.start()


def failure(error_type: str, message: str) -> tuple[dict, str]:
    return {"errorType": error_type, "errorMessage": message}, "Unhandled"


def _handler(host: LambdaHost) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            path = unquote(self.path.split("?")[0])
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if not (path.startswith(PREFIX) and path.endswith(SUFFIX)):
                self._answer(404, {"Message": f"no such call: {path}"}, None)
                return
            answer, error = host.invoke(path.removeprefix(PREFIX).removesuffix(SUFFIX), json.loads(body))
            self._answer(200, answer, error)

        def _answer(self, status: int, answer: dict | None, error: str | None) -> None:
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            if error:
                self.send_header("X-Amz-Function-Error", error)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *arguments: object) -> None:
            pass

    return Handler
