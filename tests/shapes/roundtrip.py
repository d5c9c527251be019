"""Compares a request with the same request as botocore writes it from what was parsed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree

import cbor2
from botocore.utils import parse_timestamp
from exchange import Exchange
from identity import CBOR, Identity
from moto.core.model import OperationModel

# Of the transport, the signature or the client; no operation has them as members.
OF_THE_CLIENT = (
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-region-set",
    "x-amz-security-token",
    "x-amz-target",
    "x-amz-trailer",
    "x-amz-user-agent",
    "x-amzn-query-mode",
    "x-amzn-trace-id",
)


def differences(
    exchange: Exchange,
    headers: dict[str, str],
    body: bytes,
    again: dict,
    operation: OperationModel,
    identity: Identity,
) -> list[str]:
    if identity.protocol in ("query", "ec2"):
        mine = dict(parse_qsl(body.decode(), keep_blank_values=True)) or dict(parse_qsl(exchange.query))
        return list(_of_texts("parameter", mine, again["body"]))
    found = list(_of_line(exchange, again, identity))
    found += _of_headers(headers, again, operation)
    found += _of_body(body, again["body"], operation, identity.protocol)
    return found


def _of_line(exchange: Exchange, again: dict, identity: Identity) -> Iterator[str]:
    path, _, literals = again["url_path"].partition("?")
    virtual_host = bool(identity.bucket) and unquote(exchange.path).lstrip("/").split("/")[0] != identity.bucket
    if not virtual_host and unquote(exchange.path).rstrip("/") != unquote(path).rstrip("/"):
        yield f"path: {unquote(exchange.path)}, the model has {unquote(path)}"
    theirs = _query_of(again["query_string"]) + parse_qsl(literals, keep_blank_values=True)
    mine = [
        (name, value)
        for name, value in parse_qsl(exchange.query, keep_blank_values=True)
        if name != "x-id" and not name.startswith("X-Amz-")
    ]
    for name, value in mine:
        if not any(name == other and _same_text(value, text) for other, text in theirs):
            yield f"query: {name}={value} is not in the model"


def _query_of(parts: object) -> list[tuple[str, str]]:
    """botocore gives the query as a dictionary or as pairs, with values that are text, true or false, or lists."""
    pairs = parts.items() if isinstance(parts, dict) else parts
    flat = [(name, item) for name, value in pairs for item in (value if isinstance(value, list) else [value])]
    return [(name, str(value).lower() if isinstance(value, bool) else str(value)) for name, value in flat]


def _of_headers(headers: dict[str, str], again: dict, operation: OperationModel) -> Iterator[str]:
    theirs = {name.lower(): str(value) for name, value in again["headers"].items()}
    for name, value in headers.items():
        if name.startswith("x-amz-checksum-") and operation.http_checksum:
            continue
        if name.startswith("x-amz") and name not in OF_THE_CLIENT:
            if name not in theirs:
                yield f"header: {name} is not in the model"
            elif not _same_text(value, theirs[name]):
                yield f"header: {name}: {value}, the model has {theirs[name]}"
    kind = theirs.get("content-type", "")
    if kind.startswith("application/x-amz-json") and headers.get("content-type") != kind:
        yield f"header: content-type: {headers.get('content-type')}, the model has {kind}"
    target = theirs.get("x-amz-target")
    if target and headers.get("x-amz-target") != target:
        yield f"header: x-amz-target: {headers.get('x-amz-target')}, the model has {target}"


def _of_body(body: bytes, again: object, operation: OperationModel, protocol: str) -> Iterator[str]:
    shape = operation.input_shape
    payload = shape.serialization.get("payload") if shape is not None else None
    if not body or (payload and shape.members[payload].type_name in ("blob", "string")):
        return
    theirs = again.encode() if isinstance(again, str) else bytes(again or b"")
    if protocol == CBOR:
        yield from _of_values("", cbor2.loads(body), cbor2.loads(theirs) if theirs else {})
    elif protocol in ("json", "rest-json"):
        yield from _of_values("", json.loads(body), json.loads(theirs or b"{}"))
    elif not theirs:
        yield "the model has no body"
    else:
        yield from _of_elements("", ElementTree.fromstring(body), ElementTree.fromstring(theirs))


def _of_texts(what: str, mine: dict[str, str], theirs: dict[str, str]) -> Iterator[str]:
    for name, value in mine.items():
        if name not in theirs:
            yield f"{what}: {name} is not in the model"
        elif not _same_text(value, str(theirs[name])):
            yield f"{what}: {name}={value}, the model has {theirs[name]}"


def _of_values(path: str, mine: object, theirs: object) -> Iterator[str]:
    if mine is None:
        return
    if isinstance(mine, dict) and isinstance(theirs, dict):
        for name, value in mine.items():
            if name in theirs:
                yield from _of_values(f"{path}.{name}" if path else name, value, theirs[name])
            elif value is not None:
                yield f"member: {f'{path}.' if path else ''}{name} is not in the model"
    elif isinstance(mine, list) and isinstance(theirs, list) and len(mine) == len(theirs):
        for number, pair in enumerate(zip(mine, theirs, strict=True)):
            yield from _of_values(f"{path}[{number}]", *pair)
    elif not _same_value(mine, theirs):
        yield f"member: {path}: {mine!r}, the model has {theirs!r}"


def _same_value(mine: object, theirs: object) -> bool:
    numbers = [isinstance(it, (int, float)) and not isinstance(it, bool) for it in (mine, theirs)]
    if all(numbers):
        # botocore writes moments in whole seconds.
        return mine == theirs or (abs(mine) > 1e8 and abs(mine - theirs) < 1)
    if isinstance(mine, str) and isinstance(theirs, str):
        return _same_text(mine, theirs)
    return type(mine) is type(theirs) and mine == theirs


def _of_elements(path: str, mine: ElementTree.Element, theirs: ElementTree.Element) -> Iterator[str]:
    path = f"{path}/{_tag(mine)}"
    if _tag(mine) != _tag(theirs):
        yield f"element: {path}, the model has {_tag(theirs)}"
        return
    if len(mine) == 0 and not _same_text((mine.text or "").strip(), (theirs.text or "").strip()):
        yield f"element: {path}: {mine.text}, the model has {theirs.text}"
    for name, value in mine.attrib.items():
        if theirs.attrib.get(name) != value:
            yield f"attribute: {path}: {name}={value} is not in the model"
    known = defaultdict(list)
    for child in theirs:
        known[_tag(child)].append(child)
    for child in mine:
        if known[_tag(child)]:
            yield from _of_elements(path, child, known[_tag(child)].pop(0))
        else:
            yield f"element: {path}/{_tag(child)} is not in the model"


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _same_text(mine: str, theirs: str) -> bool:
    if mine == theirs:
        return True
    try:
        return "T" in mine and parse_timestamp(mine) == parse_timestamp(theirs)
    except ValueError:
        return False
