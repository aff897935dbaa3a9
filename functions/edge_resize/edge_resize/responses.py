"""Responses to errors: pure functions of the error, the request and the settings."""

from http import HTTPStatus
from typing import NamedTuple

from edge_event import (
    EdgeResult,
    OriginRequest,
    permanent_error,
    redirect_to_original,
    transient_error,
)
from image_core import ImageError, TooLarge, TransformTooSlow
from image_url import QueryError
from lambda_runtime import ChildDiedError, OutOfTimeError
from s3_http import ObjectMissingError, S3Error

from edge_resize.errors import PermanentError, not_found
from edge_resize.settings import Originals, Settings


class ErrorResponse(NamedTuple):
    """The result for a request that failed.

    Attributes:
        outcome: `refused` for a permanent error, `redirected` or `failed` for a transient one, for the log.
        result: response for CloudFront.
        foreseen: False for an error of the code, which needs a traceback in the log.
    """

    outcome: str
    result: EdgeResult
    foreseen: bool = True


def respond_to_error(error: Exception, request: OriginRequest, settings: Settings) -> ErrorResponse:
    """Return the response to an error. Transient errors are not cached, permanent ones for a minute."""
    resource = f"{request.uri}?{request.querystring}" if request.querystring else request.uri
    if permanent := _to_permanent_error(error):
        result = permanent_error(permanent.status, permanent.code, permanent.message, resource)
        return ErrorResponse("refused", result)
    foreseen = isinstance(error, OutOfTimeError | S3Error)
    # Without a query string the original has the same URL, and a redirect would be a loop. An image is no
    # replacement for facts about it.
    if settings.originals is Originals.AS_IS and request.querystring not in ("", "format=json"):
        return ErrorResponse("redirected", redirect_to_original(request), foreseen)
    return ErrorResponse("failed", transient_error(resource), foreseen)


def _to_permanent_error(error: Exception) -> PermanentError | None:
    """Return the permanent error behind an exception, or None for a transient one.

    A 403 is transient: the function has s3:ListBucket, so S3 responds with 404 for a missing object. A 403
    means that a permission is missing until an operator restores the policy. An image that takes too long is
    permanent, because otherwise each viewer would cost a whole run of the function.
    """
    match error:
        case PermanentError():
            return error
        case QueryError():
            return PermanentError(HTTPStatus.BAD_REQUEST, "InvalidArgument", str(error))
        case ObjectMissingError(status=HTTPStatus.NOT_FOUND):
            return not_found()
        case TransformTooSlow():
            code = "ImageTooSlow"
        case TooLarge():
            code = "ImageTooLarge"
        case ImageError():
            code = "UnsupportedImage"
        case ChildDiedError():
            message = "The image cannot be processed."
            return PermanentError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "UnsupportedImage", message)
        case _:
            return None
    return PermanentError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, code, error.reason)
