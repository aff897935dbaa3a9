"""Parsing of origin-request events (CloudFront developer guide, "Lambda@Edge event structure")."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from edge_event.errors import EventError


class OriginRequest(NamedTuple):
    """A request that CloudFront is going to send to an origin.

    Attributes:
        method: HTTP method.
        uri: path of the viewer's request, percent-encoded, without the query string.
        key: object key that the path names. None if the path is not UTF-8, as every key is.
        querystring: percent-encoded query string without `?`.
        request_id: CloudFront's id of the request, which the origin receives as `x-amz-cf-id`.
        origin_path: path that CloudFront prepends to `uri`: empty, or such as `/folder`.
        origin_headers: custom headers of an S3 origin by lower-case name. Empty for other origins.
        custom_domain_name: host name of a custom origin. None for other origins.
        raw: the request as CloudFront passed it, part of the event. Results must not modify it.
    """

    method: str
    uri: str
    key: str | None
    querystring: str
    request_id: str
    origin_path: str
    origin_headers: Mapping[str, str]
    custom_domain_name: str | None
    raw: Mapping[str, Any]


def parse_origin_request(event: Any) -> OriginRequest:
    """Return the request of an origin-request event, the first argument of the handler.

    Raises:
        EventError: the event is of another kind.
    """
    try:
        cloudfront = event["Records"][0]["cf"]
        request = cloudfront["request"]
        origin = request.get("origin", {})
        s3, custom = origin.get("s3", {}), origin.get("custom", {})
        return OriginRequest(
            method=request["method"],
            uri=request["uri"],
            key=_parse_key(request["uri"]),
            querystring=request["querystring"],
            request_id=cloudfront["config"]["requestId"],
            origin_path=(s3 or custom).get("path", ""),
            origin_headers={
                name.lower(): values[0]["value"] for name, values in s3.get("customHeaders", {}).items()
            },
            custom_domain_name=custom.get("domainName"),
            raw=request,
        )
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise EventError(f"the event is not an origin-request event of CloudFront: {error!r}") from error


def _parse_key(uri: str) -> str | None:
    # A plus stays a plus: unlike in a query string, it stands for itself in a path (RFC 3986).
    try:
        key = unquote(uri[1:], errors="strict")
        # A lone surrogate in the event passes `unquote`, but no key can contain one.
        key.encode()
    except UnicodeError:
        return None
    return key
