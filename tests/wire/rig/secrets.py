"""The secrets that the document names: an emulator gives them ARNs of its own, which stacks and document then take."""

from __future__ import annotations

import copy

from .document import EAST, NAME, WEST
from .eyes import Eyes

# Field of the document: the secret's name, its value, and the template's parameters in its own and in the other Region.
SECRETS = {
    "mattermost_token": ("dr-bot", '{"token": "rehearsal-token"}', "MattermostToken"),
    "search_credentials": ("search", '{"username": "dr", "password": "rehearsal"}', "SearchCredentials"),
}


def made(behind: Eyes) -> dict[str, dict[str, str]]:
    """By Region and field, the ARNs; secrets that are there already are left as they are."""
    return {region: {field: _one(behind, region, field) for field in SECRETS} for region in (WEST, EAST)}


def _one(behind: Eyes, region: str, field: str) -> str:
    secrets = behind.client("secretsmanager", region)
    name, value, _ = SECRETS[field]
    try:
        return secrets.create_secret(Name=f"{NAME}/{name}", SecretString=value)["ARN"]
    except secrets.exceptions.ResourceExistsException:
        return secrets.describe_secret(SecretId=f"{NAME}/{name}")["ARN"]


def in_document(document: dict, arns: dict[str, dict[str, str]]) -> dict:
    found = copy.deepcopy(document)
    for setup in found["regions"]:
        setup |= arns[setup["name"]]
    return found


def parameters(region: str, arns: dict[str, dict[str, str]]) -> list[str]:
    return [f"{SECRETS[field][2]}={arn}" for field, arn in arns[region].items()]
