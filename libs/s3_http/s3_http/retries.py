"""Trying again, where S3 or the way to it fails for the moment."""

import http.client
import random
import time
from collections.abc import Callable
from http import HTTPStatus

from lambda_runtime import Deadline

from s3_http.connections import ConnectionPool, NotConnectedError, Reply, Request
from s3_http.errors import ObjectTooLargeError, PassingFaultError, S3Error
from s3_http.verify import flaw_of

_FIRST_PAUSE_SECONDS = 0.1
# Errors below 500 that are gone after a while (S3 API reference, "Error responses"): S3 waited too long for a
# body, the credentials of the role are about to be renewed, another write of the same key is under way.
_TRANSIENT_CODES = frozenset(
    {
        (HTTPStatus.BAD_REQUEST, "RequestTimeout"),
        (HTTPStatus.BAD_REQUEST, "ExpiredToken"),
        (HTTPStatus.CONFLICT, "ConditionalRequestConflict"),
        (HTTPStatus.CONFLICT, "OperationAborted"),
    }
)


def exchange_patiently(
    connections: ConnectionPool,
    make_request: Callable[[], Request],
    *,
    what: str,
    max_bytes: int,
    deadline: Deadline,
) -> Reply:
    """Try until S3 gives an answer that will stay the same, or the attempts are used up.

    A request that may not be repeated is tried again where it was not sent, or where S3 says that it did not
    take it, but not where the answer was lost. A successful response that S3 cannot have sent is no answer.

    Args:
        connections: to S3.
        make_request: the request of an attempt, which is signed anew.
        what: method and object, for the error.
        max_bytes: of the body of a good reply.
        deadline: the end of all attempts.

    Raises:
        ObjectTooLargeError: the body has more than `max_bytes`, and HEAD announced nothing else.
        PassingFaultError: there is no such answer.
    """
    fault = PassingFaultError(f"{what}: no attempt")
    for attempt in range(connections.patience.attempts):
        if attempt and not _pause(attempt, deadline):
            break
        try:
            request = make_request()
            reply = connections.exchange(request, max_bytes=max_bytes, deadline=deadline)
        except ObjectTooLargeError as error:
            if request.seen is None:
                raise
            fault = PassingFaultError(f"{what}: {error}")
            continue
        except (OSError, http.client.HTTPException) as error:
            fault = PassingFaultError(f"{what}: {error!r}")
            if not request.repeatable and not isinstance(error, NotConnectedError):
                break
            continue
        if flaw := flaw_of(request, reply):
            fault = error_of(PassingFaultError, what, reply, flaw)
            if not request.repeatable:
                break
            continue
        if not _is_passing(reply):
            return reply
        fault = error_of(PassingFaultError, what, reply)
    raise fault


def error_of[E: S3Error](kind: type[E], what: str, reply: Reply, flaw: str = "") -> E:
    """Return the error for a response to `what`, the method and the object; `flaw` goes behind the status."""
    code = reply.error_code
    words = [f"{what}: {reply.status}"]
    if flaw:
        words.append(flaw)
    if code:
        words.append(code)
    if region := reply.headers.get("x-amz-bucket-region"):
        words.append(f"(the bucket is in {region})")
    return kind(" ".join(words), status=reply.status, code=code)


def _pause(attempt: int, deadline: Deadline) -> bool:
    """Wait before another attempt, twice as long each time and never as long as others do.

    False, at once, where the deadline leaves no time for it.
    """
    longest = _FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)
    seconds = random.uniform(0, longest)  # noqa: S311 - spreads retries, guards no secret
    if seconds >= deadline.remaining_seconds():
        return False
    time.sleep(seconds)
    return True


def _is_passing(reply: Reply) -> bool:
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR or reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    return (reply.status, reply.error_code) in _TRANSIENT_CODES
