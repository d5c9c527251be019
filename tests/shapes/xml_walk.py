"""An XML element along a shape of the model: unknown elements, missing elements, texts of the wrong kind."""

from __future__ import annotations

import base64
import binascii
from collections import defaultdict
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from botocore.model import Shape
from botocore.utils import parse_timestamp


def walk_element(shape: Shape | None, element: Element, path: str = "", besides: tuple[str, ...] = ()) -> Iterator[str]:
    """`besides` names children that stand outside the model."""
    path = f"{path}/{_tag(element)}" if path else _tag(element)
    kind = shape.type_name if shape is not None else "structure"
    if kind == "structure":
        yield from _structure(shape, element, path, besides)
    elif kind == "list":
        name = shape.member.serialization.get("name", "member")
        for child in element:
            if _tag(child) == name:
                yield from walk_element(shape.member, child, path)
            else:
                yield f"element: {path}/{_tag(child)}, the model has {name}"
    elif kind == "map":
        for entry in element:
            yield from _entry(shape, entry, path)
    elif len(element):
        yield f"element: {path}: expected a {kind}, found elements"
    elif not _is(kind, element.text or ""):
        yield f"element: {path}: expected a {kind}, found {element.text!r:.80}"


def _structure(shape: Shape | None, element: Element, path: str, besides: tuple[str, ...]) -> Iterator[str]:
    members = {} if shape is None else _members_in_the_body(shape)
    children = defaultdict(list)
    for child in element:
        children[_tag(child)].append(child)
    for name, found in children.items():
        if name in besides:
            continue
        if name not in members:
            yield f"element: {path}/{name} is not in the model"
            continue
        member = members[name][1]
        flat = member.type_name in ("list", "map") and member.serialization.get("flattened")
        if len(found) > 1 and not flat:
            yield f"element: {path}/{name} is there {len(found)} times"
        for child in found:
            yield from _flat(member, child, path) if flat else walk_element(member, child, path)
    if (element.text or "").strip():
        yield f"element: {path}: text between elements: {element.text.strip()!r:.80}"
    required = shape.required_members if shape is not None else []
    for name, (member, _) in members.items():
        if member in required and name not in children and not _may_be_absent(members[name][1]):
            yield f"element: {path}/{name} is missing"


def _flat(shape: Shape, element: Element, path: str) -> Iterator[str]:
    """One item of a list, or one entry of a map, that has no element around it."""
    if shape.type_name == "list":
        yield from walk_element(shape.member, element, path)
    else:
        yield from _entry(shape, element, path)


def _entry(shape: Shape, entry: Element, path: str) -> Iterator[str]:
    names = {
        shape.key.serialization.get("name", "key"): shape.key,
        shape.value.serialization.get("name", "value"): shape.value,
    }
    for child in entry:
        if _tag(child) in names:
            yield from walk_element(names[_tag(child)], child, f"{path}/{_tag(entry)}")
        else:
            yield f"element: {path}/{_tag(entry)}/{_tag(child)} is not in the model"


def _members_in_the_body(shape: Shape) -> dict[str, tuple[str, Shape]]:
    members = {}
    for name, member in shape.members.items():
        if member.serialization.get("location") is None and not member.serialization.get("xmlAttribute"):
            members[_element_name(name, member)] = (name, member)
    return members


def _element_name(name: str, member: Shape) -> str:
    """The items of a flattened list may bring the name under which they stand in the structure."""
    if member.type_name == "list" and member.serialization.get("flattened"):
        item = member.member.serialization.get("name")
        if item is not None:
            return item
    return member.serialization.get("name", name)


def _may_be_absent(member: Shape) -> bool:
    """A flattened list without items leaves nothing."""
    return bool(member.serialization.get("flattened"))


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _is(kind: str, text: str) -> bool:
    try:
        if kind in ("integer", "long"):
            int(text)
        elif kind in ("float", "double"):
            float(text)
        elif kind == "timestamp":
            parse_timestamp(text)
        elif kind == "blob":
            base64.b64decode(text, validate=True)
        elif kind == "boolean":
            return text in ("true", "false")
    except (ValueError, binascii.Error):
        return False
    return True
