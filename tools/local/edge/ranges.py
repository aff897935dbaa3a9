"""Range requests, served from a whole object.

Source: CloudFront Developer Guide, "How CloudFront processes partial requests for an object (range GETs)":
ranges in ascending order that do not overlap give 206; anything else gives the whole object with 200.
"""

import secrets
from dataclasses import replace
from http import HTTPStatus

from werkzeug.http import parse_date, parse_range_header

from tools.local.edge.messages import Answer, Headers, headers_of


def in_range(request: Headers, answer: Answer) -> Answer:
    """The part of an answer that a viewer asks for.

    Returns:
        206 with one range, or as multipart/byteranges with several; 416 when no range lies in the object;
        the answer itself when no range is asked for, the ranges break CloudFront's rules, or If-Range names
        another object.
    """
    wished = parse_range_header(request.get("Range"), make_inclusive=False)
    if answer.status != HTTPStatus.OK or wished is None or wished.units != "bytes":
        return answer
    if not _if_range_holds(request.get("If-Range"), answer):
        return answer
    size = len(answer.body)
    spans = [span for span in (_within(begin, end, size) for begin, end in wished.ranges) if span is not None]
    if not spans:
        headers = headers_of(("Content-Range", f"bytes */{size}"), ("Content-Length", "0"))
        return Answer(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers)
    return _one(answer, spans[0]) if len(spans) == 1 else _several(answer, spans)


def _within(begin: int, end: int | None, size: int) -> tuple[int, int] | None:
    """First byte and the byte after the last; None when the range lies outside."""
    start = max(0, size + begin) if begin < 0 else begin
    stop = size if end is None else min(end, size)
    return (start, stop) if start < stop else None


def _one(answer: Answer, span: tuple[int, int]) -> Answer:
    body = answer.body[span[0] : span[1]]
    partial = replace(answer, status=HTTPStatus.PARTIAL_CONTENT, body=body)
    return partial.with_headers(
        ("Content-Range", _content_range(span, len(answer.body))), ("Content-Length", str(len(body)))
    )


def _several(answer: Answer, spans: list[tuple[int, int]]) -> Answer:
    boundary = secrets.token_hex(16)
    kind = answer.headers.get("Content-Type", "application/octet-stream")
    parts = b"".join(
        f"\r\n--{boundary}\r\nContent-Type: {kind}\r\n"
        f"Content-Range: {_content_range(span, len(answer.body))}\r\n\r\n".encode()
        + answer.body[span[0] : span[1]]
        for span in spans
    )
    body = parts + f"\r\n--{boundary}--\r\n".encode()
    partial = replace(answer, status=HTTPStatus.PARTIAL_CONTENT, body=body)
    return partial.with_headers(
        ("Content-Type", f"multipart/byteranges; boundary={boundary}"), ("Content-Length", str(len(body)))
    )


def _content_range(span: tuple[int, int], size: int) -> str:
    return f"bytes {span[0]}-{span[1] - 1}/{size}"


def _if_range_holds(condition: str | None, answer: Answer) -> bool:
    """RFC 9110, 13.1.5: a strong entity tag or an exact date; without the header every object is right."""
    if condition is None or condition == answer.headers.get("ETag"):
        return not (condition or "").startswith("W/")
    date = parse_date(condition)
    return date is not None and date == parse_date(answer.headers.get("Last-Modified"))
