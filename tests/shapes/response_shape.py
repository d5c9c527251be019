"""Does a response keep to the model of its operation?

botocore's own parser has to read it. Beside that the raw body is walked along the model, because the parser passes over
what it does not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from xml.etree import ElementTree

import cbor2
from botocore.awsrequest import HeadersDict
from botocore.parsers import create_parser
from error_codes import error_findings
from exchange import Exchange
from identity import CBOR, Identity, service_model
from json_walk import walk_value
from moto.core.model import OperationModel
from xml_walk import walk_element

# Documented, absent from the model: a range of an object, and tags that were written.
NOT_IN_THE_MODEL = {("s3", "GetObject", 206), ("s3", "PutBucketTagging", 204)}
# An object that has not changed since: neither an answer nor an error.
NOT_MODIFIED = {("s3", "GetObject", 304), ("s3", "HeadObject", 304)}


def response_findings(exchange: Exchange, identity: Identity) -> list[str]:
    operation = service_model(identity.model).operation_model(identity.operation)
    if (identity.model, identity.operation, exchange.status) in NOT_MODIFIED:
        return []
    try:
        parsed = create_parser(identity.protocol).parse(_as_botocore_has_it(exchange), operation.output_shape)
    except Exception as error:  # A parser may stumble in any way over what it does not expect.
        return [f"the response cannot be read: {type(error).__name__}: {error}"]
    if exchange.status >= 300:
        return error_findings(exchange, identity, operation, parsed)
    return [*_of_status(exchange, identity, operation), *_of_body(exchange, identity, operation)]


def _as_botocore_has_it(exchange: Exchange) -> dict:
    headers = HeadersDict()
    for name, value in exchange.response_headers.items():
        headers[name] = value
    return {"status_code": exchange.status, "headers": headers, "body": exchange.response_body, "context": {}}


def _of_status(exchange: Exchange, identity: Identity, operation: OperationModel) -> Iterator[str]:
    output = operation.output_shape
    members = output.members.values() if output is not None else []
    told_in_the_answer = any(member.serialization.get("location") == "statusCode" for member in members)
    expected = operation.http.get("responseCode", 200)
    known = (identity.model, identity.operation, exchange.status) in NOT_IN_THE_MODEL
    if not told_in_the_answer and not known and exchange.status != expected:
        yield f"status: {exchange.status}, the model has {expected}"


def _of_body(exchange: Exchange, identity: Identity, operation: OperationModel) -> Iterator[str]:
    output, body = operation.output_shape, exchange.response_body
    payload = output.serialization.get("payload") if output is not None else None
    if exchange.method == "HEAD" or (payload and output.members[payload].type_name in ("blob", "string")):
        return
    shape = output.members[payload] if payload else output
    if identity.protocol == CBOR:
        yield from walk_value(shape, cbor2.loads(body) if body else {}, binary=True)
    elif identity.protocol in ("json", "rest-json"):
        yield from walk_value(shape, json.loads(body) if body.strip() else {})
    elif body.strip():
        yield from _of_document(ElementTree.fromstring(body), shape, identity, operation)
    elif shape is not None and shape.required_members and not payload:
        yield "the body is empty"


def _of_document(root: ElementTree.Element, shape, identity: Identity, operation: OperationModel) -> Iterator[str]:
    if identity.protocol == "query":
        yield from _of_query_document(root, shape, operation)
    elif identity.protocol == "ec2":
        yield from walk_element(shape, root, besides=("requestId",))
    elif (identity.model, identity.operation) != ("s3", "GetBucketLocation"):
        # The one operation whose root is itself the value.
        yield from walk_element(shape, root)


def _of_query_document(root: ElementTree.Element, shape, operation: OperationModel) -> Iterator[str]:
    tag = lambda element: element.tag.rpartition("}")[2]  # noqa: E731
    if tag(root) != f"{operation.name}Response":
        yield f"element: {tag(root)}, expected {operation.name}Response"
    wrapper = shape.serialization.get("resultWrapper") if shape is not None else None
    results = [child for child in root if tag(child) == wrapper]
    for child in root:
        if tag(child) not in (wrapper, "ResponseMetadata"):
            yield f"element: {tag(root)}/{tag(child)} is not in the model"
    if wrapper and not results and shape.members:
        yield f"element: {wrapper} is missing"
    for result in results:
        yield from walk_element(shape, result)
