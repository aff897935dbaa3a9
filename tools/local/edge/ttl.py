"""How long an response stays in the cache.

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
"""Error caching minimum TTL where the distribution sets none."""

# The second page above names 410 among the errors that are cached; the list on the first leaves it out.
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
    """How long an response below 400 may be served without asking the origin again.

    Args:
        headers: of the origin's response.
        lifetimes: of the cache policy.
        now: seconds since the epoch, for Expires.

    Returns:
        Seconds; 0 for an response that is kept but checked with the origin each time; None for one not kept.
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
    """Return how long an error may be served without another request to the origin.

    400, 403, 405, 412 and 415 are cached only with max-age or s-maxage, even if the distribution sets a
    minimum TTL for them. Only 404, 410, 414 and 501 obey no-store, no-cache and private. What is not on the
    guide's lists, 416 and 429 for instance, is never cached.

    Args:
        status: 400 or above, before a custom error response changes it.
        headers: of the response.
        caching_min_ttl: error caching minimum TTL of the distribution for the status, in seconds.
        lifetimes: of the cache policy; a maximum of 0 disables caching, of errors as well.
        now: seconds since the epoch, for Expires.

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
    """Return for how long after its expiry an object may be served while the origin fails.

    Args:
        headers: of the object.
        lifetimes: of the cache policy, whose maximum is the limit.

    Returns:
        Seconds; 0 where the object says `stale-if-error=0`.
    """
    stated = _cache_control(headers).stale_if_error
    return lifetimes.maximum if stated is None else min(stated, lifetimes.maximum)


def is_error(status: int) -> bool:
    """Whether the error rules hold for a status, and not those for content."""
    return status >= HTTPStatus.BAD_REQUEST


def may_be_shared(headers: Headers, lifetimes: Lifetimes) -> bool:
    """Whether viewers who wait for one origin request may all get its response.

    Source: "Simultaneous requests for the same object (request collapsing)": with a minimum TTL of 0, an
    response with private, no-store, no-cache, max-age=0 or s-maxage=0 goes to the viewer who caused it alone.
    """
    control = _cache_control(headers)
    refused = _forbids_storing(control) or 0 in (control.max_age, control.s_maxage)
    return lifetimes.minimum > 0 or not refused


def _cache_control(headers: Headers) -> ResponseCacheControl:
    value = ", ".join(headers.getall("Cache-Control", []))
    # Directive names have no case; the values asked for here are numbers.
    return parse_cache_control_header(value.lower(), cls=ResponseCacheControl)


def _forbids_storing(control: ResponseCacheControl) -> bool:
    return bool(control.no_store or control.private or control.no_cache)


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
