"""One HTTP exchange over connections that are kept open between exchanges."""

import contextlib
import http.client
import re
import ssl
from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from lambda_runtime import Deadline

from s3_http.addresses import Address
from s3_http.errors import ObjectTooLargeError
from s3_http.objects import ObjectInfo
from s3_http.patience import DEFAULT_PATIENCE, Patience
from s3_http.sockets import TimedSocket, open_socket

# An error message of S3 is a few hundred bytes of XML.
_ERROR_BYTES = 65_536


class Request(NamedTuple):
    """What is sent; `path` is percent-encoded and `headers` are complete.

    Not `repeatable` is a request that S3 must not get twice. `seen` is the object that a GET with If-Match is
    for, as HEAD described it.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None = None
    repeatable: bool = True
    seen: ObjectInfo | None = None


class Reply(NamedTuple):
    """What came back; names of `headers` are lower case, the body of an error may be cut."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def error_code(self) -> str | None:
        """The code of S3's error message (`SlowDown`); None where there is none, as in answers to HEAD."""
        found = re.search(rb"<Code>([A-Za-z0-9.]{1,64})</Code>", self.body)
        return found[1].decode() if found else None


class NotConnectedError(OSError):
    """There is no connection: nothing of the request was sent."""


class ConnectionPool:
    """The connections to one address. Threads may share it: each exchange has a connection to itself.

    It is meant to outlive a request: a new TLS connection costs two round trips more than a kept one.
    """

    def __init__(
        self, address: Address, context: ssl.SSLContext, patience: Patience = DEFAULT_PATIENCE
    ) -> None:
        self.address = address
        self.patience = patience
        self._context = context
        self._idle: deque[_Connection] = deque()

    def exchange(self, request: Request, *, max_bytes: int, deadline: Deadline) -> Reply:
        """Send a request and read the whole reply.

        Raises:
            ObjectTooLargeError: the object has more than `max_bytes`; the rest is not read.
            NotConnectedError: no connection, or not in time.
            OSError, http.client.HTTPException: no whole reply, or not in time.
        """
        connection, response = self._begin(request, deadline)
        try:
            reply = _receive(request.method, response, max_bytes)
        except BaseException:
            connection.close()
            raise
        if response.isclosed() and not response.will_close:
            self._idle.append(connection)
        else:
            connection.close()
        return reply

    def close(self) -> None:
        """Close the connections that nobody uses."""
        while self._idle:
            self._idle.pop().close()

    def _begin(self, request: Request, deadline: Deadline) -> "tuple[_Connection, http.client.HTTPResponse]":
        kept = None
        if request.repeatable:
            with contextlib.suppress(IndexError):
                kept = self._idle.pop()
        if kept:
            try:
                return kept, kept.begin(request, deadline)
            except (ConnectionError, ssl.SSLError):
                # S3 closes a connection that was idle for some seconds. That is no fault, and what may be
                # repeated, as HEAD, GET and PUT of one object, is sent again.
                pass
        fresh = _Connection(self._connect(deadline), self.address)
        return fresh, fresh.begin(request, deadline)

    def _connect(self, deadline: Deadline) -> TimedSocket:
        soon = deadline.no_later_than(self.patience.connect_seconds)
        try:
            connected = open_socket(self.address, self._context, soon)
        except OSError as error:
            raise NotConnectedError(f"no connection to {self.address.host}: {error!r}") from error
        return TimedSocket(connected, deadline=deadline, silence_seconds=self.patience.silence_seconds)


class _Connection(http.client.HTTPConnection):
    """A connection made by this package; it is never opened again."""

    auto_open = 0

    def __init__(self, timed: TimedSocket, address: Address) -> None:
        super().__init__(address.host, address.port)
        self._timed = timed
        self.sock = timed

    def begin(self, request: Request, deadline: Deadline) -> http.client.HTTPResponse:
        """Send a request, read status and headers of the reply; close the connection where that fails."""
        self._timed.deadline = deadline
        try:
            self.putrequest(request.method, request.path, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.items():
                self.putheader(name, value)
            self.endheaders(request.body)
            return self.getresponse()
        except BaseException:
            self.close()
            raise


def _receive(method: str, response: http.client.HTTPResponse, max_bytes: int) -> Reply:
    brings_object = method == "GET" and response.status in (http.client.OK, http.client.PARTIAL_CONTENT)
    body = _body(response, max_bytes) if brings_object else response.read(_ERROR_BYTES)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(status=response.status, headers=headers, body=body)


def _body(response: http.client.HTTPResponse, max_bytes: int) -> bytes:
    if (response.length or 0) > max_bytes:
        raise ObjectTooLargeError(f"the object has {response.length} bytes, more than {max_bytes}")
    # One byte more than is taken, for a reply that does not say how long it is.
    body = response.read(max_bytes + 1)
    if len(body) > max_bytes:
        raise ObjectTooLargeError(f"the object has more than {max_bytes} bytes")
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return body
