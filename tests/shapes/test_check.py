"""What the validator says of real calls, and that it notices one field that is altered."""

from __future__ import annotations

import dataclasses
import functools
import gzip
import subprocess
import sys
from pathlib import Path

import alterations as alter
import exchange
import pytest
from check import check, findings_of
from conftest import client, proxy_with
from examples import perform
from identity import CBOR

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def recorded(ministack) -> list[exchange.Exchange]:
    with proxy_with({"otherwise": ministack}) as proxy:
        # The Rust client of CloudWatch speaks CBOR, the one at hand would choose JSON.
        protocols = {"cloudwatch": CBOR}
        perform(functools.cache(lambda service: client(service, proxy.url, protocol=protocols.get(service))))
        return list(exchange.read(proxy.recorded))


@pytest.fixture(scope="module")
def told(recorded) -> dict[str, exchange.Exchange]:
    """By `<model> <operation> <status>`, the last one of each."""
    lines = {}
    for line in recorded:
        report = check([line])
        ((model, operation),) = report.used
        lines[f"{model} {operation} {line.status}"] = line
    return lines


def test_real_calls_and_their_answers_keep_to_the_models(recorded):
    report = check(recorded)
    assert report.findings == []
    assert {line.path for line in recorded if line.service == "monitoring"} >= {
        "/service/GraniteServiceVersion20100801/operation/PutMetricData"
    }
    assert report.used["s3", "PutObject"] == 2 and report.errors["s3", "PutObject"] == 1
    assert len(report.used) >= 30


REQUESTS = [
    ("rds DescribeEvents 200", alter.request_text("SourceType=", "SourceTyp="), "SourceTyp is not in the model"),
    ("rds DescribeEvents 200", alter.request_text("db-cluster", "db-clusters"), "'db-clusters' is none of"),
    ("rds DescribeEvents 200", alter.request_text("Duration=60", "Duration=sixty"), "cannot be read"),
    ("rds DescribeEvents 200", alter.request_text("2014-10-31", "2014-09-01"), "Version=2014-09-01"),
    (
        "rds FailoverGlobalCluster 404",
        alter.request_text("AllowDataLoss=true", "AllowDataLoss=True"),
        "AllowDataLoss=True",
    ),
    ("rds FailoverGlobalCluster 404", alter.request_text("GlobalClusterIdentifier=none", "x=1"), "Missing required"),
    ("rds DescribeDBClusters 200", alter.request_text("Values.Value.2", "Values.member.2"), "not in the model"),
    ("ec2 DescribeInstances 200", alter.request_text("Filter.1.Value.1", "Filter.1.Values.1"), "not in the model"),
    ("sns CreateTopic 200", alter.request_text("entry.1.key", "entry.1.Key"), "not in the model"),
    ("s3 PutBucketVersioning 200", alter.request_text("<Status>", "<State>"), "cannot be read"),
    ("s3 PutBucketVersioning 200", alter.request_text("Enabled<", "On<"), "'On' is none of"),
    (
        "s3 PutBucketTagging 204",
        alter.request_text("<Tag><Key>", "<Tag><Name>n</Name><Key>"),
        "Name is not in the model",
    ),
    ("s3 ListObjectsV2 200", alter.query("list-type=2&prefix=runs%2F&prefixes=x"), "prefixes=x is not in the model"),
    (
        "s3 PutObject 200",
        alter.request_header("x-amz-storage-clas", "STANDARD"),
        "x-amz-storage-clas is not in the model",
    ),
    ("s3 PutObject 200", alter.request_header("x-amz-storage-class", "COLD"), "'COLD' is none of"),
    ("route53 ChangeResourceRecordSets 200", alter.request_text(">CNAME<", ">CNAM<"), "'CNAM' is none of"),
    ("route53 ChangeResourceRecordSets 200", alter.request_text("<TTL>30</TTL>", "<TTL>soon</TTL>"), "cannot be read"),
    ("route53 ChangeResourceRecordSets 200", alter.request_text("<Action>UPSERT</Action>", ""), "Missing required"),
    ("ssm PutParameter 200", alter.request_json(lambda it: it.update(Kind="String")), "Kind is not in the model"),
    ("ssm PutParameter 200", alter.request_json(lambda it: it.update(Value=5)), "Invalid type"),
    ("ssm PutParameter 200", alter.request_json(lambda it: it.update(Overwrite="true")), "Invalid type"),
    ("ssm PutParameter 200", alter.request_json(lambda it: it.update(Name="n" * 3000)), "3000 letters, at most"),
    ("ssm PutParameter 200", alter.request_header("Content-Type", "application/x-amz-json-1.0"), "content-type"),
    ("ssm PutParameter 200", alter.request_header("X-Amz-Target", "Other.PutParameter"), "x-amz-target"),
    ("stepfunctions StartExecution 200", alter.request_json(lambda it: it.pop("stateMachineArn")), "Missing required"),
    ("stepfunctions StartExecution 200", alter.request_json(lambda it: it.update(name="")), "name"),
    ("backup CreateBackupVault 200", alter.path("/vault", "/v"), "does not match"),
    ("backup ListRecoveryPointsByBackupVault 200", alter.query("maxResults=10&max=1"), "max=1 is not in the model"),
    ("opensearch CreateDomain 200", alter.request_json(lambda it: it.update(Zone=1)), "Zone is not in the model"),
    ("lambda Invoke 404", alter.request_header("X-Amz-Invocation-Type", "Evnt"), "'Evnt' is none of"),
    ("cloudwatch PutMetricData 200", alter.request_cbor(lambda it: it.update(Space="x")), "Space"),
    (
        "cloudwatch PutMetricData 200",
        alter.request_cbor(lambda it: it["MetricData"][0].update(Value="1")),
        "Invalid type",
    ),
    ("cloudwatch PutMetricAlarm 200", alter.request_cbor(lambda it: it.update(Statistic="Max")), "'Max' is none of"),
    (
        "cloudwatch PutMetricAlarm 200",
        alter.path("GraniteServiceVersion20100801", "CloudWatch"),
        "path: /service/CloudWatch",
    ),
]


