"""Which call a request is: service, Region, protocol, operation. The proxy and the validator both ask here."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from moto.core.model import OperationModel, ServiceModel
from moto.core.request import Request
from moto.core.routing import get_router_class
from moto.s3.responses import S3Response
from moto.s3.utils import bucket_name_from_url
from werkzeug.exceptions import NotFound

CBOR = "smithy-rpc-v2-cbor"
# Names in a signature's scope that differ from botocore's name of the service.
BY_SIGNING_NAME = {
    "elasticloadbalancing": "elbv2",
    "es": "opensearch",
    "monitoring": "cloudwatch",
    "states": "stepfunctions",
}
# Where one signing name stands for two services: what tells the second.
BY_VERSION = {("elbv2", "2012-06-01"): "elb"}
BY_PATH = {("s3", "/v20180820/"): "s3control", ("opensearch", "/2015-01-01/"): "es"}
SCOPE = re.compile(r"Credential=[^/,\s]+/(\d{8})/([^,\s]+)/aws4_request")


@dataclass(frozen=True)
class Identity:
    """What is not known is empty. `service` is the name in the signature, `model` botocore's."""

    service: str = ""
    region: str = ""
    model: str = ""
    protocol: str = ""
    operation: str = ""
    bucket: str = ""


@functools.cache
def service_model(name: str) -> ServiceModel | None:
    """The model as botocore ships it, without moto's additions."""
    try:
        return ServiceModel(Loader().load_service_model(name, "service-2"), name)
    except UnknownServiceError:
        return None


def identify(method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Identity:
    """`headers` by their names in small letters; `path` as it was on the wire."""
    service, region = scope(headers, query)
    model = model_name(service, path, headers, body)
    protocol, operation = "", ""
    if (known := service_model(model)) is not None:
        protocol = protocol_of(known, path, headers)
        operation = operation_of(known, protocol, method, path, query, headers, body)
    bucket = bucket_of(path, headers) if model == "s3" else ""
    return Identity(service, region, model if known else "", protocol, operation, bucket)


def scope(headers: dict[str, str], query: str) -> tuple[str, str]:
    """Service and Region of the signature, in the header or in a presigned address."""
    signed = SCOPE.search(headers.get("authorization", ""))
    if signed is None:
        credential = parse_qs(query).get("X-Amz-Credential", [""])[0]
        signed = SCOPE.search(f"Credential={credential}")
    if signed is None:
        return "", ""
    parts = signed[2].split("/")
    # The asymmetric signature has no Region in its scope; the set of Regions is a header.
    region = parts[0] if len(parts) == 2 else headers.get("x-amz-region-set", "").split(",")[0]
    return parts[-1], region


def model_name(service: str, path: str, headers: dict[str, str], body: bytes) -> str:
    name = BY_SIGNING_NAME.get(service, service)
    for (model, beginning), other in BY_PATH.items():
        if name == model and path.startswith(beginning):
            return other
    if is_form(headers):
        return BY_VERSION.get((name, form(body).get("Version", "")), name)
    return name


def is_form(headers: dict[str, str]) -> bool:
    return headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


def form(body: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace"), True).items()}


def protocol_of(model: ServiceModel, path: str, headers: dict[str, str]) -> str:
    supported = list(model.metadata.get("protocols", [model.metadata["protocol"]]))
    if headers.get("smithy-protocol") == "rpc-v2-cbor" and CBOR in supported:
        return CBOR
    if "x-amz-target" in headers and "json" in supported:
        return "json"
    if is_form(headers) and {"query", "ec2"} & set(supported):
        return "ec2" if "ec2" in supported else "query"
    rest = [name for name in supported if name.startswith("rest-")]
    return rest[0] if rest else model.metadata["protocol"]


def operation_of(
    model: ServiceModel, protocol: str, method: str, path: str, query: str, headers: dict[str, str], body: bytes
) -> str:
    if protocol == CBOR:
        name = path.partition("/operation/")[2]
    elif protocol == "json":
        name = headers.get("x-amz-target", "").rpartition(".")[2]
    elif protocol in ("query", "ec2"):
        name = form(body).get("Action", "") or parse_qs(query).get("Action", [""])[0]
    else:
        found = route(model, protocol, method, path, query, headers)
        name = found[0].name if found else ""
    return name if name in model.operation_names else ""


@functools.cache
def _router(service: str, protocol: str):
    model = service_model(service)
    return get_router_class(service, protocol)(model)


def route(
    model: ServiceModel, protocol: str, method: str, path: str, query: str, headers: dict[str, str]
) -> tuple[OperationModel, dict[str, str]] | None:
    """The operation of a REST request and the labels of its path."""
    try:
        return _router(model.service_name, protocol).match(request_of(method, path, query, headers))
    except NotFound:
        return None


def request_of(method: str, path: str, query: str, headers: dict[str, str], body: bytes = b"") -> Request:
    """moto's own form of a request, with the path as it was on the wire."""
    host = headers.get("host") or "127.0.0.1"
    request = Request.from_primitives(method, f"http://{host}{path}?{query}", headers, body)
    request.environ["RAW_URI"] = path
    return request


def bucket_of(path: str, headers: dict[str, str]) -> str:
    """The bucket of an S3 request: in the host's name or first in the path."""
    request = request_of("GET", path, "", headers)
    if S3Response.subdomain_based_buckets(request):
        return bucket_name_from_url(request.url) or ""
    return unquote(path.lstrip("/").split("/")[0])
