"""What a function asked of AWS, as calls that boto3 can make again."""

from __future__ import annotations

import datetime
import json
from collections import Counter

from exchange import Exchange
from identity import Identity, service_model
from request_shape import parse, plain_body
from stub import Request


def call_of(request: Request) -> dict:
    """A call of boto3's, or, where nobody signed with a service's name that has this operation, a plain request."""
    identity = request.identity()
    if not identity.operation:
        headers = {name: value for name, value in request.headers.items() if name in ("authorization", "content-type")}
        path = f"{request.path}?{request.query}" if request.query else request.path
        return {"method": request.method, "path": path, "headers": headers, "body": request.body.decode()}
    return {
        "service": identity.model,
        "region": identity.region,
        "operation": identity.operation,
        "parameters": parameters(request, identity),
    }


def parameters(request: Request, identity: Identity) -> dict:
    operation = service_model(identity.model).operation_model(identity.operation)
    exchange = Exchange("", "", request.method, request.path, request.query, request.headers, request.body, None)
    body = plain_body(exchange, identity, request.headers)
    return json.loads(json.dumps(parse(exchange, operation, identity.protocol, request.headers, body), default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        # What our functions send in bodies is text.
        return value.decode()
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if hasattr(value, "read"):
        return value.read().decode()
    raise TypeError(f"a parameter of the kind {type(value).__name__}")


def named(requests: list[Request]) -> Counter[str]:
    """How many times each call was made: what two sides must have alike."""
    found: Counter[str] = Counter()
    for request in requests:
        identity = request.identity()
        if identity.operation:
            found[f"{identity.model}:{identity.operation} in {identity.region}"] += 1
        else:
            found[f"{request.method} {request.path}"] += 1
    return found
