"""HTTP requests and responses over connections that are kept open."""

import contextlib
import http.client
import re
import ssl
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple

from lambda_runtime import Deadline
from sigv4 import Credentials, Scope, Signable, sign

from s3_http.addresses import Address
from s3_http.errors import ObjectTooLargeError
from s3_http.objects import ObjectInfo
from s3_http.retry_policy import DEFAULT_RETRY_POLICY, RetryPolicy
from s3_http.sockets import DeadlineSocket, open_socket
from s3_http.tls import tls_context

# An error document of S3 has a few hundred bytes of XML, each error in the report of DeleteObjects too.
_MAX_DOCUMENT_BYTES = 65_536
_ERROR_CODE = rb'<Code>([A-Za-z0-9.]{1,64})</Code>|"__type" *: *"(?:[\w.]+#)?([A-Za-z0-9.]{1,64})"'


class Request(NamedTuple):
    """A request with all headers.

    Attributes:
        method: HTTP method.
        path: percent-encoded path.
        headers: every header, including Host and Content-Length.
        body: None for a request without a body.
        idempotent: whether S3 may receive the request twice.
        expected: the object that HEAD described, for a GET with If-Match.
        names_object: whether the path names an object, and not a bucket.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None = None
    idempotent: bool = True
    expected: ObjectInfo | None = None
    names_object: bool = True


def sign_request(
    signable: Signable, *, credentials: Credentials, scope: Scope, body: bytes | None = None
) -> Request:
    """Return a request with all headers, signed at the current time.

    Args:
        signable: the parts that the signature covers. The payload hash is that of the body, or
            `UNSIGNED_PAYLOAD`.
        credentials: the credentials to sign with.
        scope: Region and service of the request.
        body: body of the request, whose length becomes Content-Length. None: a request without a body.
    """
    signature = sign(signable, credentials=credentials, scope=scope, now=datetime.now(UTC))
    length = {} if body is None else {"content-length": str(len(body))}
    return Request(
        method=signable.method,
        path=f"{signable.path}?{signable.query}" if signable.query else signable.path,
        headers={"host": signable.host, **length, **signable.headers, **signature},
        body=body,
    )


class Response(NamedTuple):
    """A response with lower-case header names. The body of an error may be truncated."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def error_code(self) -> str | None:
        """The code in an error document, such as `SlowDown`. None without one, as after a HEAD.

        The document is S3's XML, or the JSON of SQS, where a namespace may precede the code.
        """
        found = re.search(_ERROR_CODE, self.body)
        return (found[1] or found[2]).decode() if found else None


class NotConnectedError(OSError):
    """No connection could be established, so no part of the request was sent."""


