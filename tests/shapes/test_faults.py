"""What the proxy does on purpose: errors, lost answers, calls that never arrive, dark Regions."""

from __future__ import annotations

import http.client
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from asking import ask, signed
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from conftest import client


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("rds", lambda it: it.describe_global_clusters(), "Throttling"),
        ("ec2", lambda it: it.describe_instances(), "RequestLimitExceeded"),
        ("route53", lambda it: it.list_health_checks(), "Throttling"),
        ("s3", lambda it: it.list_objects_v2(Bucket="b"), "SlowDown"),
        ("s3", lambda it: it.head_object(Bucket="b", Key="k"), "503"),
        ("ssm", lambda it: it.get_parameter(Name="p"), "ThrottlingException"),
        ("lambda", lambda it: it.invoke(FunctionName="f"), "TooManyRequestsException"),
        ("cloudwatch", lambda it: it.describe_alarms(), "Throttling"),
    ],
)
def test_an_injected_error_is_read_by_a_client_of_every_protocol(service, call, code, proxy, upstream):
    proxy.post("/fault", {"service": service, "status": 503, "code": code, "message": "slow down"})
    with pytest.raises(ClientError) as told:
        call(client(service, proxy.url))
    assert told.value.response["Error"]["Code"] == code
    assert told.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert not upstream.requests, "it was not performed"


def test_a_fault_is_for_so_many_calls_of_its_operation_and_no_others(proxy, upstream):
    proxy.post("/fault", {"service": "rds", "operation": "DescribeEvents", "count": 2, "code": "X", "status": 400})
    headers = {**signed("rds"), "Content-Type": "application/x-www-form-urlencoded"}
    asked = ["DescribeEvents", "DescribeGlobalClusters", "DescribeEvents", "DescribeEvents"]
    statuses = [ask(proxy, "POST", "/", f"Action={name}".encode(), headers)[0] for name in asked]
    assert statuses == [400, 200, 400, 200]
    assert proxy.get("/state")["faults"] == []


def test_a_fault_without_an_end_lasts_until_the_reset(proxy):
    proxy.post("/fault", {"service": "sns", "count": None, "code": "X", "status": 500})
    assert [ask(proxy, "POST", "/", headers=signed("sns"))[0] for _ in range(3)] == [500] * 3
    proxy.post("/reset", {})
    assert ask(proxy, "POST", "/", headers=signed("sns"))[0] == 200


def test_a_lost_answer_belongs_to_a_call_that_was_performed(proxy, upstream):
    proxy.post("/fault", {"service": "s3", "lose": "close"})
    with pytest.raises(ConnectionClosedError):
        client("s3", proxy.url).put_object(Bucket="b", Key="k", Body=b"x")
    assert len(upstream.requests) == 1
    (call,) = proxy.calls()
    assert (call["operation"], call["fault"], call["status"]) == ("PutObject", 1, None)


def test_a_lost_answer_may_leave_the_client_waiting(proxy, upstream):
    proxy.post("/fault", {"service": "s3", "lose": "hold"})
    with pytest.raises(ReadTimeoutError):
        client("s3", proxy.url, read_timeout=1).put_object(Bucket="b", Key="k", Body=b"x")
    assert len(upstream.requests) == 1


def test_a_dropped_call_is_not_performed(proxy, upstream):
    proxy.post("/fault", {"service": "s3", "drop": "close"})
    with pytest.raises(ConnectionClosedError):
        client("s3", proxy.url).put_object(Bucket="b", Key="k", Body=b"x")
    assert not upstream.requests


def test_a_slow_call_is_answered_in_the_end(proxy, upstream):
    proxy.post("/fault", {"service": "sns", "delay_s": 0.5})
    started = time.monotonic()
    assert ask(proxy, "POST", "/", headers=signed("sns"))[0] == 200
    assert time.monotonic() - started >= 0.5


def test_a_dark_region_answers_nothing_and_the_other_one_everything(proxy, upstream):
    proxy.post("/dark", {"region": "eu-west-1", "dark": True})
    with pytest.raises(ReadTimeoutError):
        client("ssm", proxy.url, "eu-west-1", read_timeout=1).get_parameter(Name="p")
    assert ask(proxy, "POST", "/", headers=signed("ssm", "eu-central-1"))[0] == 200
    assert [headers["Authorization"] for _, _, headers, _ in upstream.requests] == [
        signed("ssm", "eu-central-1")["Authorization"]
    ]
    assert [call["dark"] for call in proxy.calls()] == [True, False]


def test_a_region_that_is_back_answers_again_and_lets_go_what_it_held(proxy, upstream):
    proxy.post("/dark", {"region": "eu-west-1", "dark": True})
    ended = []

    def wait() -> None:
        try:
            ask(proxy, "POST", "/", headers=signed("ssm", "eu-west-1"), timeout=30)
        except (ConnectionError, http.client.HTTPException) as error:
            ended.append(error)

    held = threading.Thread(target=wait)
    held.start()
    time.sleep(0.5)
    assert not ended
    proxy.post("/dark", {"region": "eu-west-1", "dark": False})
    held.join(5)
    assert len(ended) == 1 and not upstream.requests
    assert ask(proxy, "POST", "/", headers=signed("ssm", "eu-west-1"))[0] == 200


def test_an_answer_that_is_under_way_when_the_region_goes_dark_is_lost(proxy, upstream):
    slow = threading.Event()
    upstream.answer = SlowAnswer(slow)
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(ask, proxy, "POST", "/", None, signed("ssm", "eu-west-1"), 3)
        while not upstream.requests:
            time.sleep(0.05)
        proxy.post("/dark", {"region": "eu-west-1", "dark": True})
        slow.set()
        with pytest.raises(TimeoutError):
            asked.result()


class SlowAnswer:
    """Is only there once it may be: the upstream unpacks it after it has remembered the request."""

    def __init__(self, may_come: threading.Event):
        self.may_come = may_come

    def __iter__(self):
        self.may_come.wait(10)
        return iter((200, {}, b"late"))


def test_a_client_that_gives_up_in_the_dark_leaves_nothing_behind(proxy):
    proxy.post("/dark", {"region": "eu-west-1", "dark": True})
    with pytest.raises(TimeoutError):
        ask(proxy, "POST", "/", headers=signed("ssm", "eu-west-1"), timeout=0.3)
    deadline = time.monotonic() + 5
    while proxy.calls()[0]["took_ms"] is None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert proxy.calls()[0]["took_ms"] is not None
