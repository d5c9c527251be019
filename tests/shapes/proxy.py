"""A proxy in front of whatever plays AWS: it routes by the call, records, darkens Regions, and makes faults.

`proxy.py --port 4566 --control-port 4567 --config routes.json [--record calls.jsonl]`; port 0 takes a free one. When
it listens it says so in one line of JSON. `README.md` has the routes and the control API.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import aiohttp
import yarl
from aiohttp import web
from control import control_app
from exchange import Exchange
from faults import Fault, Faults, error_answer
from identity import Identity, identify, service_model
from routing import Routes
from transport import HOP_BY_HOP, hang_up, hold, joined, origin_form, respond

# Far above what any client sends: the proxy refuses nothing by size.
LONGEST_LINE = 1 << 20
LARGEST_BODY = 1 << 32
# Services whose calls are told apart by method and path: their models are read before the first call comes.
REST = ("backup", "lambda", "opensearch", "route53", "s3", "s3control")


class Lost(Exception):
    """The client gets no answer: at once, or only `while_` this holds."""

    def __init__(self, while_: Callable[[], bool]):
        self.while_ = while_


class Proxy:
    """What the proxy knows: routes, faults, dark Regions, and every call so far."""

    def __init__(self, routes: Routes):
        self.routes, self.faults = routes, Faults()
        self.dark: set[str] = set()
        self.calls: list[dict] = []
        # Counts resets: what was held before one is let go by it.
        self.era = 0
        self._file: TextIO | None = None
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        # A kept connection to an upstream may break under a request, and the client library would send it once more:
        # each call has a connection of its own, so that nothing is ever performed twice.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
        )

    async def stop(self) -> None:
        self.record(None)
        if self._session:
            await self._session.close()

    def record(self, path: str | None) -> None:
        """Appends to this file from now on, or records nothing."""
        if self._file:
            self._file.close()
        self._file = open(path, "a", encoding="utf-8") if path else None

    def reset(self) -> None:
        """Forgets calls, faults and darkness. Routes and recording stay; held connections are closed."""
        self.faults, self.dark, self.calls = Faults(), set(), []
        self.era += 1

    async def handle(self, request: web.Request) -> web.StreamResponse:
        started = time.time()
        body = await request.read()
        path, _, query = origin_form(request.raw_path).partition("?")
        headers = joined(request.headers)
        small = {name.lower(): value for name, value in headers.items()}
        identity = identity_of(request.method, path, query, small, body)
        call = {
            "number": len(self.calls) + 1,
            "at": started,
            "service": identity.service,
            "region": identity.region,
            "operation": identity.operation,
            "bucket": identity.bucket,
            "method": request.method,
            "path": path,
            "status": None,
            "upstream": None,
            "fault": None,
            "dark": False,
            "took_ms": None,
        }
        self.calls.append(call)
        status, answered, answer = None, {}, b""
        try:
            status, response_headers, answer = await self._perform(request, identity, body, call)
            answered = joined(response_headers)
            call["status"] = status
            return respond(request, status, response_headers, answer)
        except Lost as lost:
            await hold(request, lost.while_)
            return hang_up(request)
        finally:
            call["took_ms"] = round((time.time() - started) * 1000)
            self._write(
                Exchange(
                    identity.service or "unknown",
                    identity.region,
                    request.method,
                    path,
                    query,
                    headers,
                    body,
                    status,
                    answered,
                    answer,
                    {
                        name: call[name]
                        for name in ("number", "at", "operation", "upstream", "fault", "dark", "took_ms")
                    },
                )
            )

    async def _perform(self, request: web.Request, identity: Identity, body: bytes, call: dict):
        """Status, headers and body that the client is to get, or Lost."""
        self._lose_in_the_dark(identity, call)
        fault = self.faults.take(identity)
        if fault is not None:
            call["fault"] = fault.number
            if fault.delay_s:
                await asyncio.sleep(fault.delay_s)
            if fault.drop:
                raise self._lost(fault.drop)
            if fault.code:
                return self._injected(identity, fault)
        call["upstream"] = upstream = self.routes.upstream(identity)
        if upstream is None:
            return self._no_answer(identity, 501, "no route fits this call")
        try:
            got = await self._forward(request, upstream, body)
        except aiohttp.ServerDisconnectedError:
            # It took the request and never answers: neither does the proxy.
            raise self._lost("close") from None
        except aiohttp.ClientError as error:
            if request.transport is None or request.transport.is_closing():
                # Who asked has given up long ago: the request was swallowed, and its upstream has ended since.
                raise self._lost("close") from None
            got = self._no_answer(identity, 502, f"{upstream}: {type(error).__name__}: {error}")
        self._lose_in_the_dark(identity, call)
        if fault is not None and fault.lose:
            raise self._lost(fault.lose)
        return got

    def _lose_in_the_dark(self, identity: Identity, call: dict) -> None:
        """A Region that goes dark loses the requests to it and the answers from it."""
        if identity.region in self.dark:
            call["dark"] = True
            era = self.era
            raise Lost(lambda: era == self.era and identity.region in self.dark)

    def _lost(self, way: str) -> Lost:
        era = self.era
        return Lost(lambda: way == "hold" and era == self.era)

    async def _forward(self, request: web.Request, upstream: str, body: bytes):
        headers = [(name, value) for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP]
        async with self._session.request(
            request.method,
            yarl.URL(upstream + origin_form(request.raw_path), encoded=True),
            headers=headers,
            data=body or None,
            allow_redirects=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        ) as response:
            return response.status, response.headers, await response.read()

    def _injected(self, identity: Identity, fault: Fault):
        return fault.status, *error_answer(identity, fault.status, fault.code, fault.message)

    def _no_answer(self, identity: Identity, status: int, message: str):
        """The proxy's own trouble, in a form that no service uses, so that nobody mistakes it for an answer."""
        print(f"{identity.service} {identity.operation}: {message}", file=sys.stderr)
        return status, {"content-type": "text/plain"}, f"proxy: {message}".encode()

    def _write(self, exchange: Exchange) -> None:
        if self._file:
            self._file.write(exchange.as_json() + "\n")
            self._file.flush()


