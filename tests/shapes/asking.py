"""Requests that look signed, sent one by one without a client library."""

from __future__ import annotations

import http.client

SIGNED = "AWS4-HMAC-SHA256 Credential=AK/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"


def signed(service: str, region: str = "eu-central-1") -> dict[str, str]:
    return {"Authorization": SIGNED.format(service=service, region=region)}


def ask(proxy, method: str, path: str, body: bytes | None = None, headers: dict | None = None, timeout: float = 10):
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=timeout)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()
