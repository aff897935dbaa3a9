"""Conditional requests."""

import pytest

from tools.local.edge.conditions import is_not_modified, make_not_modified, revalidation_headers
from tools.local.edge.messages import Response, make_headers

DATE = "Thu, 01 Jan 2026 12:00:00 GMT"
EARLIER = "Thu, 01 Jan 2026 11:59:59 GMT"
LATER = "Thu, 01 Jan 2026 12:00:01 GMT"
IMAGE = Response(
    status=200,
    headers=make_headers(
        ("ETag", '"abc"'), ("Last-Modified", DATE), ("Content-Type", "image/png"), ("Content-Length", "3")
    ),
    body=b"png",
)


@pytest.mark.parametrize(
    ("headers", "not_modified"),
    [
        ({}, False),
        ({"If-None-Match": '"abc"'}, True),
        ({"If-None-Match": 'W/"abc"'}, True),
        ({"If-None-Match": '"x", "abc"'}, True),
        ({"If-None-Match": '"x"'}, False),
        ({"If-None-Match": "*"}, True),
        ({"If-Modified-Since": DATE}, True),
        ({"If-Modified-Since": LATER}, True),
        ({"If-Modified-Since": EARLIER}, False),
        ({"If-Modified-Since": "yesterday"}, False),
        ({"If-None-Match": '"x"', "If-Modified-Since": LATER}, False),
        ({"If-None-Match": '"abc"', "If-Modified-Since": EARLIER}, True),
    ],
)
def test_preconditions_of_the_viewer(headers: dict[str, str], *, not_modified: bool) -> None:
    assert is_not_modified(make_headers(*headers.items()), IMAGE) is not_modified


def test_only_a_200_can_be_not_modified() -> None:
    redirect = Response(status=302, headers=IMAGE.headers)
    assert not is_not_modified(make_headers(("If-None-Match", '"abc"')), redirect)


def test_a_304_describes_the_object_without_its_body() -> None:
    response = make_not_modified(IMAGE)
    assert (response.status, response.body) == (304, b"")
    assert dict(response.headers) == {"ETag": '"abc"', "Last-Modified": DATE}


def test_the_origin_is_asked_with_its_own_validators() -> None:
    assert revalidation_headers(IMAGE) == {"If-None-Match": '"abc"', "If-Modified-Since": DATE}
    assert revalidation_headers(Response(status=200)) == {}
