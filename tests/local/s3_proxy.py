"""A proxy between the function and S3 that counts requests and injects faults."""

import http.client
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

_MAX_HANG_SECONDS = 60


class Fault(StrEnum):
    """A way in which S3 fails."""

    BUSY = "busy"
    HANG = "hang"
    RESET = "reset"


class S3Proxy(ThreadingHTTPServer):
    """An HTTP proxy in front of the emulator's S3."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128  # the library's default of five would cause retries

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.emulator_url = ""
        self.stopped = threading.Event()
        self._lock = threading.Lock()
        self._faults: dict[str, Fault] = {}
        self._actions: dict[str, Callable[[], object]] = {}
        self._requests: list[tuple[str, str]] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopped.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore aborted connections."""

    def record(self, method: str, key: str) -> Fault | None:
        """Record a request, and return the fault to inject."""
        with self._lock:
            self._requests.append((method, key))
            request = f"{method} {key}"
            action = next((self._actions.pop(part) for part in list(self._actions) if part in request), None)
            fault = next((fault for part, fault in self._faults.items() if part in request), None)
        if action:
            action()
        return fault

    def requests_for(self, part: str) -> Counter[tuple[str, str]]:
        """Count the requests by method and key, for keys that contain a text."""
        with self._lock:
            return Counter(request for request in self._requests if part in request[1])

    def before(self, part: str, action: Callable[[], object]) -> None:
        """Call an action once, before the next request, such as `PUT folder/a.jpg`, that contains a text."""
        with self._lock:
            self._actions[part] = action

    @contextmanager
    def failing(self, **faults: Fault) -> Iterator[None]:
        """Inject faults into requests, such as `GET folder/a.jpg`, that contain a text: text => fault."""
        with self._lock:
            self._faults.update(faults)
        try:
            yield
        finally:
            with self._lock:
                for part in faults:
                    del self._faults[part]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: S3Proxy

    def _relay(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        # Path-style: /bucket/key.
        key = unquote(urlsplit(self.path).path.split("/", 2)[2])
        fault = self.server.record(self.command, key)
        if fault is Fault.BUSY:
            self._respond(503, [], b"<Error><Code>SlowDown</Code></Error>")
        elif fault is Fault.RESET:
            self._reset()
        elif fault is Fault.HANG:
            self.server.stopped.wait(_MAX_HANG_SECONDS)
            self._reset()
        else:
            self._forward(body)

    do_GET = do_HEAD = do_PUT = do_DELETE = _relay  # noqa: N815  # the names that http.server looks for

    def _forward(self, body: bytes) -> None:
        emulator = urlsplit(self.server.emulator_url)
        connection = http.client.HTTPConnection(str(emulator.hostname), emulator.port, timeout=60)
        try:
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                connection.putheader(name, value)
            connection.endheaders(body or None)
            with connection.getresponse() as response:
                self._respond(response.status, response.getheaders(), response.read())
        finally:
            connection.close()

    def _respond(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        kept = [pair for pair in headers if pair[0].lower() not in ("connection", "transfer-encoding")]
        for name, value in kept:
            self.send_header(name, value)
        if not any(name.lower() == "content-length" for name, _ in kept):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)

    def _reset(self) -> None:
        """Close the connection with RST instead of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Print nothing."""