def identity_of(method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Identity:
    """Nothing that a client may send keeps the proxy from passing it on."""
    try:
        return identify(method, path, query, headers, body)
    except Exception as error:
        print(f"{method} {path}: not understood: {type(error).__name__}: {error}", file=sys.stderr)
        return Identity()


async def serve(proxy: Proxy, port: int, control_port: int) -> tuple[list[web.AppRunner], int, int]:
    """Both servers on loopback; the ports that they got."""
    await asyncio.to_thread(lambda: [service_model(name) for name in REST])
    await proxy.start()
    front = web.Application(client_max_size=LARGEST_BODY)
    front.router.add_route("*", "/{tail:.*}", proxy.handle)
    limits = {"max_line_size": LONGEST_LINE, "max_field_size": LONGEST_LINE, "auto_decompress": False}
    runners, ports = [], []
    for app, wanted, settings in ((front, port, limits), (control_app(proxy), control_port, {})):
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1, keepalive_timeout=3600, **settings)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", wanted, backlog=1024)
        await site.start()
        runners.append(runner)
        ports.append(site._server.sockets[0].getsockname()[1])
    return runners, *ports


async def run(arguments: argparse.Namespace) -> None:
    config = json.loads(Path(arguments.config).read_text()) if arguments.config else {}
    proxy = Proxy(Routes.read(config))
    proxy.record(arguments.record)
    runners, port, control_port = await serve(proxy, arguments.port, arguments.control_port)
    told = {"proxy": f"http://127.0.0.1:{port}", "control": f"http://127.0.0.1:{control_port}"}
    print(json.dumps(told), flush=True)
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    await over.wait()
    proxy.reset()
    for runner in runners:
        await runner.cleanup()
    await proxy.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--config", help="a file with the routes")
    parser.add_argument("--record", help="a file that the exchanges are appended to")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
