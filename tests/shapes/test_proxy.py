"""The proxy: what goes through it unchanged, where it goes, and what it writes down."""

from __future__ import annotations

import http.client
import json
import socket
import urllib.error
from concurrent.futures import ThreadPoolExecutor

import exchange
import pytest
from asking import ask, signed
from conftest import proxy_with


def test_a_request_reaches_the_upstream_byte_by_byte(proxy, upstream):
    path = "/bucket/a%20b/%C3%A9%2Fx+y//z?list-type=2&prefix=a%2Fb&empty"
    status, _, answer = ask(proxy, "PUT", path, b"\x00\xff", {"X-Amz-Meta-Some": "thing", **signed("s3")})
    method, got_path, headers, body = upstream.requests[0]
    assert (status, answer) == (200, b"done")
    assert (method, got_path, body) == ("PUT", path, b"\x00\xff")
    assert headers["X-Amz-Meta-Some"] == "thing" and headers["Authorization"] == signed("s3")["Authorization"]
    assert headers["Host"] == f"127.0.0.1:{proxy.port}", "a signature covers the host that the client knows"
    assert not {"User-Agent", "Accept", "Content-Type"} & set(headers), "nothing is added"


def test_an_answer_comes_back_with_status_headers_and_body(proxy, upstream):
    upstream.answer = (418, {"x-amz-one": "1", "ETag": '"e"', "Content-Type": "text/xml"}, b"<a/>")
    status, headers, answer = ask(proxy, "GET", "/")
    assert (status, answer) == (418, b"<a/>")
    assert (headers["x-amz-one"], headers["ETag"], headers["Content-Type"]) == ("1", '"e"', "text/xml")


def test_compressed_bodies_pass_both_ways_as_they_are(proxy, upstream):
    upstream.answer = (200, {"Content-Encoding": "gzip"}, b"not really gzip")
    _, headers, answer = ask(proxy, "POST", "/", b"\x1f\x8b neither", {"Content-Encoding": "gzip"})
    assert (headers["Content-Encoding"], answer) == ("gzip", b"not really gzip")
    assert upstream.requests[0][3] == b"\x1f\x8b neither"


def test_head_keeps_the_length_of_what_it_does_not_send(proxy, upstream):
    upstream.answer = (200, {}, b"x" * 12345)
    status, headers, answer = ask(proxy, "HEAD", "/bucket/key", headers=signed("s3"))
    assert (status, headers["Content-Length"], answer) == (200, "12345", b"")


def test_an_answer_without_a_body_has_none(proxy, upstream):
    upstream.answer = (204, {}, b"")
    assert ask(proxy, "DELETE", "/bucket/key", headers=signed("s3"))[0] == 204
    upstream.answer = (304, {"ETag": '"e"'}, b"")
    status, headers, answer = ask(proxy, "GET", "/bucket/key", headers=signed("s3"))
    assert (status, headers["ETag"], answer) == (304, '"e"', b"")


def test_one_connection_serves_many_requests(proxy, upstream):
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port)
    for number in range(20):
        connection.request("POST", f"/{number}", b"x" * number)
        assert connection.getresponse().read() == b"done"
    assert [path for _, path, _, _ in upstream.requests] == [f"/{number}" for number in range(20)]


def test_a_chunked_body_arrives_whole(proxy, upstream):
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port)
    connection.request("POST", "/", iter([b"one ", b"two ", b"three"]), encode_chunked=True)
    assert connection.getresponse().read() == b"done"
    assert upstream.requests[0][3] == b"one two three"


def test_a_body_of_many_megabytes_goes_both_ways(proxy, upstream):
    large = bytes(range(256)) * 4 * 8192
    upstream.answer = (200, {}, large)
    assert ask(proxy, "PUT", "/bucket/large", large, signed("s3"), timeout=60)[2] == large
    assert upstream.requests[0][3] == large


def test_a_client_that_waits_for_100_continue_gets_it_before_the_body(proxy, upstream):
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as raw:
        raw.sendall(b"PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 100 ")
        raw.sendall(b"body")
        assert raw.recv(1000).startswith(b"HTTP/1.1 200 ")
    _, _, headers, body = upstream.requests[0]
    assert body == b"body" and "Expect" not in headers


def test_headers_and_addresses_may_be_very_long(proxy, upstream):
    path, token = "/?q=" + "a" * 60_000, "t" * 60_000
    assert ask(proxy, "GET", path, headers={"X-Amz-Security-Token": token})[0] == 200
    assert (upstream.requests[0][1], upstream.requests[0][2]["X-Amz-Security-Token"]) == (path, token)


def test_two_hundred_requests_at_once_are_all_answered(proxy, upstream):
    with ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(lambda number: ask(proxy, "POST", f"/{number}", b"x" * 1000)[0], range(200)))
    assert statuses == [200] * 200
    assert {path for _, path, _, _ in upstream.requests} == {f"/{number}" for number in range(200)}


def test_an_upstream_that_is_not_there_is_a_502_and_the_proxy_goes_on(upstream):
    nobody = {"rules": [{"service": "sns", "upstream": "http://127.0.0.1:9"}], "otherwise": upstream.url}
    with proxy_with(nobody) as proxy:
        assert ask(proxy, "POST", "/", headers=signed("sns"))[0] == 502
        assert ask(proxy, "POST", "/", headers=signed("sqs"))[0] == 200


