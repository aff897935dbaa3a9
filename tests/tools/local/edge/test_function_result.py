"""Results of functions that CloudFront accepts and rejects."""

import base64
import copy
from collections.abc import Callable
from typing import Any

import pytest

from tools.local.edge.errors import FunctionResultError
from tools.local.edge.function_result import (
    MAX_RESPONSE_BYTES,
    OriginRequest,
    make_origin_request,
    parse_result,
)
from tools.local.edge.messages import Response

type Change = Callable[[dict[str, Any]], object]

REQUEST: dict[str, Any] = {
    "clientIp": "192.0.2.7",
    "headers": {
        "host": [{"key": "Host", "value": "images.s3.amazonaws.com"}],
        "via": [{"key": "Via", "value": "1.1 edge"}],
        "if-none-match": [{"key": "If-None-Match", "value": '"abc"'}],
    },
    "method": "GET",
    "origin": {
        "s3": {
            "authMethod": "none",
            "customHeaders": {},
            "domainName": "b.s3.amazonaws.com",
            "path": "",
            "region": "",
        }
    },
    "querystring": "size=S",
    "uri": "/cat.jpg",
}
EVENT = {"Records": [{"cf": {"config": {}, "request": REQUEST}}]}


def request_with(change: Change) -> dict[str, Any]:
    request = copy.deepcopy(REQUEST)
    change(request)
    return request


def header(name: str, value: object, **more: object) -> Change:
    return lambda request: request["headers"].__setitem__(name, [{"value": value, **more}])


def read_request(change: Change) -> OriginRequest:
    result = parse_result(request_with(change), EVENT)
    assert isinstance(result, OriginRequest)
    return result


def read_response(**fields: object) -> Response:
    result = parse_result(fields, EVENT)
    assert isinstance(result, Response)
    return result


def test_an_unchanged_request_goes_to_the_origin_as_it_is() -> None:
    assert read_request(lambda _: None) == make_origin_request(EVENT)
    assert make_origin_request(EVENT).headers[0] == ("Host", "images.s3.amazonaws.com")


@pytest.mark.parametrize("uri", ["/resized/S/cat.jpg", "/a%20b", "/é", "//x", "/"])
def test_the_uri_and_the_query_may_change(uri: str) -> None:
    request = read_request(lambda r: r.update(uri=uri, querystring=""))
    assert (request.uri, request.querystring) == (uri, "")


@pytest.mark.parametrize(
    ("change", "name", "value"),
    [
        (header("x-mine", "1"), "X-Mine", "1"),
        (header("x-mine", "1", key="x-MINE"), "x-MINE", "1"),
        (header("via", "1.1 edge"), "Via", "1.1 edge"),
        (header("x-forwarded-for", "192.0.2.1"), "X-Forwarded-For", "192.0.2.1"),
    ],
)
def test_headers_that_are_allowed(change: Change, name: str, value: str) -> None:
    assert (name, value) in read_request(change).headers


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.pop("uri"),
        lambda r: r.update(uri="cat.jpg"),
        lambda r: r.update(uri=""),
        lambda r: r.update(uri=7),
        lambda r: r.update(uri="/a b"),
        lambda r: r.update(uri="/a\n"),
        lambda r: r.update(uri="/a#b"),
        lambda r: r.update(uri="/" + "a" * 8_200),
        lambda r: r.update(querystring="a b"),
        lambda r: r.update(querystring="a#b"),
        lambda r: r.update(querystring=None),
        lambda r: r.update(querystring="a" * 8_200),
        lambda r: r.update(method="POST"),
        lambda r: r.update(clientIp="127.0.0.2"),
        lambda r: r.update(headers=[]),
        lambda r: r["headers"].update(host="x"),
        lambda r: r["headers"].update(host=["x"]),
        lambda r: r["headers"].update({"X-Mine": [{"value": "1"}]}),
        lambda r: r.pop("origin"),
        lambda r: r["origin"].update(custom={}),
        lambda r: r["origin"]["s3"].update(domainName="other.s3.amazonaws.com"),
        lambda r: r["origin"]["s3"].update(path="/elsewhere"),
        header("x-mine", 1),
        header("x-mine", None),
        header("x-mine", "1", key="x-other"),
        header("connection", "close"),
        header("expect", "100-continue"),
        header("keep-alive", "1"),
        header("proxy-authorization", "x"),
        header("x-amz-cf-id", "x"),
        header("x-amzn-requestid", "x"),
        header("x-cache", "Hit"),
        header("x-edge-location", "x"),
        header("x-forwarded-proto", "https"),
        header("x-real-ip", "192.0.2.1"),
        header("via", "1.1 mine"),
        header("if-none-match", '"x"'),
        header("if-modified-since", "x"),
        header("accept-encoding", "gzip"),
        header("content-length", "1"),
        header("transfer-encoding", "chunked"),
    ],
)
def test_requests_that_cloudfront_rejects(change: Change) -> None:
    with pytest.raises(FunctionResultError):
        parse_result(request_with(change), EVENT)


