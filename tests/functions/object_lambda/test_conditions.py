"""Conditions, ETags and ranges by RFC 9110, one by one."""

import pytest
from object_lambda.conditions import conditions_for_s3, etag_of, verdict, wanted_range

EDITION = "0123456789ab"
TAG = f'"abc-{EDITION}"'
CHANGED = "Sun, 01 Mar 2026 12:30:45 GMT"
BEFORE, AFTER = "Sun, 01 Mar 2026 12:30:44 GMT", "Sun, 01 Mar 2026 12:30:46 GMT"


@pytest.mark.parametrize(
    ("of_object", "of_edition"),
    [('"abc"', f'"abc-{EDITION}"'), ("abc", f'"abc-{EDITION}"'), ('"d41d8-12"', f'"d41d8-12-{EDITION}"')],
)
def test_the_tag_of_an_edition(of_object: str, of_edition: str) -> None:
    assert etag_of(of_object, EDITION) == of_edition
    back = conditions_for_s3({"if-none-match": of_edition}, EDITION)["if-none-match"]
    assert back.strip('"') == of_object.strip('"')


@pytest.mark.parametrize(
    ("headers", "for_s3"),
    [
        ({}, {}),
        ({"if-none-match": TAG}, {"if-none-match": '"abc"'}),
        ({"if-none-match": f'W/{TAG}, "x", "d-{EDITION}"'}, {"if-none-match": '"abc", "d"'}),
        ({"if-none-match": '"abc"'}, {}),
        ({"if-none-match": '"abc-ba9876543210"'}, {}),
        ({"if-none-match": "*"}, {"if-none-match": "*"}),
        ({"if-none-match": "nonsense"}, {}),
        ({"if-none-match": '"abc"', "if-modified-since": AFTER}, {}),
        ({"if-none-match": TAG, "if-modified-since": AFTER}, {"if-none-match": '"abc"'}),
        ({"if-modified-since": AFTER}, {"if-modified-since": AFTER}),
        ({"if-unmodified-since": AFTER}, {"if-unmodified-since": AFTER}),
        ({"if-match": TAG, "if-unmodified-since": BEFORE}, {}),
        ({"range": "bytes=0-1", "host": "example.org", "if-range": TAG}, {}),
    ],
)
def test_what_s3_can_judge(headers: dict[str, str], for_s3: dict[str, str]) -> None:
    assert conditions_for_s3(headers, EDITION) == for_s3


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, None),
        ({"if-none-match": TAG}, 304),
        ({"if-none-match": f"W/{TAG}"}, 304),
        ({"if-none-match": f'"x", {TAG}'}, 304),
        ({"if-none-match": '"x"'}, None),
        ({"if-none-match": "*"}, 304),
        ({"if-none-match": '"x"', "if-modified-since": AFTER}, None),
        ({"if-modified-since": CHANGED}, 304),
        ({"if-modified-since": AFTER}, 304),
        ({"if-modified-since": BEFORE}, None),
        ({"if-modified-since": "yesterday"}, None),
        ({"if-modified-since": "Sun, 01 Mar 2026 12:30:46 -0000"}, 304),
        ({"if-modified-since": "Sun, 99 Mar 2026 12:30:46 GMT"}, None),
        ({"if-match": TAG}, None),
        ({"if-match": "*"}, None),
        ({"if-match": f"W/{TAG}"}, 412),
        ({"if-match": '"x"'}, 412),
        ({"if-match": TAG, "if-unmodified-since": BEFORE}, None),
        ({"if-match": TAG, "if-none-match": TAG}, 304),
        ({"if-unmodified-since": BEFORE}, 412),
        ({"if-unmodified-since": CHANGED}, None),
        ({"if-unmodified-since": "tomorrow"}, None),
    ],
)
def test_verdicts(headers: dict[str, str], status: int | None) -> None:
    assert verdict(headers, TAG, CHANGED) == status


def test_without_a_date_of_the_object() -> None:
    assert verdict({"if-modified-since": AFTER}, TAG, None) is None
    assert wanted_range({"range": "bytes=0-1", "if-range": CHANGED}, TAG, None, 10) is None


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("bytes=0-0", range(1)),
        ("bytes=2-5", range(2, 6)),
        ("bytes=2-", range(2, 10)),
        ("bytes=2-99", range(2, 10)),
        ("bytes=9-9", range(9, 10)),
        ("bytes=-3", range(7, 10)),
        ("bytes=-30", range(10)),
        ("bytes = 0 - 1", range(2)),
        ("bytes=" + "9" * 5000 + "-", None),
        ("bytes=٣-٤", None),
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("bytes=0-1,3-4", None),
        ("items=0-1", None),
        ("", None),
    ],
)
def test_ranges(asked: str, wanted: range | None) -> None:
    assert wanted_range({"range": asked}, TAG, CHANGED, 10) == wanted


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=10-11", "bytes=999-", "bytes=-0"])
def test_ranges_behind_the_end(asked: str) -> None:
    wanted = wanted_range({"range": asked}, TAG, CHANGED, 10)
    assert wanted is not None
    assert len(wanted) == 0