def test_what_is_no_call_of_aws_goes_on_too(proxy, upstream):
    for headers in ({}, {"Authorization": "Basic eA=="}, signed("nosuchservice"), {"Content-Type": "text/;;;"}):
        assert ask(proxy, "POST", "/%zz/../?%%%", b"\xff\xfe", headers)[0] == 200
    assert len(upstream.requests) == 4


def test_a_rule_sends_a_service_a_bucket_or_an_operation_elsewhere(upstream):
    config = {
        "rules": [
            {"service": "s3", "bucket": "search", "upstream": upstream.url},
            {"service": "rds", "operation": ["FailoverGlobalCluster"], "upstream": upstream.url},
            {"service": "opensearch", "upstream": upstream.url},
            {"service": "ssm", "region": "eu-west-1", "upstream": upstream.url},
        ]
    }
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with proxy_with(config) as proxy:
        here = [
            ask(proxy, "GET", "/search/key", headers=signed("s3")),
            ask(proxy, "POST", "/", b"Action=FailoverGlobalCluster", {**signed("rds"), **form}),
            ask(proxy, "GET", "/2021-01-01/domain", headers=signed("es")),
            ask(proxy, "POST", "/", headers=signed("ssm", "eu-west-1")),
        ]
        elsewhere = [
            ask(proxy, "GET", "/ledger/key", headers=signed("s3")),
            ask(proxy, "POST", "/", b"Action=DescribeEvents", {**signed("rds"), **form}),
            ask(proxy, "POST", "/", headers=signed("ssm")),
        ]
    assert [status for status, _, _ in here] == [200] * 4
    assert [status for status, _, _ in elsewhere] == [501] * 3


def test_rules_may_be_exchanged_while_it_runs(proxy, upstream):
    proxy.post("/rules", {"rules": []})
    assert ask(proxy, "GET", "/")[0] == 501
    proxy.post("/rules", {"otherwise": upstream.url})
    assert ask(proxy, "GET", "/")[0] == 200


def test_the_asymmetric_signature_names_its_region_in_a_header(proxy):
    value = "AWS4-ECDSA-P256-SHA256 Credential=AK/20260101/s3/aws4_request, SignedHeaders=host, Signature=0"
    ask(proxy, "GET", "/b/k", headers={"Authorization": value, "X-Amz-Region-Set": "eu-west-1"})
    (call,) = proxy.calls()
    assert (call["service"], call["region"], call["operation"]) == ("s3", "eu-west-1", "GetObject")


def test_a_presigned_address_names_its_region_too(proxy):
    credential = "AK%2F20260101%2Feu-west-1%2Fs3%2Faws4_request"
    ask(proxy, "GET", f"/b/k?X-Amz-Credential={credential}&X-Amz-Signature=0")
    assert proxy.calls()[0]["region"] == "eu-west-1"


def test_the_calls_are_told_in_order_and_by_choice(proxy):
    for service in ("sns", "sqs", "sns"):
        ask(proxy, "POST", "/", headers=signed(service))
    assert [call["service"] for call in proxy.calls()] == ["sns", "sqs", "sns"]
    assert [call["number"] for call in proxy.calls("?service=sns")] == [1, 3]
    assert [call["number"] for call in proxy.calls("?after=1&service=sns")] == [3]
    proxy.post("/reset", {})
    assert proxy.calls() == []


def test_what_is_recorded_is_what_was_sent_and_what_came_back(proxy, upstream, tmp_path):
    upstream.answer = (200, {"x-amz-id": "1"}, b"\x00answer")
    ask(proxy, "PUT", "/b/a%20b?x=1", b"\x00asked", {"X-One": "1", **signed("s3", "eu-west-1")})
    (line,) = exchange.read(proxy.recorded)
    assert (line.service, line.region, line.method) == ("s3", "eu-west-1", "PUT")
    assert (line.path, line.query, line.request_header("x-one")) == ("/b/a%20b", "x=1", "1")
    assert (line.request_body, line.status, line.response_body) == (b"\x00asked", 200, b"\x00answer")
    assert line.response_header("X-AMZ-ID") == "1"
    proxy.post("/record", {"path": str(tmp_path / "other.jsonl")})
    ask(proxy, "GET", "/")
    proxy.post("/record", {"path": None})
    ask(proxy, "GET", "/")
    assert len(list(exchange.read(proxy.recorded))) == 1
    assert len(list(exchange.read(tmp_path / "other.jsonl"))) == 1


def test_what_nobody_answered_is_recorded_without_an_answer(proxy):
    proxy.post("/fault", {"service": "s3", "drop": "close"})
    with pytest.raises(http.client.RemoteDisconnected):
        ask(proxy, "GET", "/b/k", headers=signed("s3"))
    (line,) = exchange.read(proxy.recorded)
    assert line.status is None and json.loads(proxy.recorded.read_text())["fault"] == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/fault", {"service": "s3"}),
        ("/fault", {"service": "s3", "code": "X", "lose": "close"}),
        ("/fault", {"service": "s3", "lose": "perhaps"}),
        ("/fault", {"servic": "s3", "code": "X"}),
        ("/fault", {"service": "s3", "code": "X", "count": 0}),
        ("/rules", {"rules": [{"service": "s3"}]}),
        ("/dark", {"region": "eu-west-1"}),
        ("/record", {"path": "/nowhere/at/all"}),
    ],
)
def test_a_mistake_of_whoever_directs_is_told_and_changes_nothing(path, body, proxy):
    before = proxy.get("/state")
    with pytest.raises(urllib.error.HTTPError) as told:
        proxy.post(path, body)
    assert told.value.code == 400
    assert proxy.get("/state") == before
