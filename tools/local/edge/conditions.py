"""Conditional requests of viewers to the edge, and of the edge to the origin."""

from http import HTTPStatus

from werkzeug.http import parse_date, parse_etags, unquote_etag

from tools.local.edge.messages import Headers, Response

# RFC 9110, 15.4.5: a 304 omits headers that describe the body.
_BODY_HEADERS = ("Content-Length", "Content-Type", "Content-Encoding", "Content-Language", "Content-Range")


def revalidation_headers(response: Response) -> dict[str, str]:
    """Return the headers with which the origin can confirm an expired response."""
    found = {
        "If-None-Match": response.headers.get("ETag"),
        "If-Modified-Since": response.headers.get("Last-Modified"),
    }
    return {name: value for name, value in found.items() if value is not None}


def is_not_modified(request: Headers, response: Response) -> bool:
    """Evaluate the viewer's preconditions: True if the viewer has the response already.

    If-None-Match takes precedence over If-Modified-Since (RFC 9110, 13.2.2).
    """
    if response.status != HTTPStatus.OK:
        return False
    tags = ",".join(request.getall("If-None-Match", []))
    if tags:
        return _names_etag(tags, response.headers.get("ETag"))
    since, modified = (
        parse_date(request.get("If-Modified-Since")),
        parse_date(response.headers.get("Last-Modified")),
    )
    return since is not None and modified is not None and modified <= since


def make_not_modified(response: Response) -> Response:
    """Return the 304 for a viewer that has the response."""
    return Response(status=HTTPStatus.NOT_MODIFIED, headers=response.without_headers(*_BODY_HEADERS).headers)


def _names_etag(tags: str, etag: str | None) -> bool:
    if tags.strip() == "*":
        return etag is not None
    value, _ = unquote_etag(etag)
    return value is not None and parse_etags(tags).contains_weak(value)
