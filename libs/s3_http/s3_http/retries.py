"""Trying again, where S3 or the way to it fails for the moment."""

import http.client
import random
import time
from collections.abc import Callable
from http import HTTPStatus

from s3_http.connections import ConnectionPool, NotConnectedError, Reply, Request
from s3_http.deadlines import Deadline
from s3_http.errors import PassingFaultError, S3Error

_FIRST_PAUSE_SECONDS = 0.1


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
    take it, but not where the answer was lost.

    Args:
        connections: to S3.
        make_request: the request of an attempt, which is signed anew.
        what: method and object, for the error.
        max_bytes: of the body of a good reply.
        deadline: the end of all attempts.

    Raises:
        ObjectTooLargeError: the body has more than `max_bytes`.
        PassingFaultError: there is no such answer.
    """
    fault = PassingFaultError(f"{what}: no attempt")
    for attempt in range(connections.patience.attempts):
        if attempt and not _pause(attempt, deadline):
            break
        try:
            request = make_request()
            reply = connections.exchange(request, max_bytes=max_bytes, deadline=deadline)
        except (OSError, http.client.HTTPException) as error:
            fault = PassingFaultError(f"{what}: {error!r}")
            if not request.repeatable and not isinstance(error, NotConnectedError):
                break
            continue
        if not _is_passing(reply):
            return reply
        fault = error_of(PassingFaultError, what, reply)
    raise fault


def error_of[E: S3Error](kind: type[E], what: str, reply: Reply) -> E:
    """The error that tells of a reply: `what` is the method and the object."""
    code = reply.error_code
    words = [f"{what}: {reply.status}"]
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
    # S3 waited too long for a body: a 400, but one that goes away.
    return reply.status == HTTPStatus.BAD_REQUEST and reply.error_code == "RequestTimeout"
