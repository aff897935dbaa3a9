"""The answer to a request for a picture, whichever way it came and goes back."""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import NamedTuple

from image_core import DerivationTooSlow, ImageError, TooLarge
from image_query import QueryError, parse_query
from lambda_runtime import ChildDiedError, Deadline, OutOfTimeError, TimingsMs, measure, run_in_child
from s3_http import Response, TransientError

from object_lambda.conditions import conditions_for_s3, etag_of, verdict, wanted_range
from object_lambda.errors import RefusalError, error_code
from object_lambda.picture import Product, edition_of, make
from object_lambda.settings import OFF, Settings

# What stays true of other bytes, by the names that S3 gives it.
_KEPT = ("Cache-Control", "Expires", "Last-Modified")
_KEPT_WITH_BODY = ("Content-Language",)
# The parameters of Content-Disposition may name the file or its owner, its type does not (RFC 6266, 4.2).
_DISPOSITION_TYPE = re.compile(r"\s*(inline|attachment)\b", re.IGNORECASE)

_TRY_AGAIN = "The picture cannot be delivered at the moment; try again later."

# A failed image costs a function run, so caches repeat a permanent error for a minute. CloudFront caches 400
# and 403 only with max-age. 412 and 416 depend on headers that are no part of its cache key.
_CACHED_FOR_A_MINUTE = {"Cache-Control": "max-age=60"}
_NOT_CACHED = {"Cache-Control": "no-store"}
_PERMANENT = (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


class PictureRequest(NamedTuple):
    """A request for a picture; `headers` by lower-case name: those of conditions and ranges count."""

    querystring: str
    headers: Mapping[str, str]


class Answer(NamedTuple):
    """What the viewer gets. An error has `code` (`NoSuchKey`) and `sentence`, and no body."""

    status: int
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes = b""
    code: str | None = None
    sentence: str = ""


def respond(
    request: PictureRequest,
    read: Callable[[Mapping[str, str]], Response],
    settings: Settings,
    deadline: Deadline,
    timings_ms: TimingsMs,
) -> Answer:
    """Answer a request.

    Args:
        request: of the viewer.
        read: fetches the object under conditions (headers by lower-case name): a reply with 200 or 304.
        settings: of the deployment.
        deadline: of the picture.
        timings_ms: receives the duration of each phase in milliseconds.

    Raises:
        Exception: whatever keeps the picture from being delivered; `refusal_of` tells the viewer.
    """
    query = parse_query(request.querystring, settings.sizes)
    if query.show_exif and settings.exif == OFF:
        raise RefusalError(HTTPStatus.FORBIDDEN, "AccessDenied", "EXIF data is not disclosed here.")
    edition = edition_of(query, settings)
    with measure(timings_ms, "fetch"):
        reply = read(conditions_for_s3(request.headers, edition))
    etag, last_modified = etag_of(reply.headers["etag"], edition), reply.headers.get("last-modified")
    headers = {"ETag": etag, **_pick(reply, _KEPT)}
    status = reply.status
    if status == HTTPStatus.OK:
        status = verdict(request.headers, etag, last_modified) or status
    if status == HTTPStatus.NOT_MODIFIED:
        return Answer(status=status, headers=headers)
    if status == HTTPStatus.PRECONDITION_FAILED:
        raise RefusalError(status, "PreconditionFailed", "The picture is not the one that was asked for.")
    with measure(timings_ms, "transform"):
        product = run_in_child(
            lambda: make(reply.body, query, settings, deadline.remaining_seconds), deadline
        )
    wanted = wanted_range(request.headers, etag, last_modified, len(product.data))
    return _cut(product, wanted, {**headers, **_describe(product, reply)})


def refusal_of(error: Exception) -> Answer:
    """Return the response for an error; its sentence describes no internals.

    It is cached for a minute if the error is permanent, or if the image exceeded its time: that costs more
    than any other failure, and would do so for every viewer.
    """
    match error:
        case RefusalError():
            status, code, sentence = error.status, error.code, error.sentence
        case QueryError():
            status, code, sentence = 400, "InvalidArgument", str(error)
        case TooLarge():
            status, code, sentence = 400, "ImageTooLarge", error.reason
        case DerivationTooSlow() | OutOfTimeError():
            status, code, sentence = 503, "ServiceUnavailable", _TRY_AGAIN
        case ImageError():
            status, code, sentence = 400, "UnsupportedImage", error.reason
        case ChildDiedError():
            status, code, sentence = 400, "UnsupportedImage", "The image cannot be processed."
        case TransientError(status=HTTPStatus.SERVICE_UNAVAILABLE):
            status, code, sentence = 503, error_code(error.code, "ServiceUnavailable"), _TRY_AGAIN
        case TransientError():
            status, code, sentence = 503, "ServiceUnavailable", _TRY_AGAIN
        case _:
            status, code, sentence = 500, "InternalError", "The picture cannot be delivered."
    cached = status in _PERMANENT or isinstance(error, DerivationTooSlow | OutOfTimeError)
    headers = _CACHED_FOR_A_MINUTE if cached else _NOT_CACHED
    return Answer(status=status, headers=headers, code=code, sentence=sentence)


def _describe(product: Product, reply: Response) -> dict[str, str]:
    described = {"Content-Type": product.content_type, "Accept-Ranges": "bytes"}
    disposition = _DISPOSITION_TYPE.match(reply.headers.get("content-disposition", ""))
    if disposition and product.same_format:
        described["Content-Disposition"] = disposition[1].lower()
    return described | _pick(reply, _KEPT_WITH_BODY)


def _pick(reply: Response, names: tuple[str, ...]) -> dict[str, str]:
    found = {name: reply.headers.get(name.lower(), "") for name in names}
    # What is no text of ASCII cannot be told in every way that an answer goes.
    return {name: value for name, value in found.items() if value and value.isascii() and value.isprintable()}


def _cut(product: Product, wanted: range | None, headers: Mapping[str, str]) -> Answer:
    length = len(product.data)
    if wanted is None:
        return Answer(status=HTTPStatus.OK, headers=headers, body=product.data)
    if not wanted:
        return Answer(
            status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            headers={"Content-Range": f"bytes */{length}", **_NOT_CACHED},
            code="InvalidRange",
            sentence="The picture does not have the bytes that were asked for.",
        )
    return Answer(
        status=HTTPStatus.PARTIAL_CONTENT,
        headers={**headers, "Content-Range": f"bytes {wanted.start}-{wanted.stop - 1}/{length}"},
        body=product.data[wanted.start : wanted.stop],
    )
