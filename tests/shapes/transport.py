"""HTTP as the proxy passes it on: what belongs to one connection only, and how a client is let down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

# Of one connection, not of the message.
HOP_BY_HOP = {
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
# How often a held connection is looked at: has the client given up?
LOOK_S = 0.1


def origin_form(target: str) -> str:
    """The path and query, where a client sends the whole address to its proxy."""
    return "/" + target.partition("://")[2].partition("/")[2] if "://" in target.split("?")[0][:8] else target


def joined(headers) -> dict[str, str]:
    """One text per name; a name that came twice has both texts."""
    found: dict[str, str] = {}
    for name, value in headers.items():
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def respond(request: web.Request, status: int, headers, body: bytes) -> web.Response:
    response = web.Response(status=status)
    response.headers.popall("Content-Type", None)
    for name, value in headers.items():
        length_of_nothing = request.method == "HEAD" and name.lower() == "content-length"
        if name.lower() not in HOP_BY_HOP or length_of_nothing:
            response.headers.add(name, value)
    if request.method != "HEAD":
        response.body = body
    return response


def hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def hold(request: web.Request, while_: Callable[[], bool]) -> None:
    """As a network that swallows packets: until the reason is gone or the client gives up."""
    while while_() and request.transport is not None and not request.transport.is_closing():
        await asyncio.sleep(LOOK_S)
