"""Changes to one recorded exchange, for the tests of the tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import cbor2
from exchange import Exchange

Change = Callable[[Exchange], Exchange]


def request_text(old: str, new: str) -> Change:
    """In the request's body, once."""

    def change(it: Exchange) -> Exchange:
        assert old.encode() in it.request_body, it.request_body
        return replace(it, request_body=it.request_body.replace(old.encode(), new.encode(), 1))

    return change


def response_text(old: str, new: str) -> Change:
    """In the response's body, everywhere."""

    def change(it: Exchange) -> Exchange:
        assert old.encode() in it.response_body, it.response_body
        return replace(it, response_body=it.response_body.replace(old.encode(), new.encode()))

    return change


def response_pattern_gone(beginning: str, end: str) -> Change:
    """The first part of the response's body from `beginning` to `end`, taken out."""

    def change(it: Exchange) -> Exchange:
        before, found, rest = it.response_body.partition(beginning.encode())
        assert found, it.response_body
        return replace(it, response_body=before + rest.partition(end.encode())[2])

    return change


def request_json(edit: Callable[[dict], object]) -> Change:
    return lambda it: replace(it, request_body=_edited(it.request_body, edit, json.loads, _json))


def response_json(edit: Callable[[dict], object]) -> Change:
    return lambda it: replace(it, response_body=_edited(it.response_body, edit, json.loads, _json))


def request_cbor(edit: Callable[[dict], object]) -> Change:
    return lambda it: replace(it, request_body=_edited(it.request_body, edit, cbor2.loads, _cbor))


def response_cbor(edit: Callable[[dict], object]) -> Change:
    return lambda it: replace(it, response_body=_edited(it.response_body, edit, cbor2.loads, _cbor))


def request_header(name: str, value: str) -> Change:
    def change(it: Exchange) -> Exchange:
        kept = {key: text for key, text in it.request_headers.items() if key.lower() != name.lower()}
        return replace(it, request_headers={**kept, name: value})

    return change


def query(text: str) -> Change:
    return lambda it: replace(it, query=text)


def path(old: str, new: str) -> Change:
    def change(it: Exchange) -> Exchange:
        assert old in it.path, it.path
        return replace(it, path=it.path.replace(old, new, 1))

    return change


def status(number: int) -> Change:
    return lambda it: replace(it, status=number)


def _edited(body: bytes, edit: Callable[[dict], object], read: Callable, write: Callable) -> bytes:
    value = read(body)
    edit(value)
    return write(value)


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _cbor(value: object) -> bytes:
    return cbor2.dumps(value, datetime_as_timestamp=True)
