"""What AWS does by itself between the world and the emulator: metrics appear, health checks look, schedules run."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from .clock import Clock
from .document import EAST, NAME, WEST
from .eyes import Eyes
from .outside import Outside
from .public_name import PublicName

# Virtual seconds between two rounds of the duties: in AWS a schedule has them run each minute.
MINUTE_S = 60
# Most data points in one PutMetricData that an emulator takes as AWS does (1000 in AWS).
BATCH = 500


class Feeder:
    def __init__(self, outside: Outside, clock: Clock, behind: Eyes):
        self.outside, self.clock, self.behind = outside, clock, behind
        self.duties: set[str] = set()
        self._feeding = threading.Event()
        self._threads: list[threading.Thread] = []
        self._carried: dict[str, object] = {}
        self._points: list[dict] = []
        # Rounds that did not come to their end, and why.
        self.missed: list[str] = []

    def start(self, public_name: PublicName) -> None:
        self.public_name, self._carried, self._points, self.missed = public_name, {}, [], []
        self._feeding.set()
        self._next_minute = self.clock.now_ms()
        # Apart: metrics may take seconds, and name servers must not see in one moment what happened minutes apart.
        self._threads = [threading.Thread(target=self._feed, args=(what,), daemon=True) for what in (self._round, self._carry_public_name)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self.duties = set()
        self._feeding.clear()
        for thread in self._threads:
            thread.join(30)
        self._threads = []

    def _feed(self, what: Callable[[], None]) -> None:
        while self._feeding.is_set():
            try:
                what()
            # Whoever hosts all this may be too busy to answer in time: what is late comes with the next round.
            except (BotoCoreError, ClientError, OSError, RuntimeError) as error:
                self.missed.append(f"{time.strftime('%H:%M:%S')} {error}")
            time.sleep(0.25)

    def _round(self) -> None:
        self._points += self.outside.world("GET", "metrics")
        self.publish(self._points)
        self._points = []
        if self.duties and self.clock.now_ms() >= self._next_minute:
            self._next_minute = self.clock.now_ms() + MINUTE_S * 1000
            dark = self.outside.proxy("GET", "state")["dark"]
            for name in (WEST, EAST):
                for duty in sorted(self.duties):
                    if name not in dark:
                        self._perform(name, duty)

    def _perform(self, name: str, duty: str) -> None:
        client = self.behind.client("lambda", name)
        client.invoke(FunctionName=f"mmdr-{NAME}-{duty}", InvocationType="Event", Payload=json.dumps({}).encode())

    def publish(self, points: list[dict]) -> None:
        requests: dict[tuple[str, str], list[dict]] = {}
        for point in points:
            # A stack probes the other Region only; the emulator's alarms mix what has other dimensions.
            if point["dimensions"].get("Subject") == point["region"]:
                continue
            dimensions = [{"Name": name, "Value": value} for name, value in point["dimensions"].items()]
            requests.setdefault((point["region"], point["namespace"]), []).append(
                {"MetricName": point["metric"], "Dimensions": dimensions, "Value": point["value"],
                 "Timestamp": point["at_ms"] / 1000}
            )  # fmt: skip
        for (region, namespace), data in requests.items():
            for begin in range(0, len(data), BATCH):
                self.behind.client("cloudwatch", region).put_metric_data(
                    Namespace=namespace, MetricData=data[begin : begin + BATCH]
                )

    def _carry_public_name(self) -> None:
        """Records and take-over flags, as functions leave them, reach the world's name servers and health checks."""
        # Flags first: arm-dns exchanges the records and then clears the flag, so that records are never older than flags here.
        flags = {name: self.newest_flag(name) for name in (WEST, EAST)}
        records = self.public_name.primary()
        if records is not None and records != self._carried.get("records"):
            self.outside.world("PUT", "records", {"primary": records[0], "flag_region": records[1]})
            self._carried["records"] = records
        for name, flag in flags.items():
            if flag is not None and flag != self._carried.get(name):
                self.outside.world("POST", "flag", {"region": name, "taken_over": flag})
                self._carried[name] = flag

    def newest_flag(self, name: str) -> bool | None:
        now = self.clock.now_ms() / 1000
        answer = self.behind.client("cloudwatch", name).get_metric_data(
            MetricDataQueries=[{"Id": "f", "MetricStat": {"Metric": {"Namespace": "MattermostDR", "MetricName": "TakenOver",
                "Dimensions": [{"Name": "Deployment", "Value": NAME}, {"Name": "Region", "Value": name}]},
                "Period": 1, "Stat": "Maximum"}}],
            StartTime=now - 600, EndTime=now + 60,
        )  # fmt: skip
        # The emulator gives them in an order of its own, whatever it is asked for.
        points = [point for result in answer["MetricDataResults"] for point in zip(result["Timestamps"], result["Values"], strict=True)]
        return max(points)[1] >= 0.5 if points else None
