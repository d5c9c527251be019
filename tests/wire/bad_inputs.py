"""Events, environments and documents that do not fit. Each has a name, a function, and what its answer must hold."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from rig.document import ACCOUNT, EAST, NAME, ROOT, WEST

EVENTS = ROOT / "events"
STARTS = ROOT / "tests" / "bad" / "starts"


@dataclass(frozen=True)
class Case:
    """`says`: words that the sentence holds, in this order. `refuses`: it answers with an outcome instead of an error."""

    name: str
    function: str
    event: object
    says: tuple[str, ...]
    error: str = "Dr.BadInput"
    refuses: bool = False
    env: dict = field(default_factory=dict)
    document: object = ...


def sample(name: str, **changes: object) -> dict:
    event = json.loads((EVENTS / f"{name}.json").read_text())
    for path, value in changes.items():
        *parents, last = path.split("__")
        inner = event
        for parent in parents:
            inner = inner[int(parent)] if parent.isdigit() else inner[parent]
        if value is ...:
            del inner[last]
        else:
            inner[last] = value
    return event


def start(value: object, part: str = "whole") -> dict:
    execution = f"arn:aws:states:{EAST}:{ACCOUNT}:execution:mmdr-{NAME}-failover:bad-1"
    return {"run": value, "previous": None, "part": part, "execution": execution}


def _refused(name: str, event: object, *says: str) -> Case:
    return Case(name, "start-move", event, says, refuses=True)


ALARMS = [
    _refused("an event that is a number", 7, "expected a JSON object"),
    _refused("an event that is null", None, "expected a JSON object"),
    _refused("an event that is a list", [], "expected a JSON object"),
    _refused("an event that is a text", "alarm", "expected a JSON object"),
    _refused("an event of nobody", {}, "neither source, Records nor kind"),
    _refused("an event of another service", {"source": "aws.ec2", "detail-type": "x", "detail": {}}, "aws.ec2"),
    _refused("an alarm without data", sample("alarm-direct", alarmData=...), "alarmData"),
    _refused("an alarm whose data is a text", sample("alarm-direct", alarmData="x"), "alarmData"),
    _refused("an alarm without an ARN", sample("alarm-direct", alarmArn=...), "alarmArn"),
    _refused("an alarm whose ARN is none", sample("alarm-direct", alarmArn="x"), "alarmArn"),
    _refused("an alarm without a state", sample("alarm-direct", alarmData__state=...), "state"),
    _refused("an alarm in an unknown state", sample("alarm-direct", alarmData__state__value="RED"), "ALARM, OK or", "RED"),
    _refused("an alarm with a time of yesterday's form", sample("alarm-direct", alarmData__state__timestamp="soon"), "soon"),
    _refused("an alarm of two names", sample("alarm-direct", alarmData__alarmName="other"), "alarmName"),
    _refused("an alarm of an unknown deployment",
             sample("alarm-direct", alarmArn=f"arn:aws:cloudwatch:{EAST}:{ACCOUNT}:alarm:mmdr-globex-lost-{WEST}",
                    alarmData__alarmName=f"mmdr-globex-lost-{WEST}"), "mmdr-globex"),
    _refused("an alarm of another account",
             sample("alarm-direct", alarmArn=f"arn:aws:cloudwatch:{EAST}:999999999999:alarm:mmdr-{NAME}-lost-{WEST}"),
             "999999999999"),
    _refused("an alarm of another Region",
             sample("alarm-direct", alarmArn=f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:mmdr-{NAME}-lost-{WEST}"),
             "eu-west-1"),
    _refused("a notification without a record", sample("alarm-sns", Records=[]), "Records"),
    _refused("a notification of two records",
             sample("alarm-sns", Records=sample("alarm-sns")["Records"] * 2), "Records"),
    _refused("a notification whose message is no JSON", sample("alarm-sns", Records__0__Sns__Message="help"), "Message"),
    _refused("a notification whose message ends too early",
             sample("alarm-sns", Records__0__Sns__Message='{"AlarmName": '), "ends too early"),
    _refused("a notification without a message", sample("alarm-sns", Records__0__Sns__Message=...), "Message"),
    _refused("an event of the bus without its alarm", sample("alarm-eventbridge", resources=[]), "resources"),
    _refused("an event of RDS without an identifier", sample("rds-event-0239", detail__EventID=...), "EventID"),
    _refused("an event of RDS that starts nothing", sample("rds-event-0239", detail__EventID="RDS-EVENT-0001"), "0001"),
    _refused("a schedule of an unknown kind", {"kind": "tidy-up", "scheduled_time": "2026-11-21T10:00:00Z"}, "tidy-up"),
    _refused("a schedule that would move", {"kind": "failover", "scheduled_time": "2026-11-21T10:00:00Z"}, "failover"),
    _refused("a schedule with a field too many", {"kind": "verify-backups", "to": EAST}, "to"),
]  # fmt: skip

PAYLOADS = [
    Case("a payload without a part", "switch-database", {"run": {}}, ("payload", "part")),
    Case("a payload with a field too many", "switch-database", {**start({}), "approve": True}, ("payload", "approve")),
    Case("a payload that is a list", "switch-database", [1], ("payload",)),
    Case("a ticket that is empty", "switch-database", start({}, "promote"), ("run",)),
    Case("a ticket that is a number", "flip-dns", start(3), ("run",)),
    Case("a part that no step has", "roll-nodes", start({}, "stop-everything"), ("run",)),
    Case("an approval of nothing", "request-approval", {"run": None, "part": "answer"}, ("expected",)),
    Case("an approval of itself", "open-run", start({"kind": "failover", "to": EAST, "reason": "x", "approved": True}),
         ("approved",)),
    Case("a start in another Region", "open-run", start({"kind": "failover", "to": WEST, "reason": "x"}), (WEST,)),
    Case("a relay's event of an unknown word", "relay", "drop-everything", ("a relay's event",)),
    Case("a relay's event that is empty", "relay", {}, ("a relay's event",)),
    Case("a relay's event with a field too many", "relay", {"start": {"alias": "a", "names": [], "x": 1}},
         ("a relay's event",)),
]  # fmt: skip


def _env(name: str, says: tuple[str, ...], **env: str | None) -> Case:
    return Case(name, "open-run", start({}), says, error="Dr.BadDeployment", env=env)


ENVIRONMENTS = [
    _env("no Region", ("AWS_REGION", "expected", "found nothing"), AWS_REGION=None),
    _env("no Deployment", ("MMDR_DEPLOYMENT", "expected", "found nothing"), MMDR_DEPLOYMENT=None),
    _env("an empty Deployment", ("MMDR_DEPLOYMENT", "expected", "found nothing"), MMDR_DEPLOYMENT=""),
    _env("no document", ("MMDR_DOCUMENT", "expected", "found nothing"), MMDR_DOCUMENT=None),
    _env("a document at no place", ("MMDR_DOCUMENT", "expected", "found"), MMDR_DOCUMENT="https://example.com"),
    _env("a document in a bucket without a key", ("MMDR_DOCUMENT", "expected"), MMDR_DOCUMENT="s3://bucket"),
    _env("another Deployment than the document's", ("name", "globex", NAME), MMDR_DEPLOYMENT="globex"),
    _env("another Region than the document's", ("regions", "eu-west-1"), AWS_REGION="eu-west-1"),
]


def _document(name: str, document: object, *says: str) -> Case:
    return Case(name, "open-run", start({}), says, error="Dr.BadDeployment", document=document)


def changed(**changes: object) -> dict:
    import tomllib

    found = tomllib.loads((ROOT / "examples" / "seed-runbook.toml").read_text())
    for path, value in changes.items():
        *parents, last = path.split("__")
        inner = found
        for parent in parents:
            inner = inner[int(parent)] if parent.isdigit() else inner[parent]
        inner[last] = value
    return found


DOCUMENTS = [
    _document("no document at its place", None, "there is no deployment document"),
    _document("a document that is empty", b"", "expected"),
    _document("a document that ends too early", b'{"version": 1', "JSON"),
    _document("a document in no form", b"<html>", "TOML"),
    _document("a document of a later version", changed(version=2), "version"),
    _document("a document with an unknown field", changed(extra=1), "extra"),
    _document("a document with one Region twice", changed(regions__1__name=WEST), "two different Regions"),
    _document("a document with a password in it", changed(regions__0__mattermost_token="hunter2-hunter2"), "not shown"),
    _document("a document with a TTL of an hour", changed(dns__ttl_s=3600), "dns.ttl_s", "3600"),
    _document("a document with a policy that asks nobody", changed(policy__approval="never"), "approval"),
    _document("a document of a megabyte", b" " * (1 << 20), "bytes"),
]


def _starts() -> list[Case]:
    """The console inputs that the in-process rehearsal refuses, as open-run and request-approval get them."""
    found = []
    for folder in sorted(it for it in STARTS.iterdir() if it.is_dir()):
        case = json.loads((folder / "start.json").read_text())
        sentence = (folder / "sentence.txt").read_text()
        if "Dr.BadInput: " not in sentence or case["console"] != 1:
            continue
        answers = case["machine"] == "answer-approval"
        event = {"run": case["input"], "part": "answer"} if answers else start(case["input"])
        said = sentence.split("Dr.BadInput: ", 1)[1].splitlines()[0]
        event["execution"] = f"arn:aws:states:{EAST}:{ACCOUNT}:execution:mmdr-{NAME}-{case['machine']}:bad-1"
        if answers:
            del event["execution"]
        found.append(Case(f"console: {folder.name}", "request-approval" if answers else "open-run", event, (said,)))
    return found


CASES = [*ALARMS, *PAYLOADS, *ENVIRONMENTS, *DOCUMENTS, *_starts()]
OVERSIZED = json.dumps(sample("alarm-direct", alarmData__state__reason="x" * 400_000), separators=(",", ":")).encode()
SEED = Path(ROOT / "examples" / "seed-runbook.toml")