@pytest.mark.parametrize(("which", "change", "said"), REQUESTS, ids=lambda it: it if isinstance(it, str) else "")
def test_an_altered_request_is_found(which, change, said, told):
    found = findings_of(change(told[which]))
    assert any(said in it and " request: " in it for it in found), found


RESPONSES = [
    ("rds DescribeGlobalClusters 200", alter.response_text("<Status>", "<State>"), "cannot be read"),
    (
        "rds DescribeGlobalClusters 200",
        alter.response_text("<Status>", "<State>x</State><Status>"),
        "GlobalClusterMember/State is not in the model",
    ),
    ("rds DescribeGlobalClusters 200", alter.response_text("DescribeGlobalClustersResult", "Result"), "cannot be read"),
    ("rds FailoverGlobalCluster 404", alter.status(400), "status: 400"),
    (
        "rds FailoverGlobalCluster 404",
        alter.response_text("GlobalClusterNotFoundFault", "NoSuchCluster"),
        "NoSuchCluster is not in the model of FailoverGlobalCluster",
    ),
    ("s3 ListObjectsV2 200", alter.response_text("<IsTruncated>false", "<IsTruncated>no"), "expected a boolean"),
    (
        "s3 ListObjectsV2 200",
        alter.response_text("<KeyCount>", "<Count>1</Count><KeyCount>"),
        "Count is not in the model",
    ),
    ("s3 DeleteObject 204", alter.status(200), "status: 200, the model has 204"),
    ("s3 PutObject 412", alter.response_text("PreconditionFailed", "Precondition"), "Precondition is not in the model"),
    (
        "route53 ListResourceRecordSets 200",
        alter.response_pattern_gone("<MaxItems>", "</MaxItems>"),
        "MaxItems is missing",
    ),
    ("route53 ListResourceRecordSets 200", alter.response_text("<TTL>", "<TTL>x"), "cannot be read"),
    ("route53 CreateHostedZone 201", alter.status(200), "status: 200, the model has 201"),
    (
        "ssm GetParameter 200",
        alter.response_json(lambda it: it["Parameter"].update(Kind="x")),
        "Parameter.Kind is not in",
    ),
    ("ssm GetParameter 200", alter.response_json(lambda it: it["Parameter"].update(Version="1")), "expected a long"),
    ("ssm GetParameter 400", alter.response_json(lambda it: it.update(__type="ParameterMissing")), "ParameterMissing"),
    (
        "stepfunctions DescribeExecution 200",
        alter.response_json(lambda it: it.pop("startDate")),
        "startDate is missing",
    ),
    (
        "stepfunctions DescribeExecution 200",
        alter.response_json(lambda it: it.update(startDate="2026-01-01T00:00:00Z")),
        "startDate: expected a timestamp",
    ),
    ("opensearch DescribeDomain 200", alter.response_json(lambda it: it["DomainStatus"].pop("ARN")), "ARN is missing"),
    ("lambda ListFunctions 200", alter.response_json(lambda it: it.update(Marker="m")), "Marker is not in the model"),
    (
        "cloudwatch DescribeAlarms 200",
        alter.response_cbor(lambda it: it["MetricAlarms"][0].update(State="OK")),
        "MetricAlarms[0].State is not in the model",
    ),
    (
        "cloudwatch DescribeAlarms 200",
        alter.response_cbor(lambda it: it["MetricAlarms"][0].update(Period="60")),
        "Period: expected a integer",
    ),
    (
        "ec2 DescribeInstances 200",
        alter.response_text("reservationSet", "reservations"),
        "reservations is not in the model",
    ),
]


