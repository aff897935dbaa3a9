"""Sockets with a deadline.

A socket timeout limits a single read: a peer that sends one byte now and then could hold a connection
forever. So the timeout is set to the remaining time before each read and write.
"""

import io
import socket
import ssl
from collections.abc import Buffer

from lambda_runtime import Deadline

from s3_http.addresses import Address

_SEND_BYTES = 65_536


class DeadlineSocket:
    """A connected socket for `http.client`, with a deadline for all reads and writes of a request.

    Reads and writes raise TimeoutError at the deadline, and after `read_timeout_seconds` without progress.
    `deadline` is set for each request of a connection.
    """

    def __init__(self, connected: socket.socket, *, deadline: Deadline, read_timeout_seconds: float) -> None:
        self._socket = connected
        self._read_timeout_seconds = read_timeout_seconds
        self.deadline = deadline

    def set_timeout(self) -> None:
        """Set the timeout of the next read or write."""
        self._socket.settimeout(min(self.deadline.timeout_seconds(), self._read_timeout_seconds))

    def sendall(self, data: bytes) -> None:
        """Send data in chunks: with TLS, one timeout would apply to the whole of a single write."""
        rest = memoryview(data)
        while rest:
            self.set_timeout()
            rest = rest[self._socket.send(rest[:_SEND_BYTES]) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return a reader. As with `socket.makefile`, the socket stays open until the reader is closed."""
        return io.BufferedReader(_DeadlineReader(self, self._socket.makefile("rb", buffering=0)))

    def close(self) -> None:
        """Close the connection once its readers are closed."""
        self._socket.close()


class _DeadlineReader(io.RawIOBase):
    def __init__(self, deadline_socket: DeadlineSocket, stream: socket.SocketIO) -> None:
        self._deadline_socket = deadline_socket
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int | None:
        self._deadline_socket.set_timeout()
        return self._stream.readinto(buffer)

    def close(self) -> None:
        self._stream.close()
        super().close()


def open_socket(address: Address, context: ssl.SSLContext | None, deadline: Deadline) -> socket.socket:
    """Return a socket that is connected to an address, with TLS if there is a context for TLS.

    Raises:
        OSError: the connection failed; TimeoutError at the deadline.
    """
    failure = OSError(f"{address.host} has no address")
    # `socket` and `ssl` import the codec of IDNA for a name in a str, which takes 1 ms of a cold start.
    host = address.host.encode()
    for family, kind, protocol, _, socket_address in socket.getaddrinfo(
        host, address.port, type=socket.SOCK_STREAM
    ):
        plain = socket.socket(family, kind, protocol)
        try:
            plain.settimeout(deadline.timeout_seconds())
            plain.connect(socket_address)
            # Headers and body are two writes. Without this option, the second one would wait for the delayed
            # ACK of the peer (Nagle's algorithm).
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.settimeout(deadline.timeout_seconds())
            return context.wrap_socket(plain, server_hostname=host) if context else plain
        except OSError as error:
            plain.close()
            failure = error
    raise failure
