"""Sockets that keep a deadline.

The timeout of a socket is for one read: a peer that sends a byte now and then is waited for without end. So
the timeout is set anew before each read and write, to the time that is left.
"""

import io
import socket
import ssl
from collections.abc import Buffer

from lambda_runtime import Deadline

from s3_http.addresses import Address

_SEND_BYTES = 65_536


class TimedSocket:
    """A connected socket as `http.client` uses it: every read and write ends at the deadline.

    `deadline` is set anew for each request of a connection. Reads and writes raise TimeoutError at the
    deadline and after `silence_seconds` without a byte.
    """

    def __init__(self, connected: socket.socket, *, deadline: Deadline, silence_seconds: float) -> None:
        self._socket = connected
        self._silence_seconds = silence_seconds
        self.deadline = deadline

    def set_timeout(self) -> None:
        """Allow the next read or write the time that is left."""
        self._socket.settimeout(min(self.deadline.timeout_seconds(), self._silence_seconds))

    def sendall(self, data: bytes) -> None:
        """Send all of it, in pieces: TLS takes one timeout for all that it is given at once."""
        rest = memoryview(data)
        while rest:
            self.set_timeout()
            rest = rest[self._socket.send(rest[:_SEND_BYTES]) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        """The reading side. It keeps the socket open until it is closed itself, as that of a socket does."""
        return io.BufferedReader(_TimedReader(self, self._socket.makefile("rb", buffering=0)))

    def close(self) -> None:
        """Close the connection as soon as nobody reads from it any more."""
        self._socket.close()


class _TimedReader(io.RawIOBase):
    def __init__(self, timed: TimedSocket, stream: socket.SocketIO) -> None:
        self._timed = timed
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int | None:
        self._timed.set_timeout()
        return self._stream.readinto(buffer)

    def close(self) -> None:
        self._stream.close()
        super().close()


def open_socket(address: Address, context: ssl.SSLContext, deadline: Deadline) -> socket.socket:
    """Connect, with TLS where the address asks for it. Raises OSError (TimeoutError at the deadline)."""
    failure = OSError(f"{address.host} has no address")
    for family, kind, protocol, _, place in socket.getaddrinfo(
        address.host, address.port, type=socket.SOCK_STREAM
    ):
        plain = socket.socket(family, kind, protocol)
        try:
            plain.settimeout(deadline.timeout_seconds())
            plain.connect(place)
            # Headers and body are two writes: without this the second waits for the peer's delayed ACK.
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.settimeout(deadline.timeout_seconds())
            return context.wrap_socket(plain, server_hostname=address.host) if address.tls else plain
        except OSError as error:
            plain.close()
            failure = error
    raise failure
