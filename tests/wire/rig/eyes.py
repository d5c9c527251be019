"""Reading what became of it, with boto3 and nothing of ours."""

from __future__ import annotations

import json

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from .document import ACCOUNT, NAME, region, seed


class Eyes:
    """Clients of one endpoint. Through the proxy they see the world; at the emulator itself they prepare."""

    def __init__(self, endpoint: str):
        self.endpoint = endpoint
        self._made: dict[tuple[str, str], object] = {}
        self._document = seed()

    def client(self, service: str, name: str):
        key = (service, name)
        if key not in self._made:
            self._made[key] = boto3.client(
                service,
                region_name=name,
                endpoint_url=self.endpoint,
                aws_access_key_id=ACCOUNT,
                aws_secret_access_key="rehearsal",
                config=Config(retries={"max_attempts": 1}, read_timeout=20, s3={"addressing_style": "path"}),
            )
        return self._made[key]

    # --- S3 ---

    def bucket(self, name: str) -> str:
        return region(self._document, name)["ledger_bucket"]

    def text(self, name: str, key: str) -> str | None:
        try:
            return self.client("s3", name).get_object(Bucket=self.bucket(name), Key=key)["Body"].read().decode()
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "NoSuchBucket", "404"):
                return None
            raise

    def record(self, name: str, key: str) -> dict | None:
        found = self.text(name, key)
        return None if found is None else json.loads(found)

    def keys(self, name: str, prefix: str = "") -> list[str]:
        pages = self.client("s3", name).get_paginator("list_objects_v2").paginate(Bucket=self.bucket(name), Prefix=prefix)
        return [it["Key"] for page in pages for it in page.get("Contents", [])]

    def report(self, name: str, run: str, dry_run: bool = False) -> dict | None:
        return self.record(name, f"{'dry-run' if dry_run else 'runs'}/{run}/report.json")

    # --- executions ---

    def machine(self, name: str, kind: str) -> str:
        return f"arn:aws:states:{name}:{ACCOUNT}:stateMachine:mmdr-{NAME}-{kind}"

    def executions(self, name: str, kind: str) -> list[dict]:
        answer = self.client("stepfunctions", name).list_executions(stateMachineArn=self.machine(name, kind))
        return answer["executions"]

    def execution(self, name: str, arn: str) -> dict:
        return self.client("stepfunctions", name).describe_execution(executionArn=arn)

    def states(self, name: str, arn: str) -> list[str]:
        """The names of the states that an execution entered, in order."""
        pages = self.client("stepfunctions", name).get_paginator("get_execution_history").paginate(executionArn=arn)
        events = [event for page in pages for event in page["events"]]
        return [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]

    # --- the database and the alarms ---

    def writer(self, name: str) -> str:
        """The Region of the only member that is flagged as writer, asked in `name`."""
        cluster = self._document["database"]["global_cluster"]
        answer = self.client("rds", name).describe_global_clusters(GlobalClusterIdentifier=cluster)
        members = answer["GlobalClusters"][0]["GlobalClusterMembers"]
        writers = [member["DBClusterArn"].split(":")[3] for member in members if member["IsWriter"]]
        assert len(writers) == 1, members
        return writers[0]

    def alarm(self, name: str, alarm: str) -> str:
        answer = self.client("cloudwatch", name).describe_alarms(AlarmNames=[alarm])
        return answer["MetricAlarms"][0]["StateValue"]

    def healthy_targets(self, name: str) -> list[str]:
        group = region(self._document, name)["nodes"]["target_group_arn"]
        answer = self.client("elbv2", name).describe_target_health(TargetGroupArn=group)
        found = answer["TargetHealthDescriptions"]
        return sorted(it["Target"]["Id"] for it in found if it["TargetHealth"]["State"] == "healthy")
