"""What botocore's validator leaves to the service: enumerations, patterns, longest and largest."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import regex
from botocore.model import Shape

NUMBERS = ("integer", "long", "float", "double", "short", "byte")
# Patterns in the models that are no regular expression in this dialect; what they bind is not checked.
not_understood: set[str] = set()


def violations(value: object, shape: Shape, path: str = "") -> list[str]:
    return list(_violations(value, shape, path))


def _violations(value: object, shape: Shape, path: str) -> Iterator[str]:
    if value is None:
        return
    kind = shape.type_name
    if kind == "structure":
        if not shape.is_document_type:
            yield from _of_members(value, shape, path)
    elif kind == "list":
        yield from _too_much(len(value), "items", shape, path)
        for number, item in enumerate(value):
            yield from _violations(item, shape.member, f"{path}[{number}]")
    elif kind == "map":
        yield from _too_much(len(value), "entries", shape, path)
        for key, item in value.items():
            yield from _violations(key, shape.key, f"{path}.{key} (key)")
            yield from _violations(item, shape.value, f"{path}.{key}")
    elif kind == "string":
        yield from _of_text(value, shape, path)
    elif kind == "blob":
        yield from _too_much(len(value), "bytes", shape, path)
    elif kind in NUMBERS and value > shape.metadata.get("max", value):
        yield f"{path}: {value}, at most {shape.metadata['max']}"


def _of_members(value: dict, shape: Shape, path: str) -> Iterator[str]:
    for name, member in shape.members.items():
        if name in value:
            yield from _violations(value[name], member, f"{path}.{name}" if path else name)


def _of_text(value: object, shape: Shape, path: str) -> Iterator[str]:
    if not isinstance(value, str):
        return
    yield from _too_much(len(value), "letters", shape, path)
    if shape.enum and value not in shape.enum:
        yield f"{path}: {value!r} is none of {', '.join(shape.enum)}"
    pattern = shape.metadata.get("pattern")
    if pattern and (compiled := _compiled(pattern)) and not compiled.fullmatch(value):
        yield f"{path}: {value!r} does not match {pattern}"


def _too_much(size: int, what: str, shape: Shape, path: str) -> Iterator[str]:
    most = shape.metadata.get("max")
    if most is not None and size > most:
        yield f"{path}: {size} {what}, at most {most}"


@functools.cache
def _compiled(pattern: str):
    try:
        return regex.compile(pattern)
    except regex.error:
        not_understood.add(pattern)
        return None
