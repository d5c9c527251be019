"""The same function in Python, as far as a cold start goes: Lambda's own runtime client, boto3, the same calls, the same event.

It decides nothing: what a function makes of the answers would only add to its time.
"""

import json
import os
import time

import boto3
import urllib3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

with open(os.environ["MMDR_TWIN_CALLS"], encoding="utf-8") as calls:
    CALLS = json.load(calls)

# As in the function: patience that ends before Lambda's does, and no second attempt.
CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1})
SESSION = boto3.Session()
PLAIN = urllib3.PoolManager(retries=False, timeout=5)
CLIENTS = {}


def client(service, region):
    """Made when first used, then kept."""
    if (service, region) not in CLIENTS:
        CLIENTS[service, region] = SESSION.client(service, region_name=region, config=CONFIG)
    return CLIENTS[service, region]


def made(call):
    if "service" not in call:
        origin = os.environ["AWS_ENDPOINT_URL"]
        body = call["body"].encode() or None
        answer = PLAIN.request(call["method"], origin + call["path"], headers=call["headers"], body=body)
        return answer.status, answer.data
    try:
        answer = getattr(client(call["service"], call["region"]), xform_name(call["operation"]))(**call["parameters"])
        return 200, answer["Body"].read() if "Body" in answer else answer
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
    except BotoCoreError as error:
        return 0, str(error)


def handler(event, _context):
    looked, document = [], None
    for call in CALLS:
        began = time.monotonic()
        status, answer = made(call)
        what = call.get("operation") or call["method"]
        print(json.dumps({"call": what, "status": status, "took_ms": round((time.monotonic() - began) * 1000)}))
        if what == "GetParameter" and status == 200 and document is None:
            document = json.loads(answer["Parameter"]["Value"])
        looked.append({"call": what, "status": status})
    run = event.get("run") if isinstance(event, dict) else None
    return {"run": run, "previous": {"deployment": document and document["name"], "looked": looked}}