@pytest.mark.parametrize("result", [None, "", "text", [], 7, {}])
def test_a_result_that_is_neither_request_nor_response(result: object) -> None:
    with pytest.raises(FunctionResultError):
        parse_result(result, EVENT)


def test_a_redirect() -> None:
    response = read_response(
        status="302",
        statusDescription="Found",
        headers={
            "location": [{"key": "Location", "value": "/cat.jpg"}],
            "cache-control": [{"value": "no-store"}],
            "set-cookie": [{"value": "a=1"}, {"value": "b=2"}],
        },
    )
    assert (response.status, response.body) == (302, b"")
    assert response.headers["Location"] == "/cat.jpg"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers.getall("Set-Cookie") == ["a=1", "b=2"]


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ({"body": "héllo"}, "héllo".encode()),
        ({"body": "aGk=", "bodyEncoding": "base64"}, b"hi"),
        ({"body": "aGk=", "bodyEncoding": "text"}, b"aGk="),
        ({"body": "x" * MAX_RESPONSE_BYTES}, b"x" * MAX_RESPONSE_BYTES),
        ({"body": "hi", "headers": {"content-length": [{"value": "999"}]}}, b"hi"),
    ],
)
def test_bodies(fields: dict[str, object], body: bytes) -> None:
    response = read_response(status=200, **fields)
    assert response.body == body
    assert response.headers["Content-Length"] == str(len(body))


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "199"},
        {"status": "600"},
        {"status": "OK"},
        {"status": None},
        {"status": 200.5},
        {"status": 200, "body": b"bytes"},
        {"status": 200, "body": "x", "bodyEncoding": "gzip"},
        {"status": 200, "body": "not base64!", "bodyEncoding": "base64"},
        {"status": 200, "body": "aG!k=", "bodyEncoding": "base64"},
        {"status": 200, "body": "x" * (MAX_RESPONSE_BYTES + 1)},
        {
            "status": 200,
            "body": base64.b64encode(bytes(MAX_RESPONSE_BYTES + 1)).decode(),
            "bodyEncoding": "base64",
        },
        {"status": 200, "headers": {"x-long": [{"value": "x" * MAX_RESPONSE_BYTES}]}},
        {"status": 200, "headers": {"x-cache": [{"value": "Hit"}]}},
        {"status": 200, "headers": {"via": [{"value": "1.1 x"}]}},
        {"status": 200, "headers": {"Location": [{"value": "/"}]}},
        {"status": 200, "headers": "text"},
    ],
)
def test_responses_that_cloudfront_rejects(fields: dict[str, object]) -> None:
    with pytest.raises(FunctionResultError):
        parse_result(fields, EVENT)


def custom_event() -> dict[str, Any]:
    custom = {"customHeaders": {}, "domainName": "example.org", "path": "", "port": 443}
    request = {**copy.deepcopy(REQUEST), "origin": {"custom": custom}}
    return {"Records": [{"cf": {"config": {}, "request": request}}]}


def test_a_custom_origin_may_get_the_headers_of_a_signature() -> None:
    event = custom_event()
    request = copy.deepcopy(event["Records"][0]["cf"]["request"])
    request["headers"]["authorization"] = [{"key": "Authorization", "value": "AWS4-HMAC-SHA256 ..."}]
    request["headers"]["host"] = [{"key": "Host", "value": "example.org"}]
    read = parse_result(request, event)
    assert isinstance(read, OriginRequest)
    assert {("Authorization", "AWS4-HMAC-SHA256 ..."), ("Host", "example.org")} <= set(read.headers)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda r: r["origin"]["custom"].update(domainName="other.org"), "changed domainName of a custom"),
        (lambda r: r["origin"]["custom"].update(path="/x"), "changed path of a custom"),
        (lambda r: r.update(origin={"s3": {}}), "exactly the field custom"),
        (lambda r: r["headers"].update({"x-amz-cf-id": [{"value": "mine"}]}), "not allowed"),
    ],
)
def test_a_custom_origin_stays_the_same(change: Change, sentence: str) -> None:
    event = custom_event()
    request = copy.deepcopy(event["Records"][0]["cf"]["request"])
    change(request)
    with pytest.raises(FunctionResultError, match=sentence):
        parse_result(request, event)
