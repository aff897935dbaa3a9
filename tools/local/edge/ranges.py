"""Serve range requests from complete objects.

Source: CloudFront Developer Guide, "How CloudFront processes partial requests for an object (range GETs)":
ascending ranges that do not overlap give 206; all others give the complete object with 200.
"""

import secrets
from dataclasses import replace
from http import HTTPStatus

from werkzeug.http import parse_date, parse_range_header

from tools.local.edge.messages import Headers, Response, make_headers


def apply_range(request: Headers, response: Response) -> Response:
    """Return the requested part of a response.

    Returns:
        206 with one range, or with multipart/byteranges for several; 416 if no range lies in the object; the
        response itself if there is no Range header, the ranges violate CloudFront's rules, or If-Range names
        another version of the object.
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
    """Return the first byte and the byte after the last; None if the range lies outside the object."""
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
    """Evaluate If-Range: a strong entity tag or an exact date (RFC 9110, 13.1.5). No header holds always."""
    if condition is None or condition == response.headers.get("ETag"):
        return not (condition or "").startswith("W/")
    date = parse_date(condition)
    return date is not None and date == parse_date(response.headers.get("Last-Modified"))
