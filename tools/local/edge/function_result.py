"""Validate the results of functions for origin requests by CloudFront's rules.

Sources: CloudFront Developer Guide, "Restrictions on edge functions" (headers, URI, query string), "Generate
HTTP responses in request triggers" (fields, 1 MB) and "Lambda@Edge event structure".
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.local.edge.errors import FunctionResultError
from tools.local.edge.event import Event
from tools.local.edge.messages import Response, make_headers

MAX_RESPONSE_BYTES = 1_048_576
"""Maximum size of headers and body of a response that a function generates."""
MAX_URI_CHARACTERS = 8_192

_DISALLOWED = re.compile(
    r"connection|expect|keep-alive|proxy-(authenticate|authorization|connection)|trailer|upgrade"
    r"|x-accel-(buffering|charset|limit-rate|redirect)|x-amz-cf-.*"
    r"|x-amzn-(auth|cf-billing|cf-id|cf-xff|errortype|fle-profile|header-count|header-order"
    r"|lambda-integration-tag|requestid)"
    r"|x-cache|x-edge-.*|x-forwarded-proto|x-real-ip"
)
_READ_ONLY_IN_REQUEST = frozenset(
    {
        "accept-encoding",
        "content-length",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "transfer-encoding",
        "via",
    }
)
_READ_ONLY_IN_RESPONSE = frozenset({"transfer-encoding", "via"})
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f#\ud800-\udfff]")
_STATUS = re.compile(r"[2-5][0-9][0-9]")

type _HeaderMap = Mapping[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, kw_only=True)
class OriginRequest:
    """A request to the origin.

    Attributes:
        request_id: ID of the viewer's request, sent as X-Amz-Cf-Id.
    """

    uri: str
    querystring: str
    headers: tuple[tuple[str, str], ...]
    request_id: str = ""

    @property
    def url(self) -> str:
        """Path and query string."""
        return f"{self.uri}?{self.querystring}" if self.querystring else self.uri


def is_disallowed_header(name: str) -> bool:
    """Return True if functions neither receive nor may add a header, given in lower case."""
    return _DISALLOWED.fullmatch(name) is not None


def find_unprintable(text: str) -> re.Match[str] | None:
    """Return the first character that neither a URI nor a query string may have."""
    return _UNPRINTABLE.search(text)


def parse_result(result: object, event: Event) -> OriginRequest | Response:
    """Parse a function's result: a request to the origin, or a response to the viewer.

    Args:
        result: value that the function returned.
        event: event of the invocation.

    Raises:
        FunctionResultError: CloudFront rejects the result with 502.
    """
    given = event["Records"][0]["cf"]["request"]
    if not isinstance(result, dict):
        raise FunctionResultError("The result is not an object.")
    return _parse_response(result) if "status" in result else _request(result, given)


def make_origin_request(event: Event) -> OriginRequest:
    """Return the request of an event unchanged, for behaviors without a function."""
    given = event["Records"][0]["cf"]["request"]
    return OriginRequest(uri=given["uri"], querystring=given["querystring"], headers=_flat(_headers(given)))


def _request(result: dict[str, Any], given: dict[str, Any]) -> OriginRequest:
    uri, querystring = result.get("uri"), result.get("querystring", "")
    if not isinstance(uri, str) or not uri.startswith("/") or find_unprintable(uri):
        raise FunctionResultError(f"The uri must be a path that begins with a slash, not {uri!r}.")
    if not isinstance(querystring, str) or find_unprintable(querystring):
        raise FunctionResultError(f"The query string has characters it may not have: {querystring!r}.")
    if len(f"{uri}?{querystring}") >= MAX_URI_CHARACTERS:
        raise FunctionResultError(
            f"The uri with its query string has {MAX_URI_CHARACTERS} characters or more."
        )
    for name in ("method", "clientIp"):
        if result.get(name, given[name]) != given[name]:
            raise FunctionResultError(f"{name} is read-only.")
    headers, before = _headers(result), _headers(given)
    _check_headers(headers, before, _READ_ONLY_IN_REQUEST)
    _check_origin(result.get("origin"), given["origin"])
    return OriginRequest(uri=uri, querystring=querystring, headers=_flat(headers))


def _parse_response(result: dict[str, Any]) -> Response:
    status = str(result["status"])
    if not _STATUS.fullmatch(status):
        raise FunctionResultError(f"The status must be a number from 200 to 599, not {status!r}.")
    headers = _headers(result)
    _check_headers(headers, {}, _READ_ONLY_IN_RESPONSE)
    body = _body(result)
    flat = _flat(headers)
    size = len(body) + sum(len(name) + len(value) for name, value in flat)
    if size > MAX_RESPONSE_BYTES:
        raise FunctionResultError(f"The response has {size} bytes, over the limit of {MAX_RESPONSE_BYTES}.")
    sized = [pair for pair in flat if pair[0].lower() != "content-length"]
    return Response(
        status=int(status),
        headers=make_headers(*sized, ("Content-Length", str(len(body)))),
        body=body,
    )


def _body(result: dict[str, Any]) -> bytes:
    body, encoding = result.get("body", ""), result.get("bodyEncoding", "text")
    if not isinstance(body, str) or encoding not in ("text", "base64"):
        raise FunctionResultError("The body must be text, its encoding text or base64.")
    if encoding == "text":
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise FunctionResultError("The body is not valid base64.") from error


def _headers(message: Mapping[str, Any]) -> _HeaderMap:
    """Return lower-case names => (original spelling, value). A missing spelling is derived from the name."""
    headers = message.get("headers", {})
    if not isinstance(headers, dict):
        raise FunctionResultError("headers must be an object.")
    return {
        name: tuple(_header(name, item) for item in _items(name, values)) for name, values in headers.items()
    }


def _items(name: str, values: object) -> list[object]:
    if not isinstance(values, list):
        raise FunctionResultError(f"The header {name} must be a list of key and value.")
    return values


def _header(name: str, item: object) -> tuple[str, str]:
    value = item.get("value") if isinstance(item, dict) else None
    key = item.get("key", name.title()) if isinstance(item, dict) else None
    if name != name.lower() or not isinstance(value, str) or not isinstance(key, str) or key.lower() != name:
        raise FunctionResultError(
            f"The header {name} must be in lower case, with a value, and a key of its name."
        )
    return key, value


def _check_headers(headers: _HeaderMap, before: _HeaderMap, read_only: frozenset[str]) -> None:
    for name, values in headers.items():
        if is_disallowed_header(name):
            raise FunctionResultError(f"The header {name} is not allowed.")
        if name in read_only and _values(values) != _values(before.get(name, ())):
            raise FunctionResultError(f"The header {name} is read-only.")


def _check_origin(origin: object, given: dict[str, Any]) -> None:
    """Reject a changed origin, which origin access control does not allow: the request would fail on AWS.

    AWS lets a function change a custom origin; the local edge does not model such a change.
    """
    [kind] = given
    found = origin.get(kind) if isinstance(origin, dict) and len(origin) == 1 else None
    if not isinstance(found, dict):
        raise FunctionResultError(f"The origin must have exactly the field {kind}.")
    for name in ("domainName", "path"):
        if found.get(name) != given[kind][name]:
            raise FunctionResultError(
                f"The {name} of an origin with origin access control cannot be changed."
                if kind == "s3"
                else f"The local edge does not model a changed {name} of a custom origin."
            )


def _values(items: tuple[tuple[str, str], ...]) -> list[str]:
    return [value for _, value in items]


def _flat(headers: _HeaderMap) -> tuple[tuple[str, str], ...]:
    return tuple(item for items in headers.values() for item in items)
