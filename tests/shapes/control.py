"""The proxy's second port, for whoever directs the rehearsal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aiohttp import web
from routing import Routes

if TYPE_CHECKING:
    from proxy import Proxy


def control_app(proxy: Proxy) -> web.Application:
    app = web.Application(middlewares=[refuse_what_does_not_fit])

    async def calls(request: web.Request) -> web.Response:
        wanted = {name: value for name, value in request.query.items() if name != "after"}
        after = int(request.query.get("after", 0))
        found = [call for call in proxy.calls[after:] if all(str(call[name]) == wanted[name] for name in wanted)]
        return web.json_response({"calls": found})

    async def state(request: web.Request) -> web.Response:
        waiting = [fault.as_json() for fault in proxy.faults.waiting]
        return web.json_response(
            {
                "calls": len(proxy.calls),
                "faults": waiting,
                "dark": sorted(proxy.dark),
                "rules": proxy.routes.rules,
                "otherwise": proxy.routes.otherwise,
            }
        )

    async def fault(request: web.Request) -> web.Response:
        return web.json_response(proxy.faults.add(await request.json()).as_json())

    async def dark(request: web.Request) -> web.Response:
        wanted = await request.json()
        if wanted["dark"]:
            proxy.dark.add(wanted["region"])
        else:
            proxy.dark.discard(wanted["region"])
        return web.json_response({"dark": sorted(proxy.dark)})

    async def record(request: web.Request) -> web.Response:
        path = (await request.json())["path"]
        proxy.record(path)
        return web.json_response({"path": path})

    async def rules(request: web.Request) -> web.Response:
        proxy.routes = Routes.read(await request.json())
        return await state(request)

    async def reset(request: web.Request) -> web.Response:
        proxy.reset()
        return await state(request)

    app.add_routes([web.get("/calls", calls), web.get("/state", state)])
    app.add_routes([web.post(f"/{it.__name__}", it) for it in (fault, dark, record, rules, reset)])
    return app


@web.middleware
async def refuse_what_does_not_fit(request: web.Request, handler) -> web.StreamResponse:
    """A mistake in the director's script is told to it, not lost in a log."""
    try:
        return await handler(request)
    except (ValueError, KeyError, TypeError, OSError, json.JSONDecodeError) as error:
        return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
