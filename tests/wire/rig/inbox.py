"""What people are told: a queue behind the topic of each Region."""

from __future__ import annotations

import json

from .document import ACCOUNT, NAME
from .eyes import Eyes


class Inbox:
    def __init__(self, behind: Eyes, region: str):
        self._sqs = behind.client("sqs", region)
        self._url = self._sqs.create_queue(QueueName=f"{NAME}-people")["QueueUrl"]
        queue, topic = f"arn:aws:sqs:{region}:{ACCOUNT}:{NAME}-people", f"arn:aws:sns:{region}:{ACCOUNT}:{NAME}-dr"
        allow = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": queue}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": policy})
        behind.client("sns", region).subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)

    def empty(self) -> None:
        self.told()

    def told(self) -> list[dict]:
        """Every notice since the last time, as SNS wraps them: `Subject` and `Message` among others."""
        found: list[dict] = []
        while True:
            answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
            messages = answer.get("Messages", [])
            if not messages:
                return found
            for message in messages:
                found.append(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
