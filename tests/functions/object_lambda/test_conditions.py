"""ETags, preconditions and ranges (RFC 9110)."""

import pytest
from object_lambda.conditions import (
    evaluate_preconditions,
    parse_range,
    translate_preconditions,
    variant_etag,
)

VARIANT = "0123456789ab"
TAG = f'"abc-{VARIANT}"'
CHANGED = "Sun, 01 Mar 2026 12:30:45 GMT"
BEFORE, AFTER = "Sun, 01 Mar 2026 12:30:44 GMT", "Sun, 01 Mar 2026 12:30:46 GMT"


@pytest.mark.parametrize(
    ("original", "variant"),
    [('"abc"', f'"abc-{VARIANT}"'), ("abc", f'"abc-{VARIANT}"'), ('"d41d8-12"', f'"d41d8-12-{VARIANT}"')],
)
def test_the_etag_of_a_variant_contains_the_etag_of_the_original(original: str, variant: str) -> None:
    assert variant_etag(original, VARIANT) == variant
    translated = translate_preconditions({"if-none-match": variant}, VARIANT)["if-none-match"]
    assert translated.strip('"') == original.strip('"')


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, {}),
        ({"if-none-match": TAG}, {"if-none-match": '"abc"'}),
        ({"if-none-match": f'W/{TAG}, "x", "d-{VARIANT}"'}, {"if-none-match": '"abc", "d"'}),
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
        ({"if-none-match": f'"é-{VARIANT}", "猫-{VARIANT}", {TAG}'}, {"if-none-match": '"abc"'}),
        ({"if-none-match": f'"猫-{VARIANT}"'}, {}),
        ({"if-modified-since": "猫", "if-unmodified-since": f"{AFTER}\t"}, {}),
    ],
)
def test_preconditions_for_s3(headers: dict[str, str], expected: dict[str, str]) -> None:
    assert translate_preconditions(headers, VARIANT) == expected


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
        ({"if-modified-since": f"Sun, 01 Mar {'9' * 20} 12:30:46 GMT"}, None),
        ({"if-unmodified-since": f"Sun, 01 Mar 2026 12:30:46 +{'9' * 20}"}, None),
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
def test_evaluation_of_preconditions(headers: dict[str, str], status: int | None) -> None:
    assert evaluate_preconditions(headers, TAG, CHANGED) == status


def test_an_original_without_last_modified() -> None:
    assert evaluate_preconditions({"if-modified-since": AFTER}, TAG, None) is None
    assert parse_range({"range": "bytes=0-1", "if-range": CHANGED}, TAG, None, 10) is None


@pytest.mark.parametrize(
    ("requested", "expected"),
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
def test_ranges(requested: str, expected: range | None) -> None:
    assert parse_range({"range": requested}, TAG, CHANGED, 10) == expected


@pytest.mark.parametrize("requested", ["bytes=10-", "bytes=10-11", "bytes=999-", "bytes=-0"])
def test_ranges_after_the_end(requested: str) -> None:
    found = parse_range({"range": requested}, TAG, CHANGED, 10)
    assert found is not None
    assert len(found) == 0
