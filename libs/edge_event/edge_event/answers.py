"""What an origin-request function may return: a request to go on with, or a response of its own."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from edge_event.requests import OriginRequest

# How long CloudFront and browsers keep an error that is the same for every viewer. CloudFront keeps 400, 403
# and 415 only by such a header (developer guide, "How CloudFront processes HTTP 4xx and 5xx status codes").
_PERMANENT = "public, max-age=60"
_TRANSIENT = "no-store"
# The package `http` would cost a cold start more than these.
_PHRASES = {
    302: "Found",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    415: "Unsupported Media Type",
    500: "Internal Server Error",
    503: "Service Unavailable",
}

type Answer = dict[str, Any]
"""The JSON object that CloudFront takes from the function: a request, or a response (it has `status`)."""

# RFC 3986: what may stand in a path unencoded. "%" stays too, for the path is encoded already. "+" does not:
# S3 reads a literal plus as a space.
_PATH_CHARACTERS = "/%-._~!$&'()*,;=:@"


def unchanged(request: OriginRequest) -> Answer:
    """The request as it came: CloudFront goes on as if there were no function."""
    return dict(request.raw)


def same_key(request: OriginRequest) -> Answer:
    """Return the request for the same object of S3: unchanged, except that a plus in its path is `%2B`.

    CloudFront forwards a path as the viewer sent it, and S3 reads a literal plus as a space: `/a+b.jpg` would
    be the object `a b.jpg`.
    """
    return {**request.raw, "uri": request.uri.replace("+", "%2B")}


def with_key(request: OriginRequest, key: str) -> Answer:
    """The request for another object of the same origin.

    The query string is cleared, because S3 gives some names a meaning of its own (`versionId`,
    `response-...`). Headers and origin stay as they are: CloudFront answers 502 to a changed read-only
    header, and an origin that was rebuilt loses its access control.
    """
    return {**request.raw, "uri": "/" + quote(key, safe="/-_.~"), "querystring": ""}


def rewritten(
    request: OriginRequest, *, uri: str, querystring: str, headers: Mapping[str, str | None]
) -> Answer:
    """The request with another path and query string, both percent-encoded, and other headers.

    `headers` (by lower-case name) take the place of those of the same name; None takes one away. The rest
    and the origin stay as they are: CloudFront answers 502 to a changed read-only header.
    """
    kept = {name: values for name, values in request.raw.get("headers", {}).items() if name not in headers}
    added = {name: value for name, value in headers.items() if value is not None}
    return {
        **request.raw,
        "uri": uri,
        "querystring": querystring,
        "headers": {**kept, **_header_map(added)},
    }


def redirect_to_original(request: OriginRequest) -> Answer:
    """302 to the same path without its query string, not to be cached.

    The address is relative, so the viewer stays on the host it asked. It never starts with two slashes or a
    slash and a backslash, which a browser would take for another host; `%2F` names the same object to S3.
    """
    path = quote(request.uri.removeprefix("/"), safe=_PATH_CHARACTERS, errors="replace")
    if path.startswith("/"):
        path = "%2F" + path[1:]
    return _response(302, _TRANSIENT, {"Location": "/" + path})


def refusal(status: int, code: str, sentence: str) -> Answer:
    """Return an error that will be the same for the next viewer, to be cached for a minute.

    Args:
        status: 400, 403, 404 or 415: CloudFront caches no other 4xx by its `Cache-Control`.
        code: as S3 has them, such as `NoSuchKey`.
        sentence: what is wrong, for the viewer.
    """
    return _error(status, _PERMANENT, code, sentence)


def unavailable() -> Answer:
    """Return 503, not to be cached: the next request may succeed."""
    sentence = "The image cannot be delivered at the moment; try again later."
    return _error(503, _TRANSIENT, "ServiceUnavailable", sentence)


def failure() -> Answer:
    """Return 500, not to be cached: there is no request to go on with, or no way to."""
    return _response(500, _TRANSIENT)


def _error(status: int, cache_control: str, code: str, sentence: str) -> Answer:
    """Return an error in the form in which S3 reports its own."""
    text = sentence.replace("&", "&amp;").replace("<", "&lt;")
    return {
        **_response(status, cache_control, {"Content-Type": "application/xml"}),
        "body": '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{text}</Message></Error>",
    }


def _response(status: int, cache_control: str, headers: Mapping[str, str] | None = None) -> Answer:
    return {
        "status": str(status),
        "statusDescription": _PHRASES[status],
        "headers": _header_map({**(headers or {}), "Cache-Control": cache_control}),
    }


def _header_map(headers: Mapping[str, str]) -> dict[str, list[dict[str, str]]]:
    return {name.lower(): [{"key": name, "value": value}] for name, value in headers.items()}
