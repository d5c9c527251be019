"""`check.py [--trust SERVICE:OPERATION] <calls.jsonl>...`: a table of the operations used, then every finding. Ends with 1 if
there is one.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import constraints
import exchange as exchanges
from exchange import Exchange
from identity import Identity, identify
from request_shape import request_findings
from response_shape import response_findings


@dataclass
class Report:
    """`used` counts exchanges by service and operation, and in it how many ended with an error or with nothing."""

    used: Counter = field(default_factory=Counter)
    errors: Counter = field(default_factory=Counter)
    unanswered: Counter = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)

    def table(self) -> str:
        rows = [("service", "operation", "calls", "errors", "unanswered")]
        rows += [
            (*key, str(count), str(self.errors[key]), str(self.unanswered[key]))
            for key, count in sorted(self.used.items())
        ]
        widths = [max(len(row[column]) for row in rows) for column in range(5)]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
        )


def identity_of(exchange: Exchange) -> Identity:
    headers = {name.lower(): value for name, value in exchange.request_headers.items()}
    found = identify(exchange.method, exchange.path, exchange.query, headers, exchange.request_body)
    if found.model:
        return found
    # Unsigned, or recorded without its signature: the line itself says which service it was meant for.
    named = f"AWS4-HMAC-SHA256 Credential=none/20000101/{exchange.region}/{exchange.service}/aws4_request"
    headers["authorization"] = named
    return identify(exchange.method, exchange.path, exchange.query, headers, exchange.request_body)


def findings_of(exchange: Exchange, trusted: str = "") -> list[str]:
    identity = identity_of(exchange)
    if not identity.model:
        return [f"no model of the service {exchange.service!r}"]
    if not identity.operation:
        return [f"{identity.model} has no operation for {exchange.method} {exchange.path}?{exchange.query}"]
    found = [f"request: {it}" for it in request_findings(exchange, identity)]
    if exchange.status is not None and f"{identity.model}:{identity.operation}" != trusted:
        found += [f"response: {it}" for it in response_findings(exchange, identity)]
    return [f"{identity.model} {identity.operation}: {it}" for it in found]


def check(recorded: Iterable[Exchange], trusted: str = "") -> Report:
    report = Report()
    for number, exchange in enumerate(recorded, 1):
        identity = identity_of(exchange)
        key = (identity.model or exchange.service or "unknown", identity.operation or "unknown")
        report.used[key] += 1
        report.errors[key] += exchange.status is not None and exchange.status >= 300
        report.unanswered[key] += exchange.status is None
        report.findings += [f"exchange {number}: {it}" for it in findings_of(exchange, trusted)]
    return report


def main() -> int:
    options = argparse.ArgumentParser(description="Recorded calls, held against AWS's service models")
    options.add_argument("--trust", default="", help="SERVICE:OPERATION of which only the requests are held, not the emulator's answers")
    options.add_argument("paths", nargs="+", type=Path, metavar="calls.jsonl")
    chosen = options.parse_args()
    report = check((exchange for path in chosen.paths for exchange in exchanges.read(path)), chosen.trust)
    print(report.table())
    if constraints.not_understood:
        print(f"\n{len(constraints.not_understood)} patterns of the models are not understood and were not checked")
    print(f"\n{len(report.findings)} findings")
    print("\n".join(report.findings))
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
