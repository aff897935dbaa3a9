"""How long answers stay in the cache: the table of CloudFront's developer guide."""

from datetime import UTC, datetime

import pytest

from tools.local.edge.messages import headers_of
from tools.local.edge.ttl import Lifetimes, error_seconds, fresh_seconds, may_be_shared

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC).timestamp()
ZERO = Lifetimes(minimum=0, default=86_400, maximum=31_536_000)
SHORT = Lifetimes(minimum=60, default=300, maximum=3_600)
SOON = "Thu, 01 Jan 2026 12:02:00 GMT"
LATER = "Fri, 02 Jan 2026 12:00:00 GMT"
PAST = "Thu, 01 Jan 2026 11:00:00 GMT"


@pytest.mark.parametrize(
    ("cache_control", "expires", "minimum_0", "minimum_60"),
    [
        (None, None, 86_400, 300),
        ("max-age=120", None, 120, 120),
        ("max-age=10", None, 10, 60),
        ("max-age=99999999", None, 31_536_000, 3_600),
        ("max-age=0", None, 0, 60),
        ("max-age=120, s-maxage=7", None, 7, 60),
        ("s-maxage=600, max-age=120", None, 600, 600),
        ("Max-Age=120", None, 120, 120),
        ("public, max-age=120, immutable", None, 120, 120),
        ("max-age=oops", None, 86_400, 300),
        ("public", None, 86_400, 300),
        (None, SOON, 120, 120),
        (None, LATER, 86_400, 3_600),
        (None, PAST, 0, 60),
        (None, "0", 0, 60),
        ("max-age=5", LATER, 5, 60),
        ("no-cache", None, 0, 60),
        ("no-store", None, None, 60),
        ("private", None, None, 60),
        ("No-Store, max-age=120", None, None, 60),
        ("private, max-age=120", None, None, 60),
        ("no-cache, max-age=120", None, 0, 60),
        ("no-cache, no-store", None, None, 60),
    ],
)
def test_content(
    cache_control: str | None, expires: str | None, minimum_0: int | None, minimum_60: int
) -> None:
    given = (("Cache-Control", cache_control), ("Expires", expires))
    headers = headers_of(*((name, value) for name, value in given if value is not None))
    assert fresh_seconds(headers, ZERO, NOW) == minimum_0
    assert fresh_seconds(headers, SHORT, NOW) == minimum_60


def test_without_a_word_from_the_origin_the_greater_of_minimum_and_default_holds() -> None:
    assert fresh_seconds(headers_of(), Lifetimes(minimum=600, default=300, maximum=3_600), NOW) == 600


def test_repeated_cache_control_is_one_list() -> None:
    headers = headers_of(("Cache-Control", "max-age=120"), ("Cache-Control", "no-store"))
    assert fresh_seconds(headers, ZERO, NOW) is None


@pytest.mark.parametrize(
    ("status", "cache_control", "seconds"),
    [
        (404, "", 10),
        (404, "max-age=3", 10),
        (404, "max-age=60", 60),
        (404, "max-age=60, s-maxage=90", 90),
        (500, "", 10),
        (502, "", 10),
        (503, "", 10),
        (504, "", 10),
        (403, "", None),
        (403, "max-age=3", 10),
        (400, "", None),
        (412, "s-maxage=20", 20),
        (416, "max-age=20", None),
    ],
)
def test_errors(status: int, cache_control: str, seconds: int | None) -> None:
    assert error_seconds(status, headers_of(("Cache-Control", cache_control)), {}) == seconds


def test_the_distribution_may_set_the_time_of_an_error() -> None:
    assert error_seconds(404, headers_of(), {404: 0}) == 0
    assert error_seconds(403, headers_of(), {403: 300}) == 300


@pytest.mark.parametrize(
    ("cache_control", "shared"),
    [
        ("", True),
        ("max-age=60", True),
        ("no-store", False),
        ("private", False),
        ("no-cache", False),
        ("max-age=0", False),
        ("max-age=60, s-maxage=0", False),
    ],
)
def test_who_gets_an_answer_that_others_waited_for(cache_control: str, *, shared: bool) -> None:
    headers = headers_of(("Cache-Control", cache_control))
    assert may_be_shared(headers, ZERO) is shared
    assert may_be_shared(headers, SHORT)
