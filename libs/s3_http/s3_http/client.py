"""HEAD, GET and PUT of the objects of one bucket."""

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus

from sigv4 import Credentials, Scope, Signable, payload_hash, sign

from s3_http.connections import ConnectionPool, Reply, Request
from s3_http.deadlines import Deadline
from s3_http.errors import AccessDeniedError, ObjectMissingError, PassingFaultError, RefusedError
from s3_http.objects import ObjectInfo, StoredObject, Upload, headers_of, info_of
from s3_http.retries import error_of, exchange_patiently


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
            raise error_of(AccessDeniedError, f"PUT {key}", reply)
        if reply.status != HTTPStatus.OK:
            raise error_of(RefusedError, f"PUT {key}", reply)

    def _read(self, method: str, key: str, *, max_bytes: int) -> Reply:
        reply = self._send(method, key, headers={}, max_bytes=max_bytes)
        if reply.status in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN):
            raise error_of(ObjectMissingError, f"{method} {key}", reply)
        if reply.status != HTTPStatus.OK:
            raise error_of(RefusedError, f"{method} {key}", reply)
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
        return exchange_patiently(
            self._connections,
            lambda: self._signed(method, key, headers, body),
            what=f"{method} {key}",
            max_bytes=max_bytes,
            deadline=self._deadline,
        )

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


def _info(method: str, key: str, reply: Reply) -> ObjectInfo:
    try:
        return info_of(reply.headers)
    except KeyError as error:
        raise PassingFaultError(f"{method} {key}: an answer without {error}", status=reply.status) from error
