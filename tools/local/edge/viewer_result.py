"""Validate the results of CloudFront Functions for viewer requests by CloudFront's rules.

Sources: CloudFront Developer Guide, "CloudFront Functions event structure" (fields, `multiValue`) and
"Restrictions on all edge functions" (headers, URI, query string). The example "Normalize query string
parameters in a CloudFront Functions viewer request" returns the query string as text.
"""

import base64
import binascii
from collections.abc import Iterable
from typing import Any

from tools.local.edge.errors import ViewerFunctionResultError
from tools.local.edge.function_result import MAX_URI_CHARACTERS, find_unprintable, is_disallowed_header
from tools.local.edge.messages import Response, ViewerRequest, make_headers
from tools.local.edge.viewer_event import Fields, ViewerEvent

MAX_RESPONSE_BYTES = 40 * 1024
"""Maximum size of headers and body of a generated response: the quota of Lambda@Edge for viewer events. The
guide states none for CloudFront Functions."""

_READ_ONLY = ("content-length", "host", "transfer-encoding", "via")
_STATUSES = range(200, 600)


def parse_viewer_result(
    result: object, event: ViewerEvent, request: ViewerRequest
) -> ViewerRequest | Response:
    """Parse a function's result: a changed request, or a response to the viewer.

    Args:
        result: value that the function returned.
        event: event of the invocation.
        request: request of the viewer, from which the event was made.

    Raises:
        ViewerFunctionResultError: CloudFront rejects the result with 503.
    """
    if not isinstance(result, dict):
        raise ViewerFunctionResultError("The result is neither a request nor a response.")
    if "statusCode" in result:
        return _parse_response(result)
    return _parse_request(result, event["request"], request)


def _parse_request(result: dict[str, Any], given: dict[str, Any], request: ViewerRequest) -> ViewerRequest:
    uri = result.get("uri")
    if not isinstance(uri, str) or not uri.startswith("/") or find_unprintable(uri):
        raise ViewerFunctionResultError(f"request.uri must be a path that begins with a slash, not {uri!r}.")
    if result.get("method") != given["method"]:
        raise ViewerFunctionResultError("request.method is read-only.")
    query = result.get("querystring", {})
    if not isinstance(query, str):
        pairs = _pairs(result, "querystring", given["querystring"])
        query = "&".join(f"{name}={value}" for name, value in pairs)
    if find_unprintable(query):
        raise ViewerFunctionResultError(f"request.querystring has invalid characters: {query!r}.")
    if len(f"{uri}?{query}") >= MAX_URI_CHARACTERS:
        raise ViewerFunctionResultError(
            f"URI and query string must be shorter than {MAX_URI_CHARACTERS} characters."
        )
    headers = list(_pairs(result, "headers", given["headers"]))
    _check_headers(headers)
    _check_read_only(headers, given["headers"])
    cookies = "; ".join(f"{name}={value}" for name, value in _pairs(result, "cookies", given["cookies"]))
    hidden = [(name, value) for name, value in request.headers.items() if is_disallowed_header(name.lower())]
    return ViewerRequest(
        method=request.method,
        uri=uri,
        querystring=query,
        headers=make_headers(
            *((name.title(), value) for name, value in headers),
            *([("Cookie", cookies)] if cookies else []),
            *hidden,
        ),
        client_ip=request.client_ip,
        has_body=request.has_body,
    )


def _parse_response(result: dict[str, Any]) -> Response:
    status, description = result["statusCode"], result.get("statusDescription", "")
    if not isinstance(status, int) or status not in _STATUSES:
        raise ViewerFunctionResultError(
            f"response.statusCode must be a number from 200 to 599, not {status!r}."
        )
    if not isinstance(description, str):
        raise ViewerFunctionResultError("response.statusDescription must be text.")
    headers = list(_pairs(result, "headers", {}))
    _check_headers(headers)
    body = _decode_body(result.get("body", ""))
    cookies = [("Set-Cookie", cookie) for cookie in _set_cookies(result)]
    named = [(name.title(), value) for name, value in headers if name != "content-length"]
    size = len(body) + sum(len(name) + len(value) for name, value in (*named, *cookies))
    if size > MAX_RESPONSE_BYTES:
        raise ViewerFunctionResultError(
            f"The response has {size} bytes; {MAX_RESPONSE_BYTES} are the maximum."
        )
    length = ("Content-Length", str(len(body)))
    return Response(status=status, headers=make_headers(*named, *cookies, length), body=body)


def _decode_body(body: object) -> bytes:
    if isinstance(body, dict):
        data, encoding = body.get("data", ""), body.get("encoding")
    else:
        data, encoding = body, "text"
    if not isinstance(data, str) or encoding not in ("text", "base64"):
        raise ViewerFunctionResultError(
            "response.body must be text, or an object of data and the encoding text or base64."
        )
    if encoding == "text":
        return data.encode("utf-8", "replace")
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise ViewerFunctionResultError("response.body is not valid base64.") from error


def _pairs(message: dict[str, Any], field: str, before: Fields) -> Iterable[tuple[str, str]]:
    """Return the names and values of headers, cookies or parameters, each value on its own."""
    entries = message.get(field, {})
    if not isinstance(entries, dict):
        raise ViewerFunctionResultError(f"{field} must be an object.")
    return (
        (name, value)
        for name, entry in entries.items()
        for value in _values(f"{field}.{name}", entry, before.get(name))
    )


def _values(name: str, entry: object, before: dict[str, Any] | None) -> list[str]:
    """Return the values of one entry. A changed `multiValue` has precedence over `value`."""
    if not isinstance(entry, dict):
        raise ViewerFunctionResultError(f"{name} must be an object with a value.")
    several = entry.get("multiValue")
    if several is None:
        return [_value(name, entry)]
    if not isinstance(several, list):
        raise ViewerFunctionResultError(f"{name}.multiValue must be a list.")
    values = [_value(name, item) for item in several]
    if before is not None and several == before.get("multiValue"):
        return [_value(name, entry), *values[1:]]
    return values


def _value(name: str, item: object) -> str:
    value = item.get("value") if isinstance(item, dict) else None
    if not isinstance(value, str):
        raise ViewerFunctionResultError(f"{name}.value must be text, not {value!r}.")
    return value


def _check_headers(headers: Iterable[tuple[str, str]]) -> None:
    for name, value in headers:
        if name != name.lower() or find_unprintable(name):
            raise ViewerFunctionResultError(f"The name of the header {name!r} must be in lower case.")
        if is_disallowed_header(name):
            raise ViewerFunctionResultError(f"The header {name} is not allowed.")
        if "\r" in value or "\n" in value or "\0" in value:
            raise ViewerFunctionResultError(f"The value of the header {name} has a line break.")


def _check_read_only(headers: list[tuple[str, str]], given: Fields) -> None:
    for name in _READ_ONLY:
        before = _values(name, given[name], None) if name in given else []
        if [value for other, value in headers if other == name] != before:
            raise ViewerFunctionResultError(f"The header {name} is read-only.")


def _set_cookies(result: dict[str, Any]) -> Iterable[str]:
    cookies = result.get("cookies", {})
    if not isinstance(cookies, dict):
        raise ViewerFunctionResultError("cookies must be an object.")
    for name, entry in cookies.items():
        items = entry.get("multiValue", [entry]) if isinstance(entry, dict) else [entry]
        for item in items if isinstance(items, list) else [items]:
            attributes = item.get("attributes") if isinstance(item, dict) else None
            cookie = f"{name}={_value(f'cookies.{name}', item)}"
            yield f"{cookie}; {attributes}" if attributes else cookie
