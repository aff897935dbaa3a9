"""Conditional requests."""

import pytest

from tools.local.edge.conditions import not_modified, validators, viewer_has_it
from tools.local.edge.messages import Answer, headers_of

DATE = "Thu, 01 Jan 2026 12:00:00 GMT"
EARLIER = "Thu, 01 Jan 2026 11:59:59 GMT"
LATER = "Thu, 01 Jan 2026 12:00:01 GMT"
PICTURE = Answer(
    status=200,
    headers=headers_of(
        ("ETag", '"abc"'), ("Last-Modified", DATE), ("Content-Type", "image/png"), ("Content-Length", "3")
    ),
    body=b"png",
)


@pytest.mark.parametrize(
    ("headers", "has_it"),
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
def test_what_the_viewer_has(headers: dict[str, str], *, has_it: bool) -> None:
    assert viewer_has_it(headers_of(*headers.items()), PICTURE) is has_it


def test_only_a_whole_picture_can_be_had_already() -> None:
    redirect = Answer(status=302, headers=PICTURE.headers)
    assert not viewer_has_it(headers_of(("If-None-Match", '"abc"')), redirect)


def test_a_304_describes_the_object_without_its_body() -> None:
    answer = not_modified(PICTURE)
    assert (answer.status, answer.body) == (304, b"")
    assert dict(answer.headers) == {"ETag": '"abc"', "Last-Modified": DATE}


def test_the_origin_is_asked_by_what_it_said() -> None:
    assert validators(PICTURE) == {"If-None-Match": '"abc"', "If-Modified-Since": DATE}
    assert validators(Answer(status=200)) == {}
