"""Holds what botocore made of an answer against its own model of the operation."""

from __future__ import annotations

from botocore.model import Shape

PYTHON = {"string": str, "boolean": bool, "integer": int, "long": int, "list": list, "map": dict, "structure": dict}


def check(model, parsed: dict, **_: object) -> None:
    """Every required member is there, nothing is there that the model does not know, and types are as it says."""
    if parsed.get("ResponseMetadata", {}).get("HTTPStatusCode", 500) >= 300:
        assert parsed.get("Error", {}).get("Code"), f"{model.name}: an error without a code"
        known = {shape.error_code for shape in model.error_shapes} | {shape.name for shape in model.error_shapes}
        assert parsed["Error"]["Code"] in known | COMMON, f"{model.name}: {parsed['Error']} is none of {sorted(known)}"
        return
    assert parsed["ResponseMetadata"].get("RequestId"), f"{model.name}: no request id"
    if model.output_shape is not None:
        body = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}
        fits(model.name, model.output_shape, body)


# Codes that any operation may give, whatever its model lists.
COMMON = {
    "Throttling", "ThrottlingException", "SlowDown", "InternalFailure", "InternalServerError", "InternalException",
    "InvalidParameterCombination", "MissingParameter", "InvalidAction", "ValidationException", "InvalidRequest",
    "ReplicationConfigurationNotFoundError", "NoSuchBucket", "AuthorizationHeaderMalformed", "404",
}  # fmt: skip


def fits(where: str, shape: Shape, value: object) -> None:
    expected = PYTHON.get(shape.type_name)
    assert expected is None or isinstance(value, expected), f"{where}: {value!r} is no {shape.type_name}"
    if shape.type_name == "structure":
        missing = [name for name in shape.required_members if name not in value]
        assert not missing, f"{where}: {missing} are required"
        for name, member in value.items():
            assert name in shape.members, f"{where}: {name} is unknown"
            fits(f"{where}.{name}", shape.members[name], member)
    elif shape.type_name == "list":
        for number, member in enumerate(value):
            fits(f"{where}[{number}]", shape.member, member)
    elif shape.type_name == "map":
        for name, member in value.items():
            fits(f"{where}.{name}", shape.value, member)
