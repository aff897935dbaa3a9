"""Freshness lifetimes, by the tables of CloudFront's developer guide."""

from datetime import UTC, datetime

import pytest

from tools.local.edge.messages import make_headers
from tools.local.edge.ttl import Lifetimes, error_seconds, fresh_seconds, may_be_shared, stale_seconds

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
    headers = make_headers(*((name, value) for name, value in given if value is not None))
    assert fresh_seconds(headers, ZERO, NOW) == minimum_0
    assert fresh_seconds(headers, SHORT, NOW) == minimum_60


def test_without_a_stated_lifetime_the_greater_of_minimum_and_default_applies() -> None:
    assert fresh_seconds(make_headers(), Lifetimes(minimum=600, default=300, maximum=3_600), NOW) == 600


def test_repeated_cache_control_is_one_list() -> None:
    headers = make_headers(("Cache-Control", "max-age=120"), ("Cache-Control", "no-store"))
    assert fresh_seconds(headers, ZERO, NOW) is None


CACHED = (404, 410, 414, 500, 501, 502, 503, 504)
CACHED_BY_MAX_AGE = (400, 403, 405, 412, 415)
NEVER_CACHED = (401, 402, 406, 407, 408, 409, 411, 413, 416, 417, 429, 505)
OBEY_NO_STORE = (404, 410, 414, 501)


def seconds_of(
    status: int,
    *headers: tuple[str, str],
    minimum: int = 10,
    lifetimes: Lifetimes = ZERO,
) -> int | None:
    return error_seconds(status, make_headers(*headers), minimum, lifetimes, NOW)


@pytest.mark.parametrize("status", [*CACHED, *CACHED_BY_MAX_AGE, *NEVER_CACHED])
def test_which_errors_are_cached(status: int) -> None:
    bare = seconds_of(status)
    stated = [seconds_of(status, ("Cache-Control", f"{name}=60")) for name in ("max-age", "s-maxage")]
    assert bare == (10 if status in CACHED else None)
    assert stated == ([None] * 2 if status in NEVER_CACHED else [60] * 2)


@pytest.mark.parametrize("status", [*CACHED, *CACHED_BY_MAX_AGE])
@pytest.mark.parametrize("directive", ["no-store", "no-cache", "private"])
def test_which_errors_obey_no_store(status: int, directive: str) -> None:
    alone = seconds_of(status, ("Cache-Control", directive))
    together = seconds_of(status, ("Cache-Control", f"{directive}, max-age=60"))
    if status in OBEY_NO_STORE:
        assert (alone, together) == (None, None)
    else:
        assert (alone, together) == (10 if status in CACHED else None, 60)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (("Cache-Control", "max-age=3"), 10),
        (("Cache-Control", "max-age=60, s-maxage=90"), 90),
        (("Cache-Control", "max-age=99999999"), 31_536_000),
        (("Cache-Control", "public"), 10),
        (("Expires", SOON), 120),
        (("Expires", PAST), 10),
    ],
)
def test_how_long_an_error_is_cached(header: tuple[str, str], seconds: int) -> None:
    assert seconds_of(404, header) == seconds


def test_expires_does_not_replace_max_age() -> None:
    assert seconds_of(403, ("Expires", SOON)) is None


@pytest.mark.parametrize(
    ("status", "minimum", "seconds"),
    [
        (404, 0, 0),
        (404, 300, 300),
        (503, 0, 0),
        (503, 5, 5),
        # A minimum TTL does not make an error cacheable.
        (403, 300, None),
        (416, 300, None),
    ],
)
def test_the_minimum_of_the_distribution(status: int, minimum: int, seconds: int | None) -> None:
    assert seconds_of(status, minimum=minimum) == seconds


def test_a_policy_that_disables_caching_caches_no_error() -> None:
    off = Lifetimes(minimum=0, default=0, maximum=0)
    assert seconds_of(503, ("Cache-Control", "max-age=60"), lifetimes=off) is None


@pytest.mark.parametrize(
    ("cache_control", "seconds"),
    [
        ("max-age=60", 3_600),
        ("max-age=60, stale-if-error=30", 30),
        ("stale-if-error=99999", 3_600),
        ("stale-if-error=0", 0),
        ("stale-if-error=soon", 3_600),
    ],
)
def test_how_long_an_expired_object_is_served_stale(cache_control: str, seconds: int) -> None:
    assert stale_seconds(make_headers(("Cache-Control", cache_control)), SHORT) == seconds


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
def test_which_responses_are_shared(cache_control: str, *, shared: bool) -> None:
    headers = make_headers(("Cache-Control", cache_control))
    assert may_be_shared(headers, ZERO) is shared
    assert may_be_shared(headers, SHORT)
