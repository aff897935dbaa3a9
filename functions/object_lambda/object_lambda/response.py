"""Create the response to a request for an image, independent of the entry point."""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import NamedTuple

import image_core
import lambda_runtime
from function_url import Response
from image_core import OUTPUT_VERSION, ImageError, TooLarge, TransformTooSlow
from image_url import ImageOptions, QueryError, derivative_name, parse_gravity, parse_query
from lambda_runtime import TRY_AGAIN, ChildDiedError, Deadline, Fields, OutOfTimeError, Task, measure
from s3_http import ObjectChangedError, TransientError
from s3_http import Response as S3Response
from sigv4 import is_signable

from object_lambda.conditions import (
    Headers,
    evaluate_preconditions,
    parse_range,
    translate_preconditions,
    variant_etag,
)
from object_lambda.errors import RefusalError, select_error_code
from object_lambda.representation import Representation, create_representation, variant_tag
from object_lambda.s3 import S3Access
from object_lambda.settings import Exif, Settings

# Headers of the original that remain valid for other bytes.
_LIFETIMES = ("Cache-Control", "Expires")
_INHERITED = (*_LIFETIMES, "Last-Modified")
_INHERITED_WITH_BODY = ("Content-Language",)
_FOCAL_POINT = "x-amz-meta-focal-point"
# Parameters of Content-Disposition may name the file or the owner, unlike the type (RFC 6266, section 4.2).
_DISPOSITION_TYPE = re.compile(r"\s*(inline|attachment)\b", re.IGNORECASE)

# A request that fails costs a run of the function, so caches keep a permanent error for a minute. CloudFront
# caches 400 and 403 only with max-age. 412 and 416 are not cached, because they depend on headers that are
# not part of the cache key.
_CACHED_FOR_A_MINUTE = {"Cache-Control": "max-age=60"}
_NOT_CACHED = {"Cache-Control": "no-store"}
# A round fails if the original is replaced while its response is made.
_MAX_ROUNDS = 3
_PERMANENT_STATUSES = (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)

type ReadOriginal = Callable[[Headers, Settings, S3Access], S3Response]
"""Sends a GET with preconditions for the original; the response has status 200 or 304."""


class ImageRequest(NamedTuple):
    """A viewer's request for an image.

    Attributes:
        querystring: percent-encoded query string without `?`.
        headers: headers by lower-case name. Only preconditions and ranges have an effect.
        read: reads the original with the credentials that this request allows.
    """

    querystring: str
    headers: Headers
    read: ReadOriginal


def respond(
    request: ImageRequest,
    settings: Settings,
    access: S3Access,
    deadline: Deadline,
    fields: Fields,
) -> Response:
    """Return the response with the requested image or EXIF data, or a 304.

    With `purge_on_change`, a last request confirms that the response was made from the current original. A
    replacement after this request is followed by an invalidation, which removes the response from CloudFront.

    Args:
        request: request of the viewer.
        settings: settings of the deployment.
        access: credentials, endpoint and deadline for S3 requests.
        deadline: time limit of the transform.
        fields: receives the log fields `query`, `derivative`, `spent_ms`, `original_bytes` and
            `derivative_bytes`.

    Raises:
        QueryError: a query parameter is invalid.
        RefusalError, S3Error: the original may not or cannot be read, or a precondition is false.
        ObjectChangedError: the original was replaced again and again.
        ImageError, OutOfTimeError, ChildDiedError: the transform failed.
    """
    timings_ms = fields["spent_ms"] = {}
    options = _read_options(request, settings, fields)
    # A cold start imports Pillow, which takes 30 ms, while it waits for S3. A 304 is returned without
    # waiting.
    preloading = Task(_preload)
    with measure(timings_ms, "fetch"):
        original = request.read(_preconditions_for_s3(request, options, settings), settings, access)
    if original.status == HTTPStatus.OK:
        # A child that is forked during an import would inherit the lock of the import.
        preloading.result(deadline)
    for _ in range(_MAX_ROUNDS):
        response = _represent(original, request, options, settings, deadline, fields)
        if not settings.purge_on_change or response.status == HTTPStatus.NOT_MODIFIED:
            return response
        with measure(timings_ms, "fetch"):
            current = request.read(_unless_changed(original, options), settings, access)
        if current.status == HTTPStatus.NOT_MODIFIED or _identify(current) == _identify(original):
            return response
        original = current
    raise ObjectChangedError(f"replaced {_MAX_ROUNDS} times while a response was made")


def _represent(  # noqa: PLR0913, PLR0917 - the arguments of `respond`, and the result of the first step
    original: S3Response,
    request: ImageRequest,
    options: ImageOptions,
    settings: Settings,
    deadline: Deadline,
    fields: Fields,
) -> Response:
    if options.needs_focal_point:
        options = options._replace(gravity=parse_gravity(original.headers.get(_FOCAL_POINT, "")))
    etag = variant_etag(original.headers["etag"], variant_tag(options, settings))
    headers = {"ETag": etag, **_inherit(original, _INHERITED)}
    if _is_not_modified(request, original, etag):
        return Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    with measure(fields["spent_ms"], "transform"):
        representation = lambda_runtime.run_in_child(
            lambda: create_representation(original.body, options, settings, deadline.remaining_seconds),
            deadline,
        )
    fields["original_bytes"], fields["derivative_bytes"] = len(original.body), len(representation.data)
    selected = parse_range(
        request.headers, etag, original.headers.get("last-modified"), len(representation.data)
    )
    headers |= _describe_representation(representation, original)
    return _select_range(representation, selected, _set_lifetime(headers, original, settings))