@pytest.mark.parametrize(("which", "change", "said"), RESPONSES, ids=lambda it: it if isinstance(it, str) else "")
def test_an_altered_response_is_found(which, change, said, told):
    found = findings_of(change(told[which]))
    assert any(said in it and " response: " in it for it in found), found


def test_what_only_the_transport_or_the_rust_client_adds_is_no_finding(told):
    metric, listed, put = told["cloudwatch PutMetricData 200"], told["s3 ListObjectsV2 200"], told["s3 PutObject 200"]
    zipped = dataclasses.replace(metric, request_body=gzip.compress(metric.request_body))
    named = alter.query(f"{listed.query}&x-id=ListObjectsV2")(listed)
    chunks = b"2;chunk-signature=0\r\n{}\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n"
    streamed = alter.request_header("X-Amz-Content-Sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")(put)
    assert findings_of(alter.request_header("Content-Encoding", "gzip")(zipped)) == []
    assert findings_of(named) == []
    assert findings_of(dataclasses.replace(streamed, request_body=chunks)) == []


def test_a_call_of_no_operation_and_a_service_without_a_model_are_found(told):
    call = told["ssm GetParameter 200"]
    nowhere = alter.request_header("X-Amz-Target", "AmazonSSM.GetParametre")(call)
    assert findings_of(nowhere) == ["ssm has no operation for POST /?"]
    signature = call.request_header("authorization").replace("/ssm/", "/smm/")
    foreign = alter.request_header("Authorization", signature)(call)
    assert findings_of(dataclasses.replace(foreign, service="smm")) == ["no model of the service 'smm'"]


def test_an_unsigned_exchange_is_judged_by_the_service_that_it_names(told):
    call = alter.request_header("Authorization", "")(told["rds DescribeEvents 200"])
    assert findings_of(call) == []
    assert findings_of(dataclasses.replace(call, service="sns")) == ["sns has no operation for POST /?"]


def test_a_call_that_nobody_answered_is_counted_and_its_request_is_judged(told):
    lost = dataclasses.replace(told["s3 DeleteObject 204"], status=None, response_headers={}, response_body=b"")
    report = check([lost, alter.query("what=1")(lost)])
    assert report.unanswered["s3", "DeleteObject"] == 2
    assert report.findings == ["exchange 2: s3 DeleteObject: request: query: what=1 is not in the model"]


def test_the_table_and_the_exit_code_tell_of_findings(told, tmp_path):
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_text(told["sts GetCallerIdentity 200"].as_json() + "\n")
    bad.write_text(alter.status(201)(told["sts GetCallerIdentity 200"]).as_json() + "\n")
    run = lambda *files: subprocess.run([sys.executable, HERE / "check.py", *files], capture_output=True, text=True)  # noqa: E731
    fine, wrong = run(good), run(good, bad)
    assert (fine.returncode, wrong.returncode) == (0, 1)
    assert "sts      GetCallerIdentity  1      0       0" in fine.stdout and "0 findings" in fine.stdout
    assert "exchange 2: sts GetCallerIdentity: response: status: 201, the model has 200" in wrong.stdout


def test_an_exchange_survives_its_file(told, tmp_path):
    file = tmp_path / "calls.jsonl"
    file.write_text("".join(line.as_json() + "\n" for line in told.values()))
    assert list(exchange.read(file)) == list(told.values())


def test_a_line_that_lacks_a_field_is_told_by_its_number(tmp_path):
    file = tmp_path / "calls.jsonl"
    file.write_text('\n{"service": "s3"}\n')
    with pytest.raises(ValueError, match="line 2: an exchange needs the fields region, method"):
        list(exchange.read(file))


def test_a_second_emulator_answers_in_the_same_form(moto):
    with proxy_with({"otherwise": moto}) as proxy:
        for service, operation in (
            ("sts", "get_caller_identity"),
            ("s3", "list_buckets"),
            ("ssm", "describe_parameters"),
        ):
            getattr(client(service, proxy.url), operation)()
        client("cloudwatch", proxy.url).describe_alarms()
        assert check(exchange.read(proxy.recorded)).findings == []
