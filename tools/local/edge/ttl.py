"""Freshness lifetimes of responses.

Sources, all in the CloudFront Developer Guide: the table and "Serve stale (expired) content" in "Manage how
long content stays in the cache (expiration)", and for errors "How CloudFront processes HTTP 4xx and 5xx
status codes from your origin" and "Control how long CloudFront caches errors".
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from werkzeug.datastructures import ResponseCacheControl
from werkzeug.http import parse_cache_control_header, parse_date

from tools.local.edge.messages import Headers

DEFAULT_ERROR_SECONDS = 10
"""Error caching minimum TTL of a distribution without a custom error response."""

# The second page above includes 410 in the cached errors; the first omits it.
_ERRORS_CACHED = frozenset({404, 410, 414, 500, 501, 502, 503, 504})
_ERRORS_CACHED_BY_MAX_AGE = frozenset({400, 403, 405, 412, 415})
_ERRORS_THAT_OBEY_NO_STORE = frozenset({404, 410, 414, 501})


@dataclass(frozen=True, kw_only=True)
class Lifetimes:
    """The three TTLs of a cache policy, in seconds."""

    minimum: int
    default: int
    maximum: int


def fresh_seconds(headers: Headers, lifetimes: Lifetimes, now: float) -> int | None:
    """Return the time for which a response below 400 may be served without an origin request.

    Args:
        headers: headers of the origin's response.
        lifetimes: TTLs of the cache policy.
        now: current time in seconds since the epoch, for Expires.

    Returns:
        Seconds; 0 for a response that is cached but revalidated each time; None for one that is not cached.
    """
    control = _cache_control(headers)
    if _forbids_storing(control):
        if lifetimes.minimum > 0:
            return lifetimes.minimum
        return 0 if not (control.no_store or control.private) else None
    stated = _stated_seconds(headers, control, now)
    if stated is None:
        return max(lifetimes.minimum, lifetimes.default)
    return max(lifetimes.minimum, min(stated, lifetimes.maximum))


def error_seconds(
    status: int, headers: Headers, caching_min_ttl: int, lifetimes: Lifetimes, now: float
) -> int | None:
    """Return the time for which an error may be served without an origin request.

    400, 403, 405, 412 and 415 are cached only with max-age or s-maxage, even if the distribution sets a
    minimum TTL for them. Only 404, 410, 414 and 501 obey no-store, no-cache and private. Statuses that the
    guide does not list, such as 416 and 429, are never cached.

    Args:
        status: 400 or above, before a custom error response changes the status.
        headers: headers of the response.
        caching_min_ttl: error caching minimum TTL for the status, in seconds.
        lifetimes: TTLs of the cache policy; a maximum of 0 also disables the caching of errors.
        now: current time in seconds since the epoch, for Expires.

    Returns:
        Seconds; None for an error that is not cached.
    """
    control = _cache_control(headers)
    has_max_age = (control.s_maxage, control.max_age) != (None, None)
    cached = status in _ERRORS_CACHED or (status in _ERRORS_CACHED_BY_MAX_AGE and has_max_age)
    refused = status in _ERRORS_THAT_OBEY_NO_STORE and _forbids_storing(control)
    if not cached or refused or lifetimes.maximum == 0:
        return None
    stated = min(_stated_seconds(headers, control, now) or 0, lifetimes.maximum)
    return max(caching_min_ttl, stated)


def stale_seconds(headers: Headers, lifetimes: Lifetimes) -> int:
    """Return the time after expiry for which an object may be served while the origin fails.

    Args:
        headers: headers of the object.
        lifetimes: TTLs of the cache policy, whose maximum is the limit.

    Returns:
        Seconds; 0 for an object with `stale-if-error=0`.
    """
    stated = _cache_control(headers).stale_if_error
    return lifetimes.maximum if stated is None else min(stated, lifetimes.maximum)


def is_error(status: int) -> bool:
    """Return True if the rules for errors apply to a status, False for those for content."""
    return status >= HTTPStatus.BAD_REQUEST


def may_be_shared(headers: Headers, lifetimes: Lifetimes) -> bool:
    """Return True if all viewers that wait for an origin request may receive the response.

    Source: "Simultaneous requests for the same object (request collapsing)": with a minimum TTL of 0, a
    response with private, no-store, no-cache, max-age=0 or s-maxage=0 is sent only to the viewer that caused
    the request.
    """
    control = _cache_control(headers)
    refused = _forbids_storing(control) or 0 in (control.max_age, control.s_maxage)
    return lifetimes.minimum > 0 or not refused


def _cache_control(headers: Headers) -> ResponseCacheControl:
    value = ", ".join(headers.getall("Cache-Control", []))
    # Directive names are case-insensitive; the values used here are numbers.
    return parse_cache_control_header(value.lower(), cls=ResponseCacheControl)


def _forbids_storing(control: ResponseCacheControl) -> bool:
    return bool(control.no_store or control.private or control.no_cache)


def _stated_seconds(headers: Headers, control: ResponseCacheControl, now: float) -> int | None:
    """Return the lifetime in the response: s-maxage before max-age before Expires."""
    if control.s_maxage is not None:
        return control.s_maxage
    if control.max_age is not None:
        return control.max_age
    expires = headers.get("Expires")
    if expires is None:
        return None
    date = parse_date(expires)
    # RFC 9111, 5.3: an invalid date, in particular "0", is in the past.
    return 0 if date is None else max(0, int((date - datetime.fromtimestamp(now, UTC)).total_seconds()))
