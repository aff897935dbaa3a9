"""HEAD, GET and PUT of the objects of one bucket."""

import http.client
import random
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus

from sigv4 import Credentials, Scope, Signable, payload_hash, sign

from s3_http.connections import ConnectionPool, Reply, Request
from s3_http.deadlines import Deadline
from s3_http.errors import AccessDeniedError, ObjectMissingError, PassingFaultError, RefusedError, S3Error
from s3_http.objects import ObjectInfo, StoredObject, Upload, headers_of, info_of

_FIRST_PAUSE_SECONDS = 0.1


class S3Client:
    """Access to one bucket for the time of one deadline, over connections that outlive it.

    Every call is tried a few times while S3 shows a passing fault, with a growing random pause between, and
    ends at the deadline. Errors are those of `s3_http.errors`.
    """

    def __init__(
        self, connections: ConnectionPool, *, credentials: Credentials, region: str, deadline: Deadline
    ) -> None:
        self._connections = connections
        self._credentials = credentials
        self._scope = Scope(region=region, service="s3")
        self._deadline = deadline

    def head(self, key: str) -> ObjectInfo:
        """What S3 knows of an object. Raises ObjectMissingError, RefusedError, PassingFaultError."""
        return _info("HEAD", key, self._read("HEAD", key, max_bytes=0))

    def get(self, key: str, *, max_bytes: int) -> StoredObject:
        """An object of `max_bytes` at most. Raises ObjectTooLargeError and what `head` raises."""
        reply = self._read("GET", key, max_bytes=max_bytes)
        return StoredObject(info=_info("GET", key, reply), data=reply.body)

    def put(self, key: str, upload: Upload) -> None:
        """Store an object, in the place of one that is there.

        Raises AccessDeniedError, RefusedError, PassingFaultError.
        """
        reply = self._send("PUT", key, headers=headers_of(upload), body=upload.data)
        if reply.status == HTTPStatus.FORBIDDEN:
            raise _error(AccessDeniedError, "PUT", key, reply)
        if reply.status != HTTPStatus.OK:
            raise _error(RefusedError, "PUT", key, reply)

    def _read(self, method: str, key: str, *, max_bytes: int) -> Reply:
        reply = self._send(method, key, headers={}, max_bytes=max_bytes)
        if reply.status in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN):
            raise _error(ObjectMissingError, method, key, reply)
        if reply.status != HTTPStatus.OK:
            raise _error(RefusedError, method, key, reply)
        return reply

    def _send(
        self,
        method: str,
        key: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        max_bytes: int = 0,
    ) -> Reply:
        """Try until S3 gives an answer that will stay the same, or the attempts are used up."""
        fault = PassingFaultError(f"{method} {key}: no attempt")
        for attempt in range(self._connections.patience.attempts):
            if attempt and not self._pause(attempt):
                break
            try:
                request = self._signed(method, key, headers, body)
                reply = self._connections.exchange(request, max_bytes=max_bytes, deadline=self._deadline)
            except (OSError, http.client.HTTPException) as error:
                fault = PassingFaultError(f"{method} {key}: {error!r}")
                continue
            if not _is_passing(reply):
                return reply
            fault = _error(PassingFaultError, method, key, reply)
        raise fault

    def _pause(self, attempt: int) -> bool:
        """Wait before another attempt, twice as long each time and never as long as others do.

        False, at once, where the deadline leaves no time for it.
        """
        longest = _FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)
        seconds = random.uniform(0, longest)  # noqa: S311 - spreads retries, guards no secret
        if seconds >= self._deadline.remaining_seconds():
            return False
        time.sleep(seconds)
        return True

    def _signed(self, method: str, key: str, headers: Mapping[str, str], body: bytes | None) -> Request:
        address = self._connections.address
        signable = Signable(
            method=method,
            host=address.host_header,
            path=address.path(key),
            headers=headers,
            payload_hash=payload_hash(body or b""),
        )
        added = sign(signable, credentials=self._credentials, scope=self._scope, now=datetime.now(UTC))
        length = {} if body is None else {"content-length": str(len(body))}
        return Request(
            method=method,
            path=signable.path,
            headers={"host": address.host_header, **length, **headers, **added},
            body=body,
        )


def _is_passing(reply: Reply) -> bool:
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR or reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    # S3 waited too long for a body: a 400, but one that goes away.
    return reply.status == HTTPStatus.BAD_REQUEST and _code(reply) == "RequestTimeout"


def _info(method: str, key: str, reply: Reply) -> ObjectInfo:
    try:
        return info_of(reply.headers)
    except KeyError as error:
        raise PassingFaultError(f"{method} {key}: an answer without {error}", status=reply.status) from error


def _code(reply: Reply) -> str | None:
    found = re.search(rb"<Code>([A-Za-z0-9.]{1,64})</Code>", reply.body)
    return found[1].decode() if found else None


def _error[E: S3Error](kind: type[E], method: str, key: str, reply: Reply) -> E:
    code = _code(reply)
    words = [f"{method} {key}: {reply.status}"]
    if code:
        words.append(code)
    if region := reply.headers.get("x-amz-bucket-region"):
        words.append(f"(the bucket is in {region})")
    return kind(" ".join(words), status=reply.status, code=code)
