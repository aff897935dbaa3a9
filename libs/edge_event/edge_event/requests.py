"""Reading an origin-request event (CloudFront developer guide, "Lambda@Edge event structure")."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from edge_event.errors import EventError


class OriginRequest(NamedTuple):
    """A request that CloudFront is about to send to its origin.

    `uri` is the path as the viewer sent it, percent-encoded, without the query string. `key` is the object
    key it names, None where it names none: `%XX` that is no UTF-8. `origin_path` is what CloudFront puts
    before `uri` (empty, or `/folder`). `origin_headers` are the custom headers of the origin, by lower-case
    name; they are empty for an origin that is not S3. `custom_domain_name` is the host of a custom origin,
    None for another one. `raw` is the request of the event; it belongs to the event and is
    not to be changed.
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
    """Read the event of an origin-request function.

    Raises:
        EventError: the event holds no request of CloudFront.
    """
    try:
        cloudfront = event["Records"][0]["cf"]
        request = cloudfront["request"]
        origin = request.get("origin", {})
        s3, custom = origin.get("s3", {}), origin.get("custom", {})
        return OriginRequest(
            method=request["method"],
            uri=request["uri"],
            key=_key(request["uri"]),
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
        raise EventError(f"this is no origin-request event: {error!r}") from error


def _key(uri: str) -> str | None:
    try:
        key = unquote(uri[1:], errors="strict")
        key.encode()
    except UnicodeError:
        return None
    return key
