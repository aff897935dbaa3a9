"""HEAD, GET and PUT of the objects of one bucket."""

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import NamedTuple

from lambda_runtime import Deadline
from sigv4 import Credentials, Scope, Signable, payload_hash, sign

from s3_http.connections import ConnectionPool, Reply, Request
from s3_http.errors import AccessDeniedError, ObjectChangedError, ObjectMissingError, RefusedError
from s3_http.objects import ObjectInfo, StoredObject, Upload, headers_of, info_of, precondition_of
from s3_http.retries import error_of, exchange_patiently


class _Call(NamedTuple):
    """A request for an object before it is signed."""

    method: str
    key: str
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes | None = None
    seen: ObjectInfo | None = None


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
        """Return the description of an object. Raises ObjectMissingError, RefusedError, PassingFaultError."""
        return info_of(self._read(_Call("HEAD", key)).headers)

    def get(self, key: str, *, max_bytes: int, seen: ObjectInfo | None = None) -> StoredObject:
        """Return an object of `max_bytes` at most, and with `seen` only the one that `head` described.

        Raises ObjectChangedError where there is another object by now, ObjectTooLargeError, and what `head`
        raises.
        """
        headers = {"if-match": f'"{seen.etag}"'} if seen else {}
        reply = self._read(_Call("GET", key, headers=headers, seen=seen), max_bytes)
        return StoredObject(info=info_of(reply.headers), data=reply.body)

    def get_start(self, key: str, length: int) -> StoredObject | None:
        """Return an object with its first `length` bytes, or fewer of a shorter one; None for an empty one.

        Raises what `head` raises.
        """
        range_header = {"range": f"bytes=0-{length - 1}"}
        reply = self._send(_Call("GET", key, headers=range_header), max_bytes=length)
        if reply.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return None
        reply = _checked(reply, f"GET {key}", HTTPStatus.PARTIAL_CONTENT)
        return StoredObject(info=info_of(reply.headers), data=reply.body)

    def put(self, key: str, upload: Upload, *, over: ObjectInfo | None) -> None:
        """Store an object in the place of the one that `head` described; None: where there was none.

        Raises ObjectChangedError where there is another object by now; AccessDeniedError, RefusedError,
        PassingFaultError.
        """
        headers = headers_of(upload) | precondition_of(over)
        reply = self._send(_Call("PUT", key, headers=headers, body=upload.data))
        deleted = reply.status == HTTPStatus.NOT_FOUND and reply.error_code == "NoSuchKey"
        if reply.status == HTTPStatus.PRECONDITION_FAILED or deleted:
            raise error_of(ObjectChangedError, f"PUT {key}", reply)
        if reply.status == HTTPStatus.FORBIDDEN:
            raise error_of(AccessDeniedError, f"PUT {key}", reply)
        if reply.status != HTTPStatus.OK:
            raise error_of(RefusedError, f"PUT {key}", reply)

    def _read(self, call: _Call, max_bytes: int = 0) -> Reply:
        return _checked(self._send(call, max_bytes), f"{call.method} {call.key}", HTTPStatus.OK)

    def _send(self, call: _Call, max_bytes: int = 0) -> Reply:
        return exchange_patiently(
            self._connections,
            lambda: self._signed(call),
            what=f"{call.method} {call.key}",
            max_bytes=max_bytes,
            deadline=self._deadline,
        )

    def _signed(self, call: _Call) -> Request:
        address = self._connections.address
        signable = Signable(
            method=call.method,
            host=address.host_header,
            path=address.path(call.key),
            headers=call.headers,
            payload_hash=payload_hash(call.body or b""),
        )
        added = sign(signable, credentials=self._credentials, scope=self._scope, now=datetime.now(UTC))
        length = {} if call.body is None else {"content-length": str(len(call.body))}
        return Request(
            method=call.method,
            path=signable.path,
            headers={"host": address.host_header, **length, **call.headers, **added},
            body=call.body,
            seen=call.seen,
        )


def _checked(reply: Reply, what: str, status: HTTPStatus) -> Reply:
    """Return the response to reading an object; raise the error that it is, if not of this status."""
    if reply.status in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN):
        raise error_of(ObjectMissingError, what, reply)
    if reply.status == HTTPStatus.PRECONDITION_FAILED:
        raise error_of(ObjectChangedError, what, reply)
    if reply.status != status:
        raise error_of(RefusedError, what, reply)
    return reply
