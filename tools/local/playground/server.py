"""HTTP server of the playground, in threads of its own.

The server listens on 127.0.0.1, and foreign web pages can still reach that address through the user's
browser. Requests must therefore name this server in the header Host, which defeats DNS rebinding, and must
come from the page itself according to Sec-Fetch-Site and, if they change anything, Origin.
"""

import json
import logging
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http import HTTPMethod
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from tools.local.playground.backend import MAX_UPLOAD_BYTES, Backend, RefusedError

_PAGE = Path(__file__).with_name("page")
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
# Safari before 16.4 sends no Sec-Fetch-Site; "none" is a request that the user typed.
_OWN_SITES = (None, "none", "same-origin")
_IDLE_SECONDS = 60.0

_log = logging.getLogger(__name__)


class PlaygroundServer:
    """Serves the playground on a listening socket, inside the `with` block.

    Args:
        listener: listening socket on 127.0.0.1; closed at the end.
        backend: the stack to show.
    """

    def __init__(self, listener: socket.socket, backend: Backend) -> None:
        self._server = _Server(listener.getsockname(), partial(_Handler, backend), bind_and_activate=False)
        self._server.socket.close()
        self._server.socket = listener
        self._thread = Thread(target=self._server.serve_forever, name="playground", daemon=True)

    @property
    def url(self) -> str:
        """URL of the page."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def __enter__(self) -> Self:
        """Start the server."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server. Open requests end with the process."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    block_on_close = False
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002  # of the base class
        """Log an error that is not that of a browser which closed its connection."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            _log.exception("The playground failed.")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS

    def __init__(self, backend: Backend, *arguments: object) -> None:
        self._backend = backend
        super().__init__(*arguments)  # type: ignore[arg-type]  # those that the server passes on

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name in the base class
        """Write no log: the edge logs each request of a viewer."""

    def do_GET(self) -> None:
        """Send a file of the page, or what the page asks of the stack."""
        self._respond(
            {
                "/api/stack": lambda: self._send_json(self._backend.describe()),
                "/api/request": lambda: self._send_bytes(
                    *self._backend.request(self._ask("variant"), self._ask("target"), self._ask("accept"))
                ),
                "/api/original": lambda: self._send_bytes(*self._backend.read_original(self._ask("key"))),
            }
        )

    def do_PUT(self) -> None:
        """Store an image of the user."""
        self._respond({"/api/upload": self._upload})

    def do_POST(self) -> None:
        """Create an invalidation."""
        self._respond({"/api/invalidate": self._invalidate})

    def _respond(self, actions: dict[str, Callable[[], None]]) -> None:
        url = urlsplit(self.path)
        self._query = parse_qs(url.query, keep_blank_values=True)
        try:
            self._require_own_page()
            actions.get(url.path, lambda: self._send_file(url.path))()
        except RefusedError as error:
            # The body of the request may be unread.
            self.close_connection = True
            self._send(error.status, f"{error.sentence}\n".encode(), "text/plain; charset=utf-8")

    def _require_own_page(self) -> None:
        port = self.connection.getsockname()[1]
        hosts = [f"127.0.0.1:{port}", f"localhost:{port}"]
        host = self.headers["Host"]
        if host not in hosts:
            raise RefusedError(421, f"The playground is at http://{hosts[0]}/ only.")
        is_own = self.headers["Sec-Fetch-Site"] in _OWN_SITES
        if self.path == "/" and self.command == HTTPMethod.GET:
            return  # a link to the page from anywhere
        if self.command != HTTPMethod.GET:
            is_own = is_own and self.headers["Origin"] == f"http://{host}"
        if not is_own:
            raise RefusedError(403, "Only the playground's own page may do this.")

    def _ask(self, name: str) -> str:
        """Return a parameter of the query string."""
        try:
            (value,) = self._query[name]
        except (KeyError, ValueError):
            raise RefusedError(400, f"The parameter {name} is needed once.") from None
        return value

    def _upload(self) -> None:
        length = self.headers["Content-Length"]
        if length is None or not length.isdecimal():
            raise RefusedError(411, "The size of the upload is unknown.")
        if not 0 < int(length) <= MAX_UPLOAD_BYTES:
            limit = MAX_UPLOAD_BYTES // 1024**2
            raise RefusedError(
                413, f"The file is empty or has more than {limit} MiB, the limit for an original."
            )
        self._send_json({"key": self._backend.upload(self._ask("name"), self.rfile.read(int(length)))})

    def _invalidate(self) -> None:
        self._backend.invalidate(self._ask("variant"), self._ask("path"))
        self._send_json({})

    def _send_file(self, path: str) -> None:
        file = _PAGE / (path.removeprefix("/") or "index.html")
        if self.command != HTTPMethod.GET or file.parent != _PAGE or not file.is_file():
            raise RefusedError(404, "The playground has no such address.")
        self._send(200, file.read_bytes(), _TYPES[file.suffix])

    def _send_json(self, value: object) -> None:
        self._send(200, json.dumps(value).encode(), "application/json")

    def _send_bytes(self, facts: object, body: bytes) -> None:
        """Send bytes of the stack, with the facts as ASCII JSON in a header.

        The status is 200, since the page shows errors and a browser would log them as failures of the page.
        """
        self._send(200, body, "application/octet-stream", {"X-Facts": json.dumps(facts)})

    def _send(
        self, status: int, body: bytes, content_type: str, headers: dict[str, str] | None = None
    ) -> None:
        with suppress(ConnectionError):
            self.send_response(status)
            fixed = {"Content-Type": content_type, "Content-Length": str(len(body))}
            for name, value in (_HEADERS | fixed | (headers or {})).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
