"""A JSON or CBOR value along a shape of the model: unknown members, missing members, wrong kinds."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from datetime import datetime

from botocore.model import Shape
from botocore.utils import parse_timestamp


def walk_value(shape: Shape | None, value: object, path: str = "", binary: bool = False) -> Iterator[str]:
    """`binary`: CBOR, which has bytes and moments of its own and keeps members under their own names."""
    kind = shape.type_name if shape is not None else "structure"
    if kind == "structure":
        yield from _structure(shape, value, path, binary)
    elif kind == "list":
        if not isinstance(value, list):
            yield _wrong(path, "a list", value)
            return
        for number, item in enumerate(value):
            if item is not None:
                yield from walk_value(shape.member, item, f"{path}[{number}]", binary)
    elif kind == "map":
        if not isinstance(value, dict):
            yield _wrong(path, "an object", value)
            return
        for key, item in value.items():
            if item is not None:
                yield from walk_value(shape.value, item, f"{path}.{key}", binary)
    elif not _is(kind, shape, value, binary):
        yield _wrong(path, f"a {kind}", value)


def _structure(shape: Shape | None, value: object, path: str, binary: bool) -> Iterator[str]:
    if not isinstance(value, dict):
        yield _wrong(path, "an object", value)
        return
    if shape is not None and shape.is_document_type:
        return
    members = {} if shape is None else _members_in_the_body(shape, binary)
    for name, item in value.items():
        inner = f"{path}.{name}" if path else name
        if name == "__type":
            continue
        if name not in members:
            yield f"member: {inner} is not in the model"
        elif item is not None:
            yield from walk_value(members[name][1], item, inner, binary)
    required = shape.required_members if shape is not None else []
    for name, (member, _) in members.items():
        if member in required and value.get(name) is None:
            yield f"member: {path}.{name} is missing" if path else f"member: {name} is missing"
    if shape is not None and shape.is_tagged_union and len([it for it in value.values() if it is not None]) != 1:
        yield f"member: {path}: exactly one of {', '.join(members)} is expected"


def _members_in_the_body(shape: Shape, binary: bool) -> dict[str, tuple[str, Shape]]:
    members = {}
    for name, member in shape.members.items():
        if member.serialization.get("location") is None:
            members[name if binary else member.serialization.get("name", name)] = (name, member)
    return members


def _is(kind: str, shape: Shape, value: object, binary: bool) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind in ("string", "character"):
        return isinstance(value, str)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("integer", "long", "short", "byte"):
        return isinstance(value, int) and not isinstance(value, bool)
    if kind in ("float", "double"):
        return number or value in ("NaN", "Infinity", "-Infinity")
    if kind == "timestamp":
        return isinstance(value, datetime) if binary else _is_moment(shape, value, number)
    if kind == "blob":
        return isinstance(value, bytes) if binary else isinstance(value, str) and _is_base64(value)
    return False


def _is_moment(shape: Shape, value: object, number: bool) -> bool:
    if shape.serialization.get("timestampFormat") in ("iso8601", "rfc822"):
        try:
            return isinstance(value, str) and parse_timestamp(value) is not None
        except ValueError:
            return False
    return number


def _is_base64(value: str) -> bool:
    try:
        base64.b64decode(value, validate=True)
        return True
    except binascii.Error:
        return False


def _wrong(path: str, expected: str, value: object) -> str:
    return f"member: {path or 'the body'}: expected {expected}, found {value!r:.80}"
