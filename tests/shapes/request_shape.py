"""Does a request keep to the model of its operation?

The request is parsed by moto's parsers and judged by botocore's validator. Then it is written again from what was
parsed, by botocore's serializers, and compared with what came: whatever the parser did not know, or read as another
value, is missing or different there. That is how an unknown member is found in every protocol alike.
"""

from __future__ import annotations

import gzip

import cbor2
from botocore.serialize import create_serializer
from botocore.utils import parse_timestamp
from botocore.validate import ParamValidator
from constraints import violations
from exchange import Exchange
from identity import CBOR, Identity, request_of, route, service_model
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from roundtrip import differences


def request_findings(exchange: Exchange, identity: Identity) -> list[str]:
    operation = service_model(identity.model).operation_model(identity.operation)
    headers = {name.lower(): value for name, value in exchange.request_headers.items()}
    try:
        body = plain_body(exchange, identity, headers)
        parameters = parse(exchange, operation, identity.protocol, headers, body)
    except Exception as error:  # A parser may stumble in any way over what it does not expect.
        return [f"the request cannot be read: {type(error).__name__}: {error}"]
    found = []
    if operation.input_shape is not None:
        report = ParamValidator().validate(parameters, operation.input_shape)
        found += report.generate_report().splitlines() if report.has_errors() else []
        found += violations(parameters, operation.input_shape)
        if found:
            # What does not fit the model cannot be written again either.
            return found
    serializer = create_serializer(identity.protocol, include_validation=False)
    again = serializer.serialize_to_request(parameters, operation)
    return found + differences(exchange, headers, body, again, operation, identity)


def parse(exchange: Exchange, operation: OperationModel, protocol: str, headers: dict[str, str], body: bytes) -> dict:
    if operation.input_shape is None:
        return {}
    if protocol == CBOR:
        return cbor2.loads(body) if body else {}
    request = request_of(exchange.method, exchange.path, exchange.query, headers, body)
    labels = {}
    if protocol.startswith("rest-"):
        _, labels = route(operation.service_model, protocol, exchange.method, exchange.path, exchange.query, headers)
    parser = PROTOCOL_PARSERS[protocol](operation, timestamp_parser=kept_timestamp)
    return parser.parse(
        {
            "body": body,
            "headers": request.headers,
            "method": exchange.method,
            "url_params": labels,
            "url_path": exchange.path,
            "values": request.values,
        }
    )


def kept_timestamp(value: str | float) -> str | float:
    """As it came, once it has proven to be a moment: it is compared with what is written again."""
    parse_timestamp(value)
    return value


def plain_body(exchange: Exchange, identity: Identity, headers: dict[str, str]) -> bytes:
    """The body without what the transport made of it. What lies in S3 may itself be compressed; that is its own."""
    if identity.model != "s3" and headers.get("content-encoding") == "gzip":
        return gzip.decompress(exchange.request_body)
    if headers.get("x-amz-content-sha256", "").startswith("STREAMING-"):
        return unchunked(exchange.request_body)
    return exchange.request_body


def unchunked(body: bytes) -> bytes:
    """An upload in chunks without the chunks' frames and the trailer."""
    held, rest = b"", body
    while rest:
        frame, _, rest = rest.partition(b"\r\n")
        size = int(frame.split(b";")[0], 16)
        if size == 0:
            break
        held, rest = held + rest[:size], rest[size + 2 :]
    return held
