"""What goes wrong on purpose: an answer instead of the call, an answer that is lost, a call that never arrives."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from xml.sax.saxutils import escape

import cbor2
from identity import CBOR, Identity, service_model
from routing import CRITERIA, fits

WAYS = ("close", "hold")
REQUEST_ID = "00000000-0000-4000-8000-000000000000"


@dataclass
class Fault:
    """For the next `count` calls that fit; for all of them where it is None.

    `code` and `status`: answered by the proxy. `lose`: performed, then the answer is lost. `drop`: not performed.
    Both by closing the connection or by holding it. `delay_s` comes first, and may be all there is.
    """

    number: int
    criteria: dict
    count: int | None
    code: str | None
    status: int
    message: str
    lose: str | None
    drop: str | None
    delay_s: float

    def as_json(self) -> dict:
        told = {"number": self.number, **self.criteria, "count": self.count, "delay_s": self.delay_s}
        if self.code:
            told |= {"status": self.status, "code": self.code, "message": self.message}
        return told | {name: way for name, way in (("lose", self.lose), ("drop", self.drop)) if way}


class Faults:
    """Every fault that waits for its call; the first that fits is taken."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self.waiting: list[Fault] = []

    def add(self, wanted: dict) -> Fault:
        fault = read(next(self._numbers), wanted)
        self.waiting.append(fault)
        return fault

    def take(self, identity: Identity) -> Fault | None:
        fault = next((it for it in self.waiting if fits(it.criteria, identity)), None)
        if fault is not None and fault.count is not None:
            fault.count -= 1
            if fault.count == 0:
                self.waiting.remove(fault)
        return fault


def read(number: int, wanted: dict) -> Fault:
    known = {*CRITERIA, "count", "code", "status", "message", "lose", "drop", "delay_s"}
    if set(wanted) - known:
        raise ValueError(f"a fault has no {', '.join(sorted(set(wanted) - known))}; it has {', '.join(sorted(known))}")
    kinds = [name for name in ("code", "lose", "drop") if wanted.get(name)]
    if len(kinds) > 1 or not (kinds or wanted.get("delay_s")):
        raise ValueError("a fault has one of code, lose and drop, or a delay_s alone")
    for name in ("lose", "drop"):
        if wanted.get(name) not in (None, *WAYS):
            raise ValueError(f"{name} is one of {', '.join(WAYS)}, found {wanted[name]}")
    count = wanted.get("count", 1)
    if count is not None and count < 1:
        raise ValueError(f"count is at least 1, or null for every call, found {count}")
    return Fault(
        number=number,
        criteria={name: wanted[name] for name in CRITERIA if wanted.get(name) is not None},
        count=count,
        code=wanted.get("code"),
        status=wanted.get("status", 400),
        message=wanted.get("message", "an injected fault"),
        lose=wanted.get("lose"),
        drop=wanted.get("drop"),
        delay_s=wanted.get("delay_s", 0),
    )


def error_answer(identity: Identity, status: int, code: str, message: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of an error as the service would write it in the protocol of the call."""
    sender = "Sender" if status < 500 else "Receiver"
    protocol = identity.protocol
    if protocol == CBOR:
        headers = {"smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor"}
        return headers | _query_error(identity, code, sender), cbor2.dumps({"__type": code, "message": message})
    if protocol == "json":
        version = service_model(identity.model).metadata.get("jsonVersion", "1.0")
        headers = {"content-type": f"application/x-amz-json-{version}"}
        body = json.dumps({"__type": code, "message": message})
        return headers | _query_error(identity, code, sender) | _request_id("x-amzn-requestid"), body.encode()
    if protocol == "rest-json":
        headers = {"content-type": "application/json", "x-amzn-errortype": code}
        return headers | _request_id("x-amzn-requestid"), json.dumps({"message": message}).encode()
    headers = {"content-type": "text/xml"} | _request_id("x-amz-request-id")
    return headers, _xml(identity, code, message, sender).encode()


def _query_error(identity: Identity, code: str, sender: str) -> dict[str, str]:
    """A service that once spoke the query protocol tells its old code beside the new one."""
    compatible = service_model(identity.model).is_query_compatible
    return {"x-amzn-query-error": f"{code};{sender}"} if compatible else {}


def _request_id(header: str) -> dict[str, str]:
    return {header: REQUEST_ID}


def _xml(identity: Identity, code: str, message: str, sender: str) -> str:
    said = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if identity.model == "s3":
        return f"<Error>{said}<RequestId>{REQUEST_ID}</RequestId></Error>"
    if identity.protocol == "ec2":
        return f"<Response><Errors><Error>{said}</Error></Errors><RequestID>{REQUEST_ID}</RequestID></Response>"
    error = f"<Error><Type>{sender}</Type>{said}</Error>"
    return f"<ErrorResponse>{error}<RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
