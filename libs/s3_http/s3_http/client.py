"""HEAD, GET and PUT of the objects in one bucket."""

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import NamedTuple

from lambda_runtime import Deadline
from sigv4 import Credentials, Scope, Signable, payload_hash, sign

from s3_http.connections import ConnectionPool, Request, Response
from s3_http.errors import AccessDeniedError, ObjectChangedError, ObjectMissingError, RefusedError
from s3_http.objects import ObjectInfo, S3Object, Upload, parse_info, precondition_headers, upload_headers
from s3_http.retries import make_error, send_with_retries


class _Call(NamedTuple):
    """A request before signing."""

    method: str
    key: str
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes | None = None
    expected: ObjectInfo | None = None

    @property
    def name(self) -> str:
        """Method and key, for error messages."""
        return f"{self.method} {self.key}"


class S3Client:
    """A client for one bucket. Every call ends at the deadline of the client.

    A call is retried after transient errors by the retry policy of the connections, which outlive the client.
    The exceptions are those of `s3_http.errors`.

    Args:
        connections: connections to the address of the bucket.
        credentials: the credentials to sign requests with.
        region: Region of the bucket, such as `eu-west-1`.
        deadline: time limit of all calls together.
    """

    def __init__(
        self, connections: ConnectionPool, *, credentials: Credentials, region: str, deadline: Deadline
    ) -> None:
        self._connections = connections
        self._credentials = credentials
        self._scope = Scope(region=region, service="s3")
        self._deadline = deadline

    def head(self, key: str) -> ObjectInfo:
        """Return the metadata of an object (HEAD).

        Raises:
            ObjectMissingError: there is no object with this key, or no permission to read one.
            RefusedError: S3 rejects the request permanently.
            TransientError: the retries are used up, or the deadline has passed.
        """
        return parse_info(self._read(_Call("HEAD", key)).headers)

    def get(self, key: str, *, max_bytes: int, expected: ObjectInfo | None = None) -> S3Object:
        """Return an object with its bytes (GET).

        Args:
            key: key of the object.
            max_bytes: limit for the size of the object.
            expected: the object that `head` returned; any other object is an error (If-Match).

        Raises:
            ObjectChangedError: the object is not the expected one any more.
            ObjectTooLargeError: the object has more than `max_bytes`.
            ObjectMissingError, RefusedError, TransientError: as for `head`.
        """
        # The caller has checked the size of the expected object, so S3 must not return another one.
        headers = {"if-match": f'"{expected.etag}"'} if expected else {}
        response = self._read(_Call("GET", key, headers=headers, expected=expected), max_bytes)
        return S3Object(info=parse_info(response.headers), data=response.body)

    def get_start(self, key: str, length: int) -> S3Object | None:
        """Return an object with its first `length` bytes, or with all of them if there are fewer.

        An empty object gives None, because no range can be satisfied (416).

        Raises:
            ObjectMissingError, RefusedError, TransientError: as for `head`.
        """
        call = _Call("GET", key, headers={"range": f"bytes=0-{length - 1}"})
        response = self._send(call, max_bytes=length)
        if response.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return None
        _raise_unless(HTTPStatus.PARTIAL_CONTENT, response, call)
        return S3Object(info=parse_info(response.headers), data=response.body)

    def put(self, key: str, upload: Upload, *, replacing: ObjectInfo | None) -> None:
        """Store an object (PUT) if the key still has the object that `head` returned.

        Args:
            key: key of the object.
            upload: the object.
            replacing: the object that `head` returned. None: the key had no object.

        Raises:
            ObjectChangedError: the key has another object than `replacing`, or none.
            AccessDeniedError: there is no permission to write.
            RefusedError, TransientError: as for `head`.
        """
        call = _Call(
            "PUT", key, headers=upload_headers(upload) | precondition_headers(replacing), body=upload.data
        )
        response = self._send(call)
        # If-Match for a key whose object was deleted gives 404 (S3 user guide, "Conditional writes").
        deleted = response.status == HTTPStatus.NOT_FOUND and response.error_code == "NoSuchKey"
        if response.status == HTTPStatus.PRECONDITION_FAILED or deleted:
            raise make_error(ObjectChangedError, call.name, response)
        if response.status == HTTPStatus.FORBIDDEN:
            raise make_error(AccessDeniedError, call.name, response)
        if response.status != HTTPStatus.OK:
            raise make_error(RefusedError, call.name, response)

    def _read(self, call: _Call, max_bytes: int = 0) -> Response:
        response = self._send(call, max_bytes)
        _raise_unless(HTTPStatus.OK, response, call)
        return response

    def _send(self, call: _Call, max_bytes: int = 0) -> Response:
        return send_with_retries(
            self._connections,
            # Each attempt is signed anew: S3 rejects signatures that are more than 15 minutes old.
            lambda: self._sign(call),
            name=call.name,
            max_bytes=max_bytes,
            deadline=self._deadline,
        )

    def _sign(self, call: _Call) -> Request:
        address = self._connections.address
        signable = Signable(
            method=call.method,
            host=address.host_header,
            path=address.path(call.key),
            headers=call.headers,
            payload_hash=payload_hash(call.body or b""),
        )
        signature = sign(signable, credentials=self._credentials, scope=self._scope, now=datetime.now(UTC))
        length = {} if call.body is None else {"content-length": str(len(call.body))}
        return Request(
            method=call.method,
            path=signable.path,
            headers={"host": address.host_header, **length, **call.headers, **signature},
            body=call.body,
            expected=call.expected,
        )


def _raise_unless(status: HTTPStatus, response: Response, call: _Call) -> None:
    """Raise the error for the response to a HEAD or GET, unless the response has this status."""
    if response.status in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN):
        raise make_error(ObjectMissingError, call.name, response)
    if response.status == HTTPStatus.PRECONDITION_FAILED:
        raise make_error(ObjectChangedError, call.name, response)
    if response.status != status:
        raise make_error(RefusedError, call.name, response)
