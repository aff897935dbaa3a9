"""The part of S3 that the measured functions call, in memory, with a fixed delay for each round trip.

An emulator would cost more processor time than the measured functions. Signatures are not checked here;
tests with the emulator do that.
"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, override
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape


@dataclass(frozen=True, kw_only=True)
class Call:
    """A received request: method, and start and end in seconds of a monotonic clock."""

    method: str
    started: float
    ended: float


@dataclass(frozen=True, kw_only=True)
class StoredObject:
    """Bytes of an object and the headers of its PUT."""

    body: bytes
    headers: dict[str, str]


@dataclass(kw_only=True)
class S3StandIn:
    """Objects by path (`/bucket/key`), and the calls since the list was last cleared."""

    delay_seconds: float
    objects: dict[str, StoredObject] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)
    endpoint_url: str = ""

    def put(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> dict[str, str]:
        """Store an object and return its ETag, the MD5 of its bytes, as S3 does for a plain PUT."""
        etag = {"ETag": f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'}
        with self.lock:
            self.objects[path] = StoredObject(body=body, headers=(headers or {}) | etag)
        return etag

    def count_round_trips(self) -> int:
        """Count the times that the caller had to wait. Calls that overlap in time count once."""
        waits, until = 0, 0.0
        for call in sorted(self.calls, key=lambda call: call.started):
            if call.started >= until:
                waits += 1
            until = max(until, call.ended)
        return waits


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    stand_in: S3StandIn

    @override
    def setup(self) -> None:
        super().setup()
        time.sleep(self.stand_in.delay_seconds)  # the handshake of TCP takes a round trip

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing: calls are counted, not logged."""

    @override
    def handle_expect_100(self) -> bool:
        time.sleep(self.stand_in.delay_seconds)  # the client sends the body after this response
        return super().handle_expect_100()

    def do_HEAD(self) -> None:
        self._respond(with_body=False)

    def do_GET(self) -> None:
        self._respond(with_body=True)

    def do_PUT(self) -> None:
        started = time.monotonic()
        body = self._read_body()
        headers = {name: value for name, value in self.headers.items() if _is_stored(name.lower())}
        etag = self.stand_in.put(unquote(urlsplit(self.path).path), body, headers)
        self._send(200, etag, b"", started)

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return b"".join(chunks)

    def _respond(self, *, with_body: bool) -> None:
        started = time.monotonic()
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        if "list-type" in query:
            body = self._listing(unquote(parts.path).rstrip("/"), query["prefix"][0])
            self._send(200, {"Content-Type": "application/xml"}, body, started)
            return
        stored = self.stand_in.objects.get(unquote(parts.path))
        if stored is None:
            self._send(404, {}, b"", started)
            return
        self._send(200, stored.headers, stored.body, started, with_body=with_body)

    def _listing(self, bucket: str, prefix: str) -> bytes:
        wanted = f"{bucket}/{prefix}"
        keys = [path[len(bucket) + 1 :] for path in self.stand_in.objects if path.startswith(wanted)]
        contents = "".join(f"<Contents><Key>{escape(key)}</Key></Contents>" for key in keys)
        return f"<ListBucketResult>{contents}</ListBucketResult>".encode()

    def _send(
        self, status: int, headers: dict[str, str], body: bytes, started: float, *, with_body: bool = True
    ) -> None:
        time.sleep(self.stand_in.delay_seconds)
        with self.stand_in.lock:
            call = Call(method=self.command, started=started, ended=time.monotonic())
            self.stand_in.calls.append(call)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)


def _is_stored(name: str) -> bool:
    return name in {"cache-control", "content-type"} or name.startswith("x-amz-meta-")


@contextmanager
def serve(delay_seconds: float) -> Iterator[S3StandIn]:
    """Serve an empty stand-in on a free port of 127.0.0.1 as a context.

    Args:
        delay_seconds: duration of a round trip, for the distance between a function and its bucket.
    """
    stand_in = S3StandIn(delay_seconds=delay_seconds)
    handler = type("Handler", (_Handler,), {"stand_in": stand_in})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        stand_in.endpoint_url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield stand_in
        finally:
            server.shutdown()
