"""Responses through a function URL, and the limit of Lambda for their size."""

import base64
import json
from xml.etree import ElementTree as ET

import pytest
from function_url import MAX_BODY_BYTES, MAX_RESULT_BYTES, Response, encode_response, is_deliverable


def test_a_response_with_a_body() -> None:
    result = encode_response(Response(200, {"Content-Type": "image/jpeg"}, b"\xff\xd8"))
    assert result == {
        "statusCode": 200,
        "headers": {"Content-Type": "image/jpeg"},
        "body": "/9g=",
        "isBase64Encoded": True,
    }


def test_an_error_has_a_document() -> None:
    response = Response(405, {"Cache-Control": "no-store"}, code="MethodNotAllowed", message="A & <b>.")
    result = encode_response(response, "/a?x=1&y=2")
    assert result["headers"] == {
        "Allow": "GET, HEAD",
        "Cache-Control": "no-store",
        "Content-Type": "application/xml",
    }
    document = ET.fromstring(base64.b64decode(result["body"]))  # noqa: S314 - ours
    assert [(each.tag, each.text) for each in document] == [
        ("Code", "MethodNotAllowed"),
        ("Message", "A & <b>."),
        ("Resource", "/a?x=1&y=2"),
    ]


@pytest.mark.parametrize("length", [0, 4_700_000, *range(4_718_500, 4_718_700, 7), 20_000_000])
def test_the_limit_is_that_of_the_whole_result(length: int) -> None:
    result = encode_response(Response(200, {"ETag": '"a"'}, bytes(length)))
    assert is_deliverable(result) is (len(json.dumps(result)) <= MAX_RESULT_BYTES)


def test_a_result_of_exactly_the_limit() -> None:
    limit = 6 * 2**20 + 100
    room = limit - len(json.dumps(encode_response(Response(200, {"ETag": ""}))))
    etag, body = "a" * (room % 4), bytes(room // 4 * 3)
    assert is_deliverable(encode_response(Response(200, {"ETag": etag}, body)))
    assert not is_deliverable(encode_response(Response(200, {"ETag": etag + "a"}, body)))


def test_a_longer_body_is_never_deliverable() -> None:
    assert is_deliverable(encode_response(Response(200, {}, bytes(MAX_BODY_BYTES - 100))))
    assert not is_deliverable(encode_response(Response(200, {}, bytes(MAX_BODY_BYTES + 1))))