class ConnectionPool:
    """The connections to one address, for use by several threads.

    A pool should outlive an invocation: a new TLS connection costs two more round trips than a kept one.

    Args:
        address: host and port to connect to.
        ca_file: PEM file of the CAs for an endpoint in place of S3. None: Amazon's roots.
        retry_policy: timeouts and number of attempts.

    Raises:
        OSError: the file cannot be read. The subclass ssl.SSLError: the file has no certificate.
    """

    def __init__(
        self, address: Address, ca_file: str | None = None, retry_policy: RetryPolicy = DEFAULT_RETRY_POLICY
    ) -> None:
        self.address = address
        self.retry_policy = retry_policy
        self._context = tls_context(ca_file) if address.tls else None
        # append() and pop() of a deque are atomic, so threads need no lock.
        self._idle: deque[_Connection] = deque()

    def send(self, request: Request, *, max_bytes: int, deadline: Deadline) -> Response:
        """Send a request once and return the whole response.

        Args:
            request: the signed request.
            max_bytes: limit for the body of a GET of an object.
            deadline: time limit of connecting, sending and receiving.

        Raises:
            ObjectTooLargeError: the object has more than `max_bytes`. The rest of the body is not read.
            NotConnectedError: no connection could be established in time.
            OSError, http.client.HTTPException: the response is incomplete or took too long.
        """
        connection, http_response = self._start(request, deadline)
        try:
            response = _receive(request.method, http_response, max_bytes)
        except BaseException:
            # The rest of the response would be read as the start of the next one.
            connection.close()
            raise
        if http_response.isclosed() and not http_response.will_close:
            self._idle.append(connection)
        else:
            connection.close()
        return response

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().close()

    def _start(self, request: Request, deadline: Deadline) -> "tuple[_Connection, http.client.HTTPResponse]":
        idle = None
        if request.idempotent:
            with contextlib.suppress(IndexError):
                idle = self._idle.pop()
        if idle:
            try:
                return idle, idle.start(request, deadline)
            except (ConnectionError, ssl.SSLError):
                # S3 closes a connection after some idle seconds, which is not a fault. The request may have
                # arrived before that, so only an idempotent one is sent again.
                pass
        fresh = _Connection(self._connect(deadline), self.address)
        return fresh, fresh.start(request, deadline)

    def _connect(self, deadline: Deadline) -> DeadlineSocket:
        connect_deadline = deadline.no_later_than(self.retry_policy.connect_timeout_seconds)
        try:
            connected = open_socket(self.address, self._context, connect_deadline)
        except OSError as error:
            raise NotConnectedError(f"no connection to {self.address.host}: {error!r}") from error
        return DeadlineSocket(
            connected, deadline=deadline, read_timeout_seconds=self.retry_policy.read_timeout_seconds
        )


@cache
def shared_connections(address: Address, ca_file: str | None) -> ConnectionPool:
    """Return the connections to an address, which all invocations of a sandbox share.

    Args:
        address: host, port and path prefix; one sandbox of Lambda@Edge may serve several buckets.
        ca_file: as for `ConnectionPool`.
    """
    return ConnectionPool(address, ca_file)


class _Connection(http.client.HTTPConnection):
    """A connection over an open socket. A closed connection is never opened again."""

    # http.client would reconnect without TLS and without a deadline.
    auto_open = 0

    def __init__(self, deadline_socket: DeadlineSocket, address: Address) -> None:
        super().__init__(address.host, address.port)
        self._deadline_socket = deadline_socket
        self.sock = deadline_socket

    def start(self, request: Request, deadline: Deadline) -> http.client.HTTPResponse:
        """Send a request and read the status and headers of its response; close the connection on failure."""
        self._deadline_socket.deadline = deadline
        try:
            # http.client must not add headers of its own: the request has all of them, most of them signed.
            self.putrequest(request.method, request.path, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.items():
                self.putheader(name, value)
            self.endheaders(request.body)
            return self.getresponse()
        except BaseException:
            self.close()
            raise


def _receive(method: str, http_response: http.client.HTTPResponse, max_bytes: int) -> Response:
    is_object = method == "GET" and http_response.status in (http.client.OK, http.client.PARTIAL_CONTENT)
    body = _read_object(http_response, max_bytes) if is_object else _read(http_response, _MAX_DOCUMENT_BYTES)
    headers = {name.lower(): value for name, value in http_response.headers.items()}
    return Response(status=http_response.status, headers=headers, body=body)


def _read_object(http_response: http.client.HTTPResponse, max_bytes: int) -> bytes:
    if (http_response.length or 0) > max_bytes:
        raise ObjectTooLargeError(f"the object has {http_response.length} bytes, more than {max_bytes}")
    # One byte over the limit shows that a response without Content-Length is too large.
    body = _read(http_response, max_bytes + 1)
    if len(body) > max_bytes:
        raise ObjectTooLargeError(f"the object has more than {max_bytes} bytes")
    return body


def _read(http_response: http.client.HTTPResponse, limit: int) -> bytes:
    """Return the first `limit` bytes of a body, or all bytes of a shorter one.

    Raises:
        http.client.IncompleteRead: the connection ended before.
    """
    body = http_response.read(limit)
    # http.client reports a connection that ends too early only if a body is read without a limit.
    if len(body) < limit and http_response.length:
        raise http.client.IncompleteRead(b"", http_response.length)
    return body
