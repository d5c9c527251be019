"""One recorded request with its response, and the form in which it lies in a file: a line of JSON each."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# What a line must have; a line may have more, which is for people.
FIELDS = (
    "service",
    "region",
    "method",
    "path",
    "query",
    "request_headers",
    "request_body_b64",
    "status",
    "response_headers",
    "response_body_b64",
)


@dataclass(frozen=True)
class Exchange:
    """`service` is the name in the signature's scope, or botocore's name of the service. `path` is as it was on the
    wire, still percent-encoded. `status` is None where nobody answered."""

    service: str
    region: str
    method: str
    path: str
    query: str
    request_headers: dict[str, str]
    request_body: bytes
    status: int | None
    response_headers: dict[str, str] = field(default_factory=dict)
    response_body: bytes = b""
    notes: dict = field(default_factory=dict)

    def request_header(self, name: str) -> str:
        return header(self.request_headers, name)

    def response_header(self, name: str) -> str:
        return header(self.response_headers, name)

    def as_json(self) -> str:
        line = {
            "service": self.service,
            "region": self.region,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "request_headers": self.request_headers,
            "request_body_b64": base64.b64encode(self.request_body).decode(),
            "status": self.status,
            "response_headers": self.response_headers,
            "response_body_b64": base64.b64encode(self.response_body).decode(),
        }
        return json.dumps(line | self.notes)


def header(headers: dict[str, str], name: str) -> str:
    """A header by its name in whatever case; empty if it is absent."""
    small = name.lower()
    return next((value for key, value in headers.items() if key.lower() == small), "")


def from_json(line: str) -> Exchange:
    fields = json.loads(line)
    missing = [name for name in FIELDS if name not in fields]
    if missing:
        raise ValueError(f"an exchange needs the fields {', '.join(missing)}")
    return Exchange(
        service=fields["service"],
        region=fields["region"],
        method=fields["method"],
        path=fields["path"],
        query=fields["query"],
        request_headers=fields["request_headers"],
        request_body=base64.b64decode(fields["request_body_b64"] or ""),
        status=fields["status"] or None,
        response_headers=fields["response_headers"] or {},
        response_body=base64.b64decode(fields["response_body_b64"] or ""),
        notes={name: value for name, value in fields.items() if name not in FIELDS},
    )


def read(path: Path) -> Iterator[Exchange]:
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield from_json(line)
                except ValueError as error:
                    raise ValueError(f"{path}, line {number}: {error}") from error
