"""Is an error one that the operation may answer with, in its form and with its status?"""

from __future__ import annotations

import json
from collections.abc import Iterator

from exchange import Exchange
from identity import Identity
from moto.core.model import OperationModel

# What any service may answer: credentials, rate, and its own trouble. Names differ by protocol and age of the service.
COMMON = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InvalidClientTokenId",
    "RequestExpired",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "SignatureDoesNotMatch",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "UnrecognizedClientException",
    "ValidationError",
    "ValidationException",
}
# Documented by the service, absent from its model. HEAD has no body: the code is the status.
BY_SERVICE = {
    "rds": {"InvalidParameterCombination", "InvalidParameterValue"},
    "s3": {
        "400",
        "403",
        "404",
        "412",
        "AuthorizationHeaderMalformed",
        "BadDigest",
        "ConditionalRequestConflict",
        "InvalidArgument",
        "InvalidBucketName",
        "InvalidRequest",
        "MethodNotAllowed",
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NoSuchKey",
        "NoSuchLifecycleConfiguration",
        "NoSuchTagSet",
        "NoSuchVersion",
        "NotFound",
        "OperationAborted",
        "PermanentRedirect",
        "PreconditionFailed",
        "ReplicationConfigurationNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
    },
}


def error_findings(exchange: Exchange, identity: Identity, operation: OperationModel, parsed: dict) -> list[str]:
    error = parsed.get("Error", {})
    codes = {error.get("Code", ""), error.get("QueryErrorCode", "")} - {""}
    modelled = {shape.error_code: shape for shape in operation.error_shapes}
    modelled |= {shape.name: shape for shape in operation.error_shapes}
    shape = next((modelled[code] for code in codes if code in modelled), None)
    if shape is not None:
        return [*_of_status(exchange, shape), *_of_members(exchange, identity, shape)]
    if not codes:
        return ["error: the response names no code"]
    if codes & (COMMON | BY_SERVICE.get(identity.model, set())):
        return []
    return [f"error: {', '.join(sorted(codes))} is not in the model of {operation.name}"]


def _of_status(exchange: Exchange, shape) -> Iterator[str]:
    expected = shape.metadata.get("error", {}).get("httpStatusCode")
    if expected and exchange.status != expected:
        yield f"status: {exchange.status}, the model of {shape.name} has {expected}"


def _of_members(exchange: Exchange, identity: Identity, shape) -> Iterator[str]:
    """JSON errors carry the members of their shape; XML errors carry the same few elements whatever their shape."""
    if identity.protocol not in ("json", "rest-json") or not exchange.response_body:
        return
    known = {member.serialization.get("name", name) for name, member in shape.members.items()}
    known |= {"__type", "code", "message", "Message", "Type"}
    for name in json.loads(exchange.response_body):
        if name not in known:
            yield f"error: {shape.name}.{name} is not in the model"
