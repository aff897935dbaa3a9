"""Range requests, served from a whole object.

Source: CloudFront Developer Guide, "How CloudFront processes partial requests for an object (range GETs)":
ranges in ascending order that do not overlap give 206; anything else gives the whole object with 200.
"""

import secrets
from dataclasses import replace
from http import HTTPStatus

from werkzeug.http import parse_date, parse_range_header

from tools.local.edge.messages import Headers, Response, make_headers


def apply_range(request: Headers, response: Response) -> Response:
    """The part of an response that a viewer asks for.

    Returns:
        206 with one range, or as multipart/byteranges with several; 416 when no range lies in the object;
        the response itself when no range is asked for, the ranges break CloudFront's rules, or If-Range names
        another object.
    """
    requested = parse_range_header(request.get("Range"), make_inclusive=False)
    if response.status != HTTPStatus.OK or requested is None or requested.units != "bytes":
        return response
    if not _if_range_holds(request.get("If-Range"), response):
        return response
    size = len(response.body)
    spans = [
        span
        for span in (_resolve_span(begin, end, size) for begin, end in requested.ranges)
        if span is not None
    ]
    if not spans:
        headers = make_headers(("Content-Range", f"bytes */{size}"), ("Content-Length", "0"))
        return Response(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers)
    return _single_part(response, spans[0]) if len(spans) == 1 else _multipart(response, spans)


def _resolve_span(begin: int, end: int | None, size: int) -> tuple[int, int] | None:
    """First byte and the byte after the last; None when the range lies outside."""
    start = max(0, size + begin) if begin < 0 else begin
    stop = size if end is None else min(end, size)
    return (start, stop) if start < stop else None


def _single_part(response: Response, span: tuple[int, int]) -> Response:
    body = response.body[span[0] : span[1]]
    partial = replace(response, status=HTTPStatus.PARTIAL_CONTENT, body=body)
    return partial.with_headers(
        ("Content-Range", _content_range(span, len(response.body))), ("Content-Length", str(len(body)))
    )


def _multipart(response: Response, spans: list[tuple[int, int]]) -> Response:
    boundary = secrets.token_hex(16)
    kind = response.headers.get("Content-Type", "application/octet-stream")
    parts = b"".join(
        f"\r\n--{boundary}\r\nContent-Type: {kind}\r\n"
        f"Content-Range: {_content_range(span, len(response.body))}\r\n\r\n".encode()
        + response.body[span[0] : span[1]]
        for span in spans
    )
    body = parts + f"\r\n--{boundary}--\r\n".encode()
    partial = replace(response, status=HTTPStatus.PARTIAL_CONTENT, body=body)
    return partial.with_headers(
        ("Content-Type", f"multipart/byteranges; boundary={boundary}"), ("Content-Length", str(len(body)))
    )


def _content_range(span: tuple[int, int], size: int) -> str:
    return f"bytes {span[0]}-{span[1] - 1}/{size}"


def _if_range_holds(condition: str | None, response: Response) -> bool:
    """RFC 9110, 13.1.5: a strong entity tag or an exact date; without the header every object is right."""
    if condition is None or condition == response.headers.get("ETag"):
        return not (condition or "").startswith("W/")
    date = parse_date(condition)
    return date is not None and date == parse_date(response.headers.get("Last-Modified"))
