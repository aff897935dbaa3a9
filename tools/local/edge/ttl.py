"""How long an answer stays in the cache.

The rules are the table in the CloudFront Developer Guide, "Managing how long content stays in the cache
(expiration)", and, for errors, "How CloudFront processes and caches HTTP 4xx and 5xx status codes from your
origin".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from werkzeug.datastructures import ResponseCacheControl
from werkzeug.http import parse_cache_control_header, parse_date

from tools.local.edge.messages import Headers

DEFAULT_ERROR_SECONDS = 10
"""Error caching minimum TTL where the distribution sets none."""

_ERRORS_ALWAYS_KEPT = frozenset({404, 405, 414, 500, 501, 502, 503, 504})
_ERRORS_KEPT_BY_HEADER = frozenset({400, 403, 412, 415})


@dataclass(frozen=True, kw_only=True)
class Lifetimes:
    """The three TTLs of a cache policy, in seconds."""

    minimum: int
    default: int
    maximum: int


def fresh_seconds(headers: Headers, lifetimes: Lifetimes, now: float) -> int | None:
    """How long an answer below 400 may be served without asking the origin again.

    Args:
        headers: of the origin's answer.
        lifetimes: of the cache policy.
        now: seconds since the epoch, for Expires.

    Returns:
        Seconds; 0 for an answer that is kept but checked with the origin each time; None for one not kept.
    """
    control = _cache_control(headers)
    if control.no_store or control.private or control.no_cache:
        if lifetimes.minimum > 0:
            return lifetimes.minimum
        return 0 if not (control.no_store or control.private) else None
    stated = _stated_seconds(headers, control, now)
    if stated is None:
        return max(lifetimes.minimum, lifetimes.default)
    return max(lifetimes.minimum, min(stated, lifetimes.maximum))


def error_seconds(status: int, headers: Headers, minimums: Mapping[int, int]) -> int | None:
    """How long an answer of 400 or above is repeated to viewers; None when it is not kept.

    Args:
        status: 400 or above.
        headers: of the origin's answer.
        minimums: the error caching minimum TTL the distribution sets for a status.
    """
    control = _cache_control(headers)
    stated = control.s_maxage if control.s_maxage is not None else control.max_age
    if (
        status in _ERRORS_ALWAYS_KEPT
        or status in minimums
        or (status in _ERRORS_KEPT_BY_HEADER and stated is not None)
    ):
        return max(minimums.get(status, DEFAULT_ERROR_SECONDS), stated or 0)
    return None


def is_error(status: int) -> bool:
    """Whether the error rules hold for a status, and not those for content."""
    return status >= HTTPStatus.BAD_REQUEST


def may_be_shared(headers: Headers, lifetimes: Lifetimes) -> bool:
    """Whether viewers who wait for one origin request may all get its answer.

    Source: "Simultaneous requests for the same object (request collapsing)": with a minimum TTL of 0, an
    answer with private, no-store, no-cache, max-age=0 or s-maxage=0 goes to the viewer who caused it alone.
    """
    control = _cache_control(headers)
    refused = (
        control.no_store or control.private or control.no_cache or 0 in (control.max_age, control.s_maxage)
    )
    return lifetimes.minimum > 0 or not refused


def _cache_control(headers: Headers) -> ResponseCacheControl:
    value = ", ".join(headers.getall("Cache-Control", []))
    # Directive names have no case; the values asked for here are numbers.
    return parse_cache_control_header(value.lower(), cls=ResponseCacheControl)


def _stated_seconds(headers: Headers, control: ResponseCacheControl, now: float) -> int | None:
    """What the origin asks for: s-maxage before max-age before Expires."""
    if control.s_maxage is not None:
        return control.s_maxage
    if control.max_age is not None:
        return control.max_age
    expires = headers.get("Expires")
    if expires is None:
        return None
    date = parse_date(expires)
    # RFC 9111, 5.3: a date that cannot be read, "0" above all, is in the past.
    return 0 if date is None else max(0, int((date - datetime.fromtimestamp(now, UTC)).total_seconds()))
