"""Results of CloudFront Functions."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tools.local.edge.errors import ViewerFunctionResultError
from tools.local.edge.messages import Response, ViewerRequest, make_headers
from tools.local.edge.viewer_event import viewer_request_event
from tools.local.edge.viewer_result import MAX_RESPONSE_BYTES, parse_viewer_result

REQUEST = ViewerRequest(
    method="GET",
    uri="/cat.jpg",
    querystring="b=2&a=1&b=3",
    headers=make_headers(
        ("Host", "img.example.com"),
        ("Accept", "image/webp"),
        ("Accept", "image/avif"),
        ("Cookie", "id=1; id=2"),
        ("Connection", "keep-alive"),
        ("Via", "1.1 proxy"),
    ),
    client_ip="198.51.100.11",
)
EVENT = viewer_request_event(REQUEST, distribution_id="E", domain_name="d.cloudfront.net", request_id="R")


def parse(result: object) -> ViewerRequest | Response:
    return parse_viewer_result(result, EVENT, REQUEST)


def change(edit: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    request: dict[str, Any] = copy.deepcopy(EVENT["request"])
    edit(request)
    return request


def parse_request(edit: Callable[[dict[str, Any]], None]) -> ViewerRequest:
    request = parse(change(edit))
    assert isinstance(request, ViewerRequest)
    return request


def test_unchanged_request() -> None:
    request = parse_request(lambda _: None)
    assert (request.method, request.uri, request.client_ip) == ("GET", "/cat.jpg", "198.51.100.11")
    assert request.querystring == "b=2&b=3&a=1", "The values of a name are together."
    assert sorted(request.headers.items()) == sorted([*REQUEST.headers.items()])


def test_changed_request() -> None:
    def edit(request: dict[str, Any]) -> None:
        request["uri"] = "/other%20cat.jpg"
        request["querystring"] = {"width": {"value": "640"}, "format": {"value": "auto-avif"}}
        request["headers"]["x-new-header"] = {"value": "1"}
        del request["headers"]["accept"]
        request["cookies"] = {}

    request = parse_request(edit)
    assert (request.uri, request.querystring) == ("/other%20cat.jpg", "width=640&format=auto-avif")
    assert request.headers["X-New-Header"] == "1"
    assert "Accept" not in request.headers
    assert "Cookie" not in request.headers


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"value": "9", "multiValue": [{"value": "2"}, {"value": "3"}]}, ["9", "3"]),
        ({"value": "9", "multiValue": [{"value": "7"}, {"value": "3"}]}, ["7", "3"]),
        ({"value": "2", "multiValue": [{"value": "8"}]}, ["8"]),
        ({"value": "2", "multiValue": []}, []),
        ({"value": "5"}, ["5"]),
    ],
)
def test_changed_multi_value(entry: object, expected: list[str]) -> None:
    request = parse_request(lambda request: request.update(querystring={"b": entry}))
    assert request.querystring == "&".join(f"b={value}" for value in expected)


def test_query_string_as_text() -> None:
    assert parse_request(lambda r: r.update(querystring="a=1&b=2&a=3")).querystring == "a=1&b=2&a=3"


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (None, "neither a request nor a response"),
        ("text", "neither a request nor a response"),
        ([], "neither a request nor a response"),
        ({}, "uri"),
        (change(lambda r: r.update(uri="cat.jpg")), "uri"),
        (change(lambda r: r.update(uri="/a b")), "uri"),
        (change(lambda r: r.update(uri="/\ud800")), "uri"),
        (change(lambda r: r.update(uri=7)), "uri"),
        (change(lambda r: r.update(uri="/" + "x" * 8192)), "shorter than 8192"),
        (change(lambda r: r.update(method="HEAD")), "method is read-only"),
        (change(lambda r: r.pop("method")), "method is read-only"),
        (change(lambda r: r.update(querystring={"a": {"value": "1 2"}})), "invalid characters"),
        (change(lambda r: r.update(querystring={"a": "1"})), r"querystring\.a must be an object"),
        (change(lambda r: r.update(querystring={"a": {"value": 1}})), r"querystring\.a\.value must be text"),
        (change(lambda r: r.update(querystring="a=1 2")), "invalid characters"),
        (change(lambda r: r.update(querystring=["a=1"])), "querystring must be an object"),
        (change(lambda r: r.update(querystring={"a": {"value": "1", "multiValue": 1}})), "must be a list"),
        (change(lambda r: r["headers"].update({"X-A": {"value": "1"}})), "lower case"),
        (change(lambda r: r["headers"].update({"x-a": {"value": "1\r\nx-b: 2"}})), "line break"),
        (change(lambda r: r["headers"].update({"x-edge-a": {"value": "1"}})), "not allowed"),
        (change(lambda r: r["headers"].update({"host": {"value": "other"}})), "host is read-only"),
        (change(lambda r: r["headers"].pop("host")), "host is read-only"),
        (
            change(lambda r: r["headers"].update({"content-length": {"value": "0"}})),
            "content-length is read-",
        ),
        (change(lambda r: r["headers"].pop("via")), "via is read-only"),
        ({"statusCode": "400"}, "statusCode"),
        ({"statusCode": True}, "statusCode"),
        ({"statusCode": 99}, "statusCode"),
        ({"statusCode": 600}, "statusCode"),
        ({"statusCode": 400, "statusDescription": 1}, "statusDescription"),
        ({"statusCode": 400, "headers": {"connection": {"value": "close"}}}, "not allowed"),
        ({"statusCode": 400, "headers": {"a": "b"}}, "must be an object"),
        ({"statusCode": 400, "headers": []}, "must be an object"),
        ({"statusCode": 400, "body": 5}, "must be text"),
        ({"statusCode": 400, "body": {"encoding": "hex", "data": ""}}, "must be text"),
        ({"statusCode": 400, "body": {"encoding": "base64", "data": "?"}}, "valid base64"),
        ({"statusCode": 400, "body": "x" * (MAX_RESPONSE_BYTES + 1)}, "are the maximum"),
        ({"statusCode": 400, "cookies": []}, "cookies must be an object"),
    ],
)
def test_rejected(result: object, reason: str) -> None:
    with pytest.raises(ViewerFunctionResultError, match=reason):
        parse(result)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (None, b""),
        ("one sentence ä", "one sentence ä".encode()),
        ({"encoding": "text", "data": "x"}, b"x"),
        ({"encoding": "base64", "data": "AP8="}, b"\0\xff"),
    ],
)
def test_generated_response(body: object, expected: bytes) -> None:
    result = {
        "statusCode": 400,
        "statusDescription": "Bad Request",
        "headers": {
            "content-type": {"value": "text/plain"},
            "content-length": {"value": "99"},
            "x-a": {"value": "1", "multiValue": [{"value": "1"}, {"value": "2"}]},
        },
        "cookies": {"id": {"value": "1", "attributes": "Secure; Path=/"}},
        **({} if body is None else {"body": body}),
    }
    response = parse(result)
    assert isinstance(response, Response)
    assert (response.status, response.body) == (400, expected)
    assert list(response.headers.items()) == [
        ("Content-Type", "text/plain"),
        ("X-A", "1"),
        ("X-A", "2"),
        ("Set-Cookie", "id=1; Secure; Path=/"),
        ("Content-Length", str(len(expected))),
    ]
