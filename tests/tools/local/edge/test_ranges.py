"""Range requests by CloudFront's rules."""

import email
import email.policy

import pytest

from tools.local.edge.messages import Response, make_headers
from tools.local.edge.ranges import apply_range

DATE = "Thu, 01 Jan 2026 12:00:00 GMT"
BODY = bytes(range(100))
IMAGE = Response(
    status=200,
    headers=make_headers(
        ("ETag", '"abc"'), ("Last-Modified", DATE), ("Content-Type", "image/png"), ("Content-Length", "100")
    ),
    body=BODY,
)


@pytest.mark.parametrize(
    ("requested", "body", "content_range"),
    [
        ("bytes=0-9", BODY[:10], "bytes 0-9/100"),
        ("bytes=90-", BODY[90:], "bytes 90-99/100"),
        ("bytes=-5", BODY[-5:], "bytes 95-99/100"),
        ("bytes=-500", BODY, "bytes 0-99/100"),
        ("bytes=90-500", BODY[90:], "bytes 90-99/100"),
        ("bytes=0-0", BODY[:1], "bytes 0-0/100"),
        ("bytes=10-19,200-300", BODY[10:20], "bytes 10-19/100"),
    ],
)
def test_one_range(requested: str, body: bytes, content_range: str) -> None:
    response = apply_range(make_headers(("Range", requested)), IMAGE)
    assert (response.status, response.body) == (206, body)
    assert response.headers["Content-Range"] == content_range
    assert response.headers["Content-Length"] == str(len(body))
    assert response.headers["Content-Type"] == "image/png"


def test_several_ranges_give_a_multipart_response() -> None:
    response = apply_range(make_headers(("Range", "bytes=0-9,50-59,-1")), IMAGE)
    assert response.status == 206
    assert response.headers["Content-Length"] == str(len(response.body))
    head = f"Content-Type: {response.headers['Content-Type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + response.body, policy=email.policy.HTTP)
    parts = [(part["Content-Range"], part.get_payload(decode=True)) for part in message.iter_parts()]
    assert parts == [
        ("bytes 0-9/100", BODY[:10]),
        ("bytes 50-59/100", BODY[50:60]),
        ("bytes 99-99/100", BODY[99:]),
    ]


@pytest.mark.parametrize("requested", ["bytes=100-", "bytes=100-200", "bytes=200-300,400-500"])
def test_a_range_outside_the_object(requested: str) -> None:
    response = apply_range(make_headers(("Range", requested)), IMAGE)
    assert (response.status, response.body, response.headers["Content-Range"]) == (416, b"", "bytes */100")


@pytest.mark.parametrize(
    "requested",
    ["bytes=300-400,100-200", "bytes=0-20,10-30", "bytes=9-5", "bytes=a-b", "bytes=", "lines=1-2", "0-9", ""],
)
def test_invalid_ranges_give_the_complete_object(requested: str) -> None:
    assert apply_range(make_headers(("Range", requested)), IMAGE) is IMAGE


@pytest.mark.parametrize(
    ("condition", "status"),
    [('"abc"', 206), (DATE, 206), ('"old"', 200), ('W/"abc"', 200), ("Thu, 01 Jan 2026 11:00:00 GMT", 200)],
)
def test_if_range(condition: str, status: int) -> None:
    response = apply_range(make_headers(("Range", "bytes=0-9"), ("If-Range", condition)), IMAGE)
    assert response.status == status


@pytest.mark.parametrize("status", [302, 404])
def test_only_a_200_has_ranges(status: int) -> None:
    other = Response(status=status, body=BODY)
    assert apply_range(make_headers(("Range", "bytes=0-9")), other) is other


def test_a_weak_entity_tag_does_not_satisfy_if_range() -> None:
    weak = IMAGE.with_headers(("ETag", 'W/"abc"'))
    assert apply_range(make_headers(("Range", "bytes=0-9"), ("If-Range", 'W/"abc"')), weak).status == 200
