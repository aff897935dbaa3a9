"""An HTTP proxy that records requests and injects the faults of S3 and of networks."""

import contextlib
import http.client
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

_TRICKLE_SECONDS = 0.05
_TRICKLE_BYTES = 200


@dataclass(frozen=True, kw_only=True)
class RecordedRequest:
    """A request that reached the proxy."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int


@dataclass(kw_only=True)
class Rule:
    """A fault for the next `times` requests of a method with a substring in their path."""

    fault: "Fault"
    method: str
    path: str
    times: float


@dataclass
class FaultProxy:
    """Forwards requests to `upstream`, except those that a rule gives a fault to.

    Requests are forwarded one after another, since S3 performs each in one step: moto lets a second request
    write between the check of `If-None-Match` and the write, and read an object before its metadata is set.
    """

    upstream: tuple[str, int]
    requests: list[RecordedRequest] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    barrier: threading.Barrier | None = None
    stopped: threading.Event = field(default_factory=threading.Event)
    forwarding: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""

    def inject(
        self, fault: "Fault", *, method: str = "", path: str = "", times: float = float("inf")
    ) -> None:
        """Respond with a fault to the next `times` requests of a method with a substring in the path."""
        self.rules.append(Rule(fault=fault, method=method, path=path, times=times))

    def hold_heads(self, number: int) -> None:
        """Hold HEAD requests until so many wait at the same time; after 20 seconds fewer of them get 500."""
        self.barrier = threading.Barrier(number, timeout=20)

    def methods(self) -> list[str]:
        """Return the methods of the requests so far."""
        return [request.method for request in self.requests]

    def take_fault(self, method: str, path: str) -> "Fault | None":
        """Return the fault of the first rule for a request, and count the request."""
        for rule in self.rules:
            if rule.times and rule.method in ("", method) and rule.path in path:
                rule.times -= 1
                return rule.fault
        return None


type Fault = Callable[["Handler"], None]


@contextlib.contextmanager
def open_proxy(upstream: tuple[str, int] = ("127.0.0.1", 9)) -> Iterator[FaultProxy]:
    """Run a proxy on a free port of this machine for the length of the context."""
    proxy = FaultProxy(upstream)
    server = _Server(proxy)
    proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield proxy
    finally:
        proxy.stopped.set()
        server.shutdown()
        server.close_connections()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, proxy: FaultProxy) -> None:
        self.proxy = proxy
        self.connections: list[socket.socket] = []
        super().__init__(("127.0.0.1", 0), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.append(request)
        super().process_request(request, client_address)

    def close_connections(self) -> None:
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print no traceback: many tests make their client close the connection."""


class Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def proxy(self) -> FaultProxy:
        """The proxy that accepted the connection."""
        return cast("_Server", self.server).proxy

    def forward(self) -> http.client.HTTPResponse:
        """Send the request to the upstream server unchanged."""
        with self.proxy.forwarding:
            upstream = http.client.HTTPConnection(*self.proxy.upstream, timeout=10)
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                upstream.putheader(name, value)
            upstream.endheaders(self.body or None)
            response = upstream.getresponse()
            self.response_body = response.read()
            upstream.close()
        return response

    def respond(self, status: int, headers: dict[str, str], body: bytes, *, whole: bool = True) -> None:
        """Send a response, or its headers alone if it is not `whole`."""
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if whole and self.command != "HEAD":
            self.wfile.write(body)

    def hang_up(self) -> None:
        """End the connection after this request."""
        self.close_connection = True

    def handle_request(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.proxy.requests.append(
            RecordedRequest(
                method=self.command,
                path=self.path,
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.body,
                connection=id(self.connection),
            )
        )
        if self.proxy.barrier and self.command == "HEAD":
            try:
                self.proxy.barrier.wait()
            except threading.BrokenBarrierError:
                status(500)(self)
                return
        fault = self.proxy.take_fault(self.command, self.path)
        (fault or pass_through)(self)

    do_DELETE = do_GET = do_HEAD = do_POST = do_PUT = handle_request  # noqa: N815 - the names http.server asks for

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the signature of http.server
        """Print nothing."""


def pass_through(handler: Handler) -> None:
    """Respond without a fault: with the response of the upstream server."""
    response = handler.forward()
    handler.respond(response.status, _headers(response), handler.response_body)


def status(code: int, *, error: str = "", headers: dict[str, str] | None = None) -> Fault:
    """Respond with a status, and with an S3 error code in the body."""

    def fault(handler: Handler) -> None:
        body = f"<Error><Code>{error}</Code><Message>no</Message></Error>".encode() if error else b""
        handler.respond(code, {"Content-Length": str(len(body)), **(headers or {})}, body)

    return fault


def hang(handler: Handler) -> None:
    """Never respond."""
    handler.proxy.stopped.wait()
    handler.hang_up()


def reset(handler: Handler) -> None:
    """Reset the connection."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.hang_up()


def close(handler: Handler) -> None:
    """Close the connection without a response."""
    handler.hang_up()


def respond_then_close(handler: Handler) -> None:
    """Respond as if the connection stayed open, and close it, as S3 does to idle connections."""
    pass_through(handler)
    handler.hang_up()


def truncate(handler: Handler) -> None:
    """Close the connection in the middle of the body."""
    response = handler.forward()
    handler.respond(response.status, _headers(response), b"", whole=False)
    handler.wfile.write(handler.response_body[: len(handler.response_body) // 2])
    handler.hang_up()


def trickle_headers(handler: Handler) -> None:
    """Send a header line one byte at a time, for ten seconds."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    _trickle(handler)


def trickle_body(handler: Handler) -> None:
    """Send a body of a million bytes one byte at a time, for ten seconds."""
    response = handler.forward()
    handler.respond(response.status, {**_headers(response), "Content-Length": "1000000"}, b"", whole=False)
    _trickle(handler)


def without_length(size: int) -> Fault:
    """Respond with a body of so many bytes and no Content-Length."""

    def fault(handler: Handler) -> None:
        handler.respond(200, {"ETag": '"x"', "Connection": "close"}, b"x" * size)
        handler.hang_up()

    return fault


def _trickle(handler: Handler) -> None:
    with contextlib.suppress(OSError):
        for _ in range(_TRICKLE_BYTES):
            if handler.proxy.stopped.wait(_TRICKLE_SECONDS):
                break
            handler.wfile.write(b"x")
    handler.hang_up()


def _headers(response: http.client.HTTPResponse) -> dict[str, str]:
    hop_by_hop = ("connection", "transfer-encoding", "server", "date")
    return {name: value for name, value in response.headers.items() if name.lower() not in hop_by_hop}
