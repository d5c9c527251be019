"""One rehearsal: the outside, both stacks, and what a scenario does with them."""

from __future__ import annotations

import copy
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

from .clock import Clock
from .document import ACCOUNT, EAST, NAME, THIRD, WEST, text
from .eyes import Eyes
from .outside import Outside
from .processes import kill_function
from .public_name import PublicName

# How many times faster than the machine's clock a scenario runs.
SPEED = 8
# Virtual seconds that a scene takes to settle: reconcile believes what it has seen twice, a minute apart.
READY_S = 240
SETTLING = 20
# Virtual seconds between two rounds of the duties: in AWS a schedule has them run each minute.
MINUTE_S = 60


class Rehearsal:
    def __init__(self, outside: Outside, clock: Clock, work: Path):
        self.outside, self.clock, self.work = outside, clock, work
        # `through` sees what functions see; `behind` is the emulator itself, for setting the scene.
        self.through, self.behind = Eyes(outside.endpoint), Eyes(outside.emulator)
        self.told: list[dict] = []
        self._feeding = threading.Event()
        self._feeder: threading.Thread | None = None
        self.duties: set[str] = set()
        self._carried: dict[str, object] = {}

    # --- the scene ---

    def begin(self, document: dict, writer: str = WEST) -> None:
        """A world at peace, an empty ledger, a document in both Regions, and clocks that agree."""
        self.stop_feeding()
        self._carried, self.duties = {}, set()
        self.clock.restart(behind_s=READY_S)
        self.outside.scale(1.0)
        self.outside.proxy("POST", "reset")
        document = self._with_secrets(document)
        self.public_name = PublicName(self.behind, document["dns"]["public_name"])
        document["dns"]["hosted_zone_id"] = self.public_name.make(writer)
        self.outside.world("POST", "reset", {"deployment": text(document), "writer": writer})
        for name in (WEST, EAST):
            self.alarm_acts(name, False)
        self._stop_executions()
        for name in (WEST, EAST):
            bucket = self.behind.bucket(name)
            s3 = self.behind.client("s3", name)
            for key in self.behind.keys(name):
                s3.delete_object(Bucket=bucket, Key=key)
            s3.put_object(Bucket=bucket, Key="deployment.toml", Body=text(document).encode())
        self.outside.proxy("POST", "record", {"path": str(self.work / "calls.jsonl")})
        self.feed()

    def _with_secrets(self, document: dict) -> dict:
        """The secrets exist, and the document has the ARNs that they were given."""
        found = copy.deepcopy(document)
        for setup in found["regions"]:
            setup["mattermost_token"] = self._secret(setup["name"], "dr-bot", '{"token": "rehearsal-token"}')
            search = '{"username": "dr", "password": "rehearsal"}'
            setup["search_credentials"] = self._secret(setup["name"], "search", search)
        return found

    def _secret(self, name: str, secret: str, value: str) -> str:
        secrets = self.behind.client("secretsmanager", name)
        try:
            return secrets.create_secret(Name=f"{NAME}/{secret}", SecretString=value)["ARN"]
        except secrets.exceptions.ResourceExistsException:
            return secrets.describe_secret(SecretId=f"{NAME}/{secret}")["ARN"]

    def _stop_executions(self) -> None:
        for name in (WEST, EAST):
            for kind in ("failover", "switchover", "protect", "reprotect", "check-readiness", "verify-backups"):
                for it in self.behind.executions(name, kind):
                    if it["status"] == "RUNNING":
                        self.behind.client("stepfunctions", name).stop_execution(executionArn=it["executionArn"])

    # --- what the world publishes ---

    def feed(self) -> None:
        """Carries the world's metrics to the emulator, and has the duties of both Regions run each virtual minute."""
        self._feeding.set()
        self._feeder = threading.Thread(target=self._feed, daemon=True)
        self._feeder.start()

    def stop_feeding(self) -> None:
        self._feeding.clear()
        if self._feeder is not None:
            self._feeder.join(30)
            self._feeder = None

    def _feed(self) -> None:
        next_minute = self.clock.now_ms()
        while self._feeding.is_set():
            self.publish(self.outside.world("GET", "metrics"))
            self._carry_public_name()
            if self.duties and self.clock.now_ms() >= next_minute:
                next_minute = self.clock.now_ms() + MINUTE_S * 1000
                for name in (WEST, EAST):
                    for duty in sorted(self.duties):
                        if name not in self.outside.proxy("GET", "state")["dark"]:
                            self.invoke(name, duty, wait=False)
            time.sleep(0.25)

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
            for begin in range(0, len(data), 500):
                self.behind.client("cloudwatch", region).put_metric_data(
                    Namespace=namespace, MetricData=data[begin : begin + 500]
                )

    def _carry_public_name(self) -> None:
        """Records and take-over flags, as functions leave them, reach the world's name servers and health checks."""
        records = self.public_name.primary()
        flags = {name: self.newest_flag(name) for name in (WEST, EAST)}
        if records is not None and records[1] and records != self._carried.get("records"):
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
            StartTime=now - 600, EndTime=now + 60, ScanBy="TimestampDescending",
        )  # fmt: skip
        values = answer["MetricDataResults"][0]["Values"] if answer["MetricDataResults"] else []
        return values[0] >= 0.5 if values else None

    # --- what a person, an alarm or a schedule does ---

    def invoke(self, name: str, function: str, event: object = None, wait: bool = True) -> dict:
        answer = self.behind.client("lambda", name).invoke(
            FunctionName=f"mmdr-{NAME}-{function}",
            InvocationType="RequestResponse" if wait else "Event",
            Payload=json.dumps(event if event is not None else {}).encode(),
        )
        found = json.loads(answer["Payload"].read() or b"{}") if wait else {}
        return {"error": found} if "FunctionError" in answer else found

    def start(self, name: str, kind: str, run: str, **fields) -> str:
        """A person starts a machine from the console's form."""
        machine = "failover" if kind == "detach" else kind
        body = {"kind": kind, "to": name, "reason": "a rehearsal"} | fields
        answer = self.behind.client("stepfunctions", name).start_execution(
            stateMachineArn=self.behind.machine(name, machine), name=run, input=json.dumps(body)
        )
        return answer["executionArn"]

    def answer(self, name: str, run: str, decision: str, reason: str = "agreed") -> dict:
        arn = self.behind.client("stepfunctions", name).start_execution(
            stateMachineArn=self.behind.machine(name, "answer-approval"),
            input=json.dumps({"run": run, "decision": decision, "reason": reason}),
        )["executionArn"]
        return self.ended(name, arn)

    def ended(self, name: str, arn: str, seconds: float = 240) -> dict:
        """The execution, once it has ended."""
        for _ in range(int(seconds * 4)):
            found = self.behind.execution(name, arn)
            if found["status"] != "RUNNING":
                return found
            time.sleep(0.25)
        raise TimeoutError(f"{arn} still runs; last state {self.behind.states(name, arn)[-3:]}\n{self.last_look(name, arn)}")

    def running(self, name: str, kind: str) -> list[dict]:
        return [it for it in self.behind.executions(name, kind) if it["status"] == "RUNNING"]

    def last_look(self, name: str, arn: str) -> str:
        run = arn.rsplit(":", 1)[1]
        keys = [key for key in self.behind.keys(name, f"runs/{run}/evidence/")]
        return self.behind.text(name, keys[-1])[:3000] if keys else "no evidence"

    def until(self, what: str, holds: Callable[[], object], seconds: float = 120) -> object:
        for _ in range(int(seconds * 4)):
            found = holds()
            if found:
                return found
            time.sleep(0.25)
        raise TimeoutError(what)

    def settled(self, writer: str) -> None:
        """The ledger knows who writes, as it does once reconcile has looked twice; then both clocks agree."""
        self.outside.scale(SETTLING)
        def known() -> bool:
            for name in (WEST, EAST):
                self.invoke(name, "reconcile")
            ledger = self.behind.record(writer, "ledger.json")
            return bool(ledger and ledger.get("settled") and ledger["settled"]["writer"] == writer)
        self.until(f"a ledger that says that {writer} writes", known)
        self.until("clocks that agree", lambda: self.clock.behind_ms() <= 0)
        self.outside.scale(1.0)

    def kill(self, function: str) -> bool:
        return kill_function(f"mmdr-{NAME}-{function}")

    def alarm_acts(self, name: str, acts: bool) -> None:
        """Whether the alarm in `name` on the other Region's loss may start anything."""
        client = self.behind.client("cloudwatch", name)
        (client.enable_alarm_actions if acts else client.disable_alarm_actions)(AlarmNames=[self.lost_alarm(name)])

    def lost_alarm(self, name: str) -> str:
        return f"mmdr-{NAME}-lost-{EAST if name == WEST else WEST}"

    def region_looks_well(self, subject: str, seen_from: str) -> None:
        """The alarm at rest: the last minutes' probes were good."""
        self.probes(subject, seen_from, 1.0)
        self.until("an alarm at rest", lambda: self.behind.alarm(seen_from, self.lost_alarm(seen_from)) == "OK")
        self.alarm_acts(seen_from, True)

    def probes(self, subject: str, seen_from: str, value: float) -> None:
        now = self.clock.now_ms()
        points = []
        for vantage in (seen_from, THIRD):
            for ago_s in (240, 180, 120, 60, 0):
                points.append({"region": vantage, "namespace": "MattermostDR", "metric": "RegionHealthy", "value": value,
                               "dimensions": {"Deployment": NAME, "Subject": subject}, "at_ms": now - ago_s * 1000})  # fmt: skip
        self.publish(points)

    def region_is_lost(self, lost: str, seen_from: str) -> None:
        """The Region goes dark, and the last minutes' probes and missing heartbeats say so."""
        self.outside.dark(lost, True)
        self.probes(lost, seen_from, 0.0)

    def topic(self, name: str) -> str:
        return f"arn:aws:sns:{name}:{ACCOUNT}:{NAME}-dr"
