"""Responses to errors: pure functions of the error, the request and the settings."""

from http import HTTPStatus
from typing import NamedTuple

from derivation import PermanentError, explain_denied_access, to_permanent_error
from edge_event import (
    EdgeResult,
    OriginRequest,
    permanent_error,
    redirect_to_original,
    transient_error,
)
from image_url import QueryError
from lambda_runtime import OutOfTimeError
from s3_http import S3Error

from edge_resize.settings import Originals, Settings


class ErrorResponse(NamedTuple):
    """The result for a request that failed.

    Attributes:
        outcome: `refused` for a permanent error, `redirected` or `failed` for a transient one, for the log.
        result: response for CloudFront.
        reason: reason for the log. None: the error itself.
        foreseen: False for an error that an operator or a programmer has to look into.
    """

    outcome: str
    result: EdgeResult
    reason: str | None = None
    foreseen: bool = True


def respond_to_error(error: Exception, request: OriginRequest, settings: Settings) -> ErrorResponse:
    """Return the response to an error. Transient errors are not cached, permanent ones for a minute."""
    resource = f"{request.uri}?{request.querystring}" if request.querystring else request.uri
    if permanent := _to_permanent_error(error):
        result = permanent_error(permanent.status, permanent.code, permanent.message, resource)
        return ErrorResponse("refused", result)
    reason = explain_denied_access(error)
    foreseen = isinstance(error, OutOfTimeError | S3Error) and reason is None
    # The redirect is to the URL without its query string: the same URL if there is none, and an image where
    # facts about it were requested.
    if settings.originals is Originals.AS_IS and request.querystring not in ("", "format=json"):
        return ErrorResponse("redirected", redirect_to_original(request), reason, foreseen)
    return ErrorResponse("failed", transient_error(resource), reason, foreseen)


def _to_permanent_error(error: Exception) -> PermanentError | None:
    if isinstance(error, QueryError):
        return PermanentError(HTTPStatus.BAD_REQUEST, "InvalidArgument", str(error))
    return to_permanent_error(error)