def error_response(error: Exception) -> Response:
    """Return the response for an error, with a message that reveals no internals.

    Caches keep a permanent error for a minute, and also a transform that missed the deadline: that costs more
    than any other failure, and would do so again for every viewer.
    """
    match error:
        case RefusalError():
            status, code, message = error.status, error.code, error.message
        case QueryError():
            status, code, message = 400, "InvalidArgument", str(error)
        case TooLarge():
            status, code, message = 400, "ImageTooLarge", error.reason
        case TransformTooSlow() | OutOfTimeError():
            status, code, message = 503, "ServiceUnavailable", TRY_AGAIN
        case ImageError():
            status, code, message = 400, "UnsupportedImage", error.reason
        case ChildDiedError():
            status, code, message = 400, "UnsupportedImage", "The image cannot be processed."
        case TransientError(status=HTTPStatus.SERVICE_UNAVAILABLE):
            status, code, message = 503, select_error_code(error.code, "ServiceUnavailable"), TRY_AGAIN
        case TransientError() | ObjectChangedError():
            status, code, message = 503, "ServiceUnavailable", TRY_AGAIN
        case _:
            status, code, message = 500, "InternalError", "The image cannot be delivered."
    cached = status in _PERMANENT_STATUSES or isinstance(error, TransformTooSlow | OutOfTimeError)
    headers = _CACHED_FOR_A_MINUTE if cached else _NOT_CACHED
    return Response(status=status, headers=headers, code=code, message=message)


def _read_options(request: ImageRequest, settings: Settings, fields: Fields) -> ImageOptions:
    """Return the requested options, and log them.

    Raises:
        QueryError: a parameter is invalid.
        RefusalError: EXIF data is requested, but the settings disclose none.
    """
    fields["query"] = request.querystring or None
    options = parse_query(request.querystring, settings.sizes, settings.quality)
    fields["derivative"] = derivative_name(options, OUTPUT_VERSION)
    if options.show_exif and settings.exif is Exif.OFF:
        raise RefusalError(HTTPStatus.FORBIDDEN, "AccessDenied", "EXIF data is not disclosed here.")
    return options


def _is_not_modified(request: ImageRequest, original: S3Response, etag: str) -> bool:
    """Return whether the viewer has the current image.

    A 304 of S3 does not end the evaluation: S3 did not get every precondition of the viewer.

    Raises:
        RefusalError: a precondition is false.
    """
    last_modified = original.headers.get("last-modified")
    status = evaluate_preconditions(request.headers, etag, last_modified) or original.status
    if status == HTTPStatus.PRECONDITION_FAILED:
        raise RefusalError(status, "PreconditionFailed", "A precondition of the request is false.")
    return status == HTTPStatus.NOT_MODIFIED


def _preload() -> None:
    _ = image_core.derive, lambda_runtime.run_in_child


def _preconditions_for_s3(request: ImageRequest, options: ImageOptions, settings: Settings) -> dict[str, str]:
    """Return the preconditions that S3 can evaluate.

    With a focal point there are none: the point is in the metadata, which S3 omits from a 304, and which can
    change without the ETag of the original.
    """
    if options.needs_focal_point:
        return {}
    return translate_preconditions(request.headers, variant_tag(options, settings))


def _unless_changed(original: S3Response, options: ImageOptions) -> dict[str, str]:
    """Return the precondition to read an original again only if it was replaced.

    With a focal point there is no precondition, as in `_preconditions_for_s3`.
    """
    return {} if options.needs_focal_point else {"if-none-match": original.headers["etag"]}


def _identify(original: S3Response) -> tuple[str, str | None]:
    """Return all properties of an original that a response depends on: ETag and focal point."""
    return original.headers["etag"], original.headers.get(_FOCAL_POINT)


def _describe_representation(representation: Representation, original: S3Response) -> dict[str, str]:
    headers = {"Content-Type": representation.content_type, "Accept-Ranges": "bytes"}
    disposition = _DISPOSITION_TYPE.match(original.headers.get("content-disposition", ""))
    if disposition and representation.same_format:
        headers["Content-Disposition"] = disposition[1].lower()
    return headers | _inherit(original, _INHERITED_WITH_BODY)


def _inherit(original: S3Response, names: tuple[str, ...]) -> dict[str, str]:
    """Return the headers of the original with these names.

    A value that cannot be signed is omitted, since WriteGetObjectResponse is a signed request.
    """
    found = {name: original.headers.get(name.lower(), "") for name in names}
    return {name: value for name, value in found.items() if is_signable(value)}


def _set_lifetime(headers: dict[str, str], original: S3Response, settings: Settings) -> dict[str, str]:
    """Return the headers with a lifetime for caches: that of the original, or the default of the settings."""
    if "Cache-Control" not in headers and original.headers.get("cache-control"):
        return headers | _NOT_CACHED  # a value that cannot be signed may forbid caching
    if headers.keys().isdisjoint(_LIFETIMES):
        return {**headers, "Cache-Control": settings.cache_control}
    return headers


def _select_range(
    representation: Representation, selected: range | None, headers: Mapping[str, str]
) -> Response:
    length = len(representation.data)
    if selected is None:
        return Response(status=HTTPStatus.OK, headers=headers, body=representation.data)
    if not selected:
        return Response(
            status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            headers={"Content-Range": f"bytes */{length}", **_NOT_CACHED},
            code="InvalidRange",
            message="The image does not have the requested bytes.",
        )
    return Response(
        status=HTTPStatus.PARTIAL_CONTENT,
        headers={**headers, "Content-Range": f"bytes {selected.start}-{selected.stop - 1}/{length}"},
        body=representation.data[selected.start : selected.stop],
    )
