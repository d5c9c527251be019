"""One rehearsal: the outside, both stacks, and what a scenario does with them."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from pathlib import Path

from . import secrets
from .alarms import LostAlarm
from .clock import Clock
from .document import EAST, NAME, WEST, text
from .eyes import Eyes
from .feeder import Feeder
from .inbox import Inbox
from .outside import Outside
from .processes import kill_function
from .public_name import PublicName

# How a run ends whose move is done.
ENDED_WELL = ("findings", "healthy")
# How many times faster than the machine's clock a scenario runs; and one with a dark Region, whose silence is waited for in
# real time: faster than this, and evidence is old before the next step has read it.
SPEED = 12
SPEED_IN_THE_DARK = 5
# Virtual seconds that a scene takes to settle: reconcile believes what it has seen twice, a minute apart.
READY_S = 240
SETTLING = 20
# Virtual seconds within which the slowest witness has noticed that a Region is dark, and reconcile has started nothing yet.
NOTICED_S = 200
# Real seconds that functions which have begun may go on for.
LAST_LOOKS_S = 2


class Rehearsal:
    def __init__(self, outside: Outside, clock: Clock, work: Path):
        self.outside, self.clock, self.work = outside, clock, work
        # `through` sees what functions see; `behind` is the emulator itself, for setting the scene.
        self.through, self.behind = Eyes(outside.endpoint), Eyes(outside.emulator)
        self.feeder = Feeder(outside, clock, self.behind)
        self.inboxes = {name: Inbox(self.behind, name) for name in (WEST, EAST)}
        self._runs = itertools.count(1)
        # Where every exchange is written down.
        self.record = "calls.jsonl"

    # --- the scene ---

    def begin(self, document: dict, writer: str = WEST) -> None:
        """A world at peace, an empty ledger, a document in both Regions, and clocks that agree."""
        self.feeder.stop()
        self.outside.scale(1.0)
        self._forget()
        self.clock.restart(behind_s=READY_S)
        self.outside.proxy("POST", "reset")
        document = secrets.in_document(document, secrets.made(self.behind))
        public_name = PublicName(self.behind, document["dns"]["public_name"], writer)
        document["dns"]["hosted_zone_id"] = public_name.zone
        self.outside.world("POST", "reset", {"deployment": text(document), "writer": writer})
        for name in (WEST, EAST):
            bucket = self.behind.bucket(name)
            self.behind.client("s3", name).put_object(Bucket=bucket, Key="deployment.toml", Body=text(document).encode())
        self.outside.proxy("POST", "record", {"path": str(self.work / self.record)})
        self.feeder.start(public_name)

    def _forget(self) -> None:
        """Nothing of an earlier scenario runs on: who has read its ledger would publish its flag into the next one."""
        for name in (WEST, EAST):
            LostAlarm(self, name).acts(False)
        self._stop_executions()
        for name in (WEST, EAST):
            for key in self.behind.keys(name):
                self.behind.client("s3", name).delete_object(Bucket=self.behind.bucket(name), Key=key)
        time.sleep(LAST_LOOKS_S)
        for name in (WEST, EAST):
            self.inboxes[name].empty()

    def _stop_executions(self) -> None:
        for name in (WEST, EAST):
            for kind in ("failover", "switchover", "protect", "reprotect", "check-readiness", "verify-backups", "answer-approval"):
                for it in self.behind.executions(name, kind):
                    if it["status"] == "RUNNING":
                        self.behind.client("stepfunctions", name).stop_execution(executionArn=it["executionArn"])

    # --- what a person, an alarm or a schedule does ---

    def invoke(self, name: str, function: str, event: object = None, wait: bool = True) -> dict:
        answer = self.behind.client("lambda", name).invoke(
            FunctionName=f"mmdr-{NAME}-{function}",
            InvocationType="RequestResponse" if wait else "Event",
            Payload=json.dumps(event if event is not None else {}).encode(),
        )
        found = json.loads(answer["Payload"].read() or b"{}") if wait else {}
        return {"error": found} if "FunctionError" in answer else found

    def start(self, name: str, kind: str, **fields) -> str:
        """A person starts a machine from the console's form."""
        run = f"{kind}-{int(time.time())}-{next(self._runs)}"
        machine = "failover" if kind == "detach" else kind
        body = {"kind": kind, "to": name, "reason": "a rehearsal"} | fields
        answer = self.behind.client("stepfunctions", name).start_execution(
            stateMachineArn=self.behind.machine(name, machine), name=run, input=json.dumps(body)
        )
        return answer["executionArn"]

    def answer(self, name: str, run: str, decision: str, reason: str = "agreed") -> dict:
        """A person answers the question that stands, as its notice shows it."""
        digest = self.behind.record(name, f"runs/{run}/approval-question.json")["digest"]
        arn = self.behind.client("stepfunctions", name).start_execution(
            stateMachineArn=self.behind.machine(name, "answer-approval"),
            input=json.dumps({"run": run, "decision": decision, "reason": reason, "digest": digest}),
        )["executionArn"]
        return self.ended(name, arn)

    def ended(self, name: str, arn: str, seconds: float = 480) -> dict:
        """The execution, once it has ended."""
        for _ in range(int(seconds * 4)):
            found = self.behind.execution(name, arn)
            if found["status"] != "RUNNING":
                return found
            time.sleep(0.25)
        raise TimeoutError(f"{arn} still runs; last state {self.behind.states(name, arn)[-3:]}\n{self.last_look(name, arn)}\n{self.feeder.missed[-3:]}")

    def asked(self, name: str, run: str) -> list[str]:
        """The question of a run that waits for a person's answer."""
        return [key for key in self.behind.keys(name, f"runs/{run}/") if "approval-question" in key]

    def lost_messages(self) -> int:
        return self.outside.world("GET", "state")["messages"]["not_at_the_writer"]

    def running(self, name: str, kind: str) -> list[dict]:
        return [it for it in self.behind.executions(name, kind) if it["status"] == "RUNNING"]

    def last_look(self, name: str, arn: str) -> str:
        run = arn.rsplit(":", 1)[1]
        keys = [key for key in self.behind.keys(name, f"runs/{run}/evidence/")]
        return self.behind.text(name, keys[-1])[:3000] if keys else "no evidence"

    def until(self, what: str, holds: Callable[[], object], seconds: float = 240) -> object:
        for _ in range(int(seconds * 4)):
            found = holds()
            if found:
                return found
            time.sleep(0.25)
        raise TimeoutError(f"{what}; rounds that were missed: {self.feeder.missed[-3:]}")

    def dark_for_minutes(self, name: str) -> None:
        """A Region went dark, and every witness has had the time to notice; whoever starts at once meets witnesses that disagree."""
        self.outside.dark(name, True)
        self.outside.scale(SPEED_IN_THE_DARK)
        noticed = self.clock.now_ms() + NOTICED_S * 1000
        self.until("witnesses that have noticed", lambda: self.clock.now_ms() >= noticed)

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
        # From now on, as its schedule has it.
        self.feeder.duties = {"reconcile"}

    def kill(self, function: str) -> bool:
        return kill_function(f"mmdr-{NAME}-{function}", self.outside.endpoint)
