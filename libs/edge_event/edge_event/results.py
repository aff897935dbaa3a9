"""Results of an origin-request function: a request for CloudFront to send, or a response to the viewer."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from lambda_runtime import TRY_AGAIN, error_document

from edge_event.requests import OriginRequest

# Cache-Control of a permanent error. CloudFront caches 400, 403 and 415 only with this header (developer
# guide, "How CloudFront processes HTTP 4xx and 5xx status codes from your origin").
_PERMANENT = "public, max-age=60"
_TRANSIENT = "no-store"
# `http.HTTPStatus` has these phrases too, but importing that package would slow down a cold start.
_PHRASES = {
    302: "Found",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    415: "Unsupported Media Type",
    500: "Internal Server Error",
    503: "Service Unavailable",
}

type EdgeResult = dict[str, Any]
"""The JSON object that the function returns to CloudFront: a response if it has `status`, else a request."""

# Characters that a path may contain without encoding (RFC 3986), and "%", because the path of a request is
# encoded already. "+" is not among them: S3 decodes a literal plus as a space.
_PATH_CHARACTERS = "/%-._~!$&'()*,;=:@"


def pass_through(request: OriginRequest) -> EdgeResult:
    """Return the request unchanged."""
    return dict(request.raw)


def pass_to_s3(request: OriginRequest, cache_control: str | None = None) -> EdgeResult:
    """Return the request for the same S3 object: unchanged, but with `%2B` for a plus in the path.

    CloudFront forwards the path of the viewer, and S3 decodes a literal plus as a space, so `/a+b.jpg` would
    return the object `a b.jpg`.

    Args:
        request: the request of the event.
        cache_control: Cache-Control for a 200 or 206 of S3, in place of the object's own (S3 API reference,
            GetObject, "Overriding response header values"). Error responses do not get it. None: the
            object's own.
    """
    result = {**request.raw, "uri": request.uri.replace("+", "%2B")}
    if cache_control is not None:
        result["querystring"] = f"response-cache-control={quote(cache_control, safe='')}"
    return result


def replace_key(request: OriginRequest, key: str) -> EdgeResult:
    """Return the request for another object of the same origin.

    The query string is cleared, because S3 has parameters of its own such as `versionId` and `response-*`.
    Headers and origin stay: CloudFront responds with 502 to a changed read-only header, and a rebuilt origin
    would lose its origin access control.
    """
    return {**request.raw, "uri": "/" + quote(key, safe="/-_.~"), "querystring": ""}


def rewrite(
    request: OriginRequest, *, uri: str, querystring: str, headers: Mapping[str, str | None]
) -> EdgeResult:
    """Return the request with another path, query string and headers.

    Args:
        request: the request of the event.
        uri: percent-encoded path.
        querystring: percent-encoded query string without `?`.
        headers: values by lower-case name that replace the headers of that name. None removes a header. Other
            headers and the origin stay: CloudFront responds with 502 to a changed read-only header.
    """
    kept = {name: values for name, values in request.raw.get("headers", {}).items() if name not in headers}
    added = {name: value for name, value in headers.items() if value is not None}
    return {
        **request.raw,
        "uri": uri,
        "querystring": querystring,
        "headers": {**kept, **_header_map(added)},
    }


def redirect_to_original(request: OriginRequest) -> EdgeResult:
    """Return 302 to the same path without a query string, with `no-store`.

    The location is a path, so that the viewer stays on the same host. A second slash at the start becomes
    `%2F` and a backslash `%5C`, because browsers would take the rest for a host name. S3 decodes both.
    """
    path = quote(request.uri.removeprefix("/"), safe=_PATH_CHARACTERS, errors="replace")
    if path.startswith("/"):
        path = "%2F" + path[1:]
    return _response(302, _TRANSIENT, {"Location": "/" + path})


def permanent_error(status: int, code: str, message: str, resource: str = "") -> EdgeResult:
    """Return an error that the next viewer would get too, cached for a minute.

    Args:
        status: 400, 403, 404 or 415, the only 4xx that CloudFront caches by their `Cache-Control`.
        code: error code as in S3's error documents, such as `NoSuchKey`.
        message: one sentence for the viewer.
        resource: path and canonical query of the request. Empty: the document has no element `Resource`.
    """
    return _error(status, _PERMANENT, code, message, resource)


def transient_error(resource: str = "") -> EdgeResult:
    """Return 503 with `no-store`, because the next request may succeed.

    Args:
        resource: as in `permanent_error`.
    """
    return _error(503, _TRANSIENT, "ServiceUnavailable", TRY_AGAIN, resource)


def internal_error() -> EdgeResult:
    """Return 500 with `no-store`, for an event or a deployment that the function cannot work with."""
    return _response(500, _TRANSIENT)


def _error(status: int, cache_control: str, code: str, message: str, resource: str) -> EdgeResult:
    headers = {"Content-Type": "application/xml"}
    return {
        **_response(status, cache_control, headers),
        "body": error_document(code, message, resource),
    }


def _response(status: int, cache_control: str, headers: Mapping[str, str] | None = None) -> EdgeResult:
    return {
        "status": str(status),
        "statusDescription": _PHRASES[status],
        "headers": _header_map({**(headers or {}), "Cache-Control": cache_control}),
    }


def _header_map(headers: Mapping[str, str]) -> dict[str, list[dict[str, str]]]:
    return {name.lower(): [{"key": name, "value": value}] for name, value in headers.items()}
