"""Responses: pure functions of the derivative or the error, the request and the time."""

from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, NamedTuple

from derivation import explain_denied_access, to_permanent_error
from function_url import Response, encode_response, is_deliverable
from lambda_runtime import TRY_AGAIN, OutOfTimeError
from s3_http import ObjectInfo, S3Error

from regional_resize.derive import Derived, Outcome
from regional_resize.requests import UrlRequest

# CloudFront caches 400, 403 and 415 only with `max-age` (developer guide, "How CloudFront processes HTTP 4xx
# and 5xx status codes from your origin").
_PERMANENT = {"Cache-Control": "public, max-age=60"}
_TRANSIENT = {"Cache-Control": "no-store"}
_STORED = "The image is too large for this response, but it is stored now; send the request once more."
# CloudFront reads S3 before the function. If S3 had the derivative for longer than this, CloudFront could
# have read the derivative, and the request was not just slower than that of another viewer.
_MIN_UNREAD_SECONDS = 60


class Result(NamedTuple):
    """The result for a request, with the fields for its log line.

    Attributes:
        payload: result of the function, in payload format 2.0.
        outcome: `made`, `found`, `refused` for a permanent error, or `failed` for a transient one.
        code: error code of the response.
        error: error behind the response.
        reason: message for an operator in place of the error's own.
        foreseen: False for an error that an operator or a programmer has to look into.
    """

    payload: dict[str, Any]
    outcome: str
    code: str | None = None
    error: Exception | None = None
    reason: str | None = None
    foreseen: bool = True


def respond(derived: Derived, request: UrlRequest, now_seconds: float) -> Result:
    """Return the response with a derivative.

    The response for a derivative over Lambda's limit is a redirect to the URL of the viewer, for which
    CloudFront then finds the derivative in S3. If CloudFront could have read the derivative from S3 before,
    but did not, the redirect would be a loop, so the response is a 503.

    Args:
        derived: the derivative.
        request: request with the URL of the viewer.
        now_seconds: Unix time.
    """
    reason = None
    if derived.outcome is Outcome.FOUND and _is_unread(derived.info, now_seconds):
        reason = (
            f"CloudFront did not read the derivative, which S3 has had since {derived.info.last_modified}"
        )
    if derived.data is not None:
        payload = encode_response(Response(HTTPStatus.OK, _headers(derived.info), derived.data))
        if is_deliverable(payload):
            return Result(payload, derived.outcome, reason=reason)
    if reason or request.viewer_url is None:
        response = Response(
            HTTPStatus.SERVICE_UNAVAILABLE, _TRANSIENT, code="ServiceUnavailable", message=_STORED
        )
        return Result(
            encode_response(response, request.resource), derived.outcome, response.code, reason=reason
        )
    redirect = Response(HTTPStatus.FOUND, {"Location": request.viewer_url, **_TRANSIENT})
    return Result(encode_response(redirect), derived.outcome)


def respond_to_error(error: Exception, resource: str) -> Result:
    """Return the response to an error. Transient errors are not cached, permanent ones for a minute.

    Args:
        error: the error.
        resource: path in the error document.
    """
    if permanent := to_permanent_error(error):
        response = Response(permanent.status, _PERMANENT, code=permanent.code, message=permanent.message)
        return Result(encode_response(response, resource), "refused", response.code, error)
    response = Response(
        HTTPStatus.SERVICE_UNAVAILABLE, _TRANSIENT, code="ServiceUnavailable", message=TRY_AGAIN
    )
    result = Result(encode_response(response, resource), "failed", response.code, error)
    if reason := explain_denied_access(error):
        return result._replace(reason=reason, foreseen=False)
    return result._replace(foreseen=isinstance(error, OutOfTimeError | S3Error))


def _is_unread(info: ObjectInfo, now_seconds: float) -> bool:
    if info.last_modified is None:
        return False
    return now_seconds - parsedate_to_datetime(info.last_modified).timestamp() > _MIN_UNREAD_SECONDS


def _headers(info: ObjectInfo) -> dict[str, str]:
    """Return the headers that S3 would send with the derivative, without its metadata."""
    found = {
        "Cache-Control": info.cache_control,
        "Content-Disposition": info.content_disposition,
        "Content-Language": info.content_language,
        "Content-Type": info.content_type,
        "ETag": f'"{info.etag}"',
        "Expires": info.expires,
    }
    return {name: value for name, value in found.items() if value is not None}
