"""A real HTTP server in front of another one: counts what passes, misbehaves as S3 and networks do."""

import contextlib
import http.client
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

_TRICKLE_SECONDS = 0.05
_TRICKLE_BYTES = 200


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A request that came through."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int


@dataclass(kw_only=True)
class Rule:
    """Which requests meet which fault: those of a method, with a part of the path, so many times."""

    fault: "Fault"
    method: str
    path: str
    times: float


@dataclass
class Gate:
    """Passes requests on to `upstream`, except where a rule says otherwise.

    `hold(n)` keeps HEAD requests back until n of them are there at the same time.
    """

    upstream: tuple[str, int]
    seen: list[Seen] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    together: threading.Barrier | None = None
    stopped: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def break_with(
        self, fault: "Fault", *, method: str = "", path: str = "", times: float = float("inf")
    ) -> None:
        """Answer the next `times` requests of this method, with this part in their path, with a fault."""
        self.rules.append(Rule(fault=fault, method=method, path=path, times=times))

    def hold(self, number: int) -> None:
        """Let no HEAD pass until so many of them wait; fewer are answered 500 after two seconds."""
        self.together = threading.Barrier(number, timeout=2)

    def methods(self) -> list[str]:
        """The methods of the requests so far."""
        return [request.method for request in self.seen]

    def fault_for(self, method: str, path: str) -> "Fault | None":
        """The fault of the first rule that fits."""
        for rule in self.rules:
            if rule.times and rule.method in ("", method) and rule.path in path:
                rule.times -= 1
                return rule.fault
        return None


type Fault = Callable[["Handler"], None]


@contextlib.contextmanager
def open_gate(upstream: tuple[str, int] = ("127.0.0.1", 9)) -> Iterator[Gate]:
    """A gate on a free port of this machine, for as long as the context is open."""
    gate = Gate(upstream)
    server = _Server(gate)
    gate.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield gate
    finally:
        gate.stopped.set()
        server.shutdown()
        server.close_connections()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
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
        """Clients that go away are what this is about."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def gate(self) -> Gate:
        """The gate of the connection."""
        return cast("_Server", self.server).gate

    def pass_on(self) -> http.client.HTTPResponse:
        """Send the request to the upstream server, as it came."""
        upstream = http.client.HTTPConnection(*self.gate.upstream, timeout=10)
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            upstream.putheader(name, value)
        upstream.endheaders(self.body or None)
        response = upstream.getresponse()
        self.reply_body = response.read()
        upstream.close()
        return response

    def reply(self, status: int, headers: dict[str, str], body: bytes, *, whole: bool = True) -> None:
        """Answer; not `whole`: the headers alone."""
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
        self.gate.seen.append(
            Seen(
                method=self.command,
                path=self.path,
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.body,
                connection=id(self.connection),
            )
        )
        if self.gate.together and self.command == "HEAD":
            try:
                self.gate.together.wait()
            except threading.BrokenBarrierError:
                status(500)(self)
                return
        fault = self.gate.fault_for(self.command, self.path)
        (fault or answer)(self)

    do_GET = do_HEAD = do_POST = do_PUT = handle_request  # noqa: N815 - the names http.server asks for

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the signature of http.server
        """Say nothing."""


def answer(handler: Handler) -> None:
    """No fault: what the upstream server says."""
    response = handler.pass_on()
    handler.reply(response.status, _headers(response), handler.reply_body)


def status(code: int, *, error: str = "", headers: dict[str, str] | None = None) -> Fault:
    """Answer with a status, and the error code that S3 writes into the body."""

    def fault(handler: Handler) -> None:
        body = f"<Error><Code>{error}</Code><Message>no</Message></Error>".encode() if error else b""
        handler.reply(code, {"Content-Length": str(len(body)), **(headers or {})}, body)

    return fault


def hang(handler: Handler) -> None:
    """Never answer."""
    handler.gate.stopped.wait()
    handler.hang_up()


def reset(handler: Handler) -> None:
    """Reset the connection."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.hang_up()


def close(handler: Handler) -> None:
    """Close the connection without an answer."""
    handler.hang_up()


def answer_then_close(handler: Handler) -> None:
    """Answer as if the connection could be used again, and close it: what S3 does to idle connections."""
    answer(handler)
    handler.hang_up()


def truncate(handler: Handler) -> None:
    """Close the connection in the middle of the body."""
    response = handler.pass_on()
    handler.reply(response.status, _headers(response), b"", whole=False)
    handler.wfile.write(handler.reply_body[: len(handler.reply_body) // 2])
    handler.hang_up()


def trickle_headers(handler: Handler) -> None:
    """Send a header line one byte at a time, for ten seconds."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    _trickle(handler)


def trickle_body(handler: Handler) -> None:
    """Send a body of a million bytes one byte at a time, for ten seconds."""
    response = handler.pass_on()
    handler.reply(response.status, {**_headers(response), "Content-Length": "1000000"}, b"", whole=False)
    _trickle(handler)


def without_length(size: int) -> Fault:
    """A body of so many bytes whose length is not told."""

    def fault(handler: Handler) -> None:
        handler.reply(200, {"ETag": '"x"', "Connection": "close"}, b"x" * size)
        handler.hang_up()

    return fault


def _trickle(handler: Handler) -> None:
    with contextlib.suppress(OSError):
        for _ in range(_TRICKLE_BYTES):
            if handler.gate.stopped.wait(_TRICKLE_SECONDS):
                break
            handler.wfile.write(b"x")
    handler.hang_up()


def _headers(response: http.client.HTTPResponse) -> dict[str, str]:
    hop_by_hop = ("connection", "transfer-encoding", "server", "date")
    return {name: value for name, value in response.headers.items() if name.lower() not in hop_by_hop}


def wait_for(condition: Callable[[], bool], *, seconds: float = 2) -> None:
    """Wait until something is so; fail after some seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
