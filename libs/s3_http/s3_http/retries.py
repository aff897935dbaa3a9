"""Retries of requests after transient errors."""

import http.client
import time
from collections.abc import Callable
from http import HTTPStatus

from lambda_runtime import Deadline

from s3_http.connections import ConnectionPool, NotConnectedError, Request, Response
from s3_http.errors import ObjectTooLargeError, S3Error, TransientError
from s3_http.verify import find_flaw

_FIRST_BACKOFF_SECONDS = 0.1
# Transient errors with a status below 500 (S3 API reference, "Error responses"): the body took too long to
# arrive, the role's credentials are about to be renewed, another request is writing the same key.
_TRANSIENT_CODES = frozenset(
    {
        (HTTPStatus.BAD_REQUEST, "RequestTimeout"),
        (HTTPStatus.BAD_REQUEST, "ExpiredToken"),
        (HTTPStatus.CONFLICT, "ConditionalRequestConflict"),
        (HTTPStatus.CONFLICT, "OperationAborted"),
    }
)
# SQS throttles with 400 or 403 (SQS API reference, "SendMessage" and "Common errors").
_THROTTLING_CODES = frozenset({"RequestThrottled", "KmsThrottled", "ThrottlingException"})


def send_with_retries(
    connections: ConnectionPool,
    make_request: Callable[[], Request],
    *,
    name: str,
    max_bytes: int,
    deadline: Deadline,
) -> Response:
    """Send a request until the response is permanent, or the attempts or the time are used up.

    Transient errors are connection failures, timeouts, 5xx, throttling, and successful responses that did not
    come from S3. A request that is not idempotent is sent again only if S3 did not process the last attempt:
    the connection failed, or S3 responded with an error.

    Args:
        connections: connections to S3, with the retry policy.
        make_request: returns a signed request. It is called for each attempt.
        name: method and object, for error messages.
        max_bytes: limit for the body of a GET of an object.
        deadline: time limit of all attempts together.

    Returns:
        The first response that is not transient; its status may be an error.

    Raises:
        ObjectTooLargeError: the object has more than `max_bytes`, and no HEAD had announced a smaller one.
        TransientError: every attempt failed.
    """
    failure = TransientError(f"{name}: no attempt")
    for attempt in range(connections.retry_policy.attempts):
        if attempt and not _back_off(attempt, deadline):
            break
        try:
            request = make_request()
            response = connections.send(request, max_bytes=max_bytes, deadline=deadline)
        except ObjectTooLargeError as error:
            # HEAD announced an object within the limit, so this body did not come from S3.
            if request.expected is None:
                raise
            failure = TransientError(f"{name}: {error}")
            continue
        except (OSError, http.client.HTTPException) as error:
            failure = TransientError(f"{name}: {error!r}")
            # S3 may have processed the request although the response was lost.
            if not request.idempotent and not isinstance(error, NotConnectedError):
                break
            continue
        if flaw := find_flaw(request, response):
            failure = make_error(TransientError, name, response, flaw)
            if not request.idempotent:
                break
            continue
        if not _is_transient(response):
            return response
        failure = make_error(TransientError, name, response)
    raise failure


def make_error[E: S3Error](kind: type[E], name: str, response: Response, flaw: str = "") -> E:
    """Return the error for a response.

    Args:
        kind: class of the error.
        name: method and object of the request.
        response: the response, whose status and error code become part of the message.
        flaw: result of `find_flaw` for a successful response. The message has it after the status.
    """
    code = response.error_code
    words = [f"{name}: {response.status}"]
    if flaw:
        words.append(flaw)
    if code:
        words.append(code)
    if region := response.headers.get("x-amz-bucket-region"):
        words.append(f"(the bucket is in {region})")
    return kind(" ".join(words), status=response.status, code=code)


def _back_off(attempt: int, deadline: Deadline) -> bool:
    """Sleep before a retry: exponential backoff with full jitter.

    Return False at once, without sleeping, if the deadline would pass meanwhile.
    """
    import random  # noqa: PLC0415 - takes 1 ms of a cold start, and retries are rare

    # Full jitter spreads the retries of many clients that failed at the same moment.
    longest = _FIRST_BACKOFF_SECONDS * 2 ** (attempt - 1)
    seconds = random.uniform(0, longest)  # noqa: S311 - spreads retries, guards no secret
    if seconds >= deadline.remaining_seconds():
        return False
    time.sleep(seconds)
    return True


def _is_transient(response: Response) -> bool:
    if response.status < HTTPStatus.BAD_REQUEST:
        return False  # the body is an object, which may have any text
    if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR or response.status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    code = response.error_code
    return code in _THROTTLING_CODES or (response.status, code) in _TRANSIENT_CODES
