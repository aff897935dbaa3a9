"""HTTP server of an edge location, in a thread of its own."""

import asyncio
import logging
import re
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from types import TracebackType
from typing import Protocol, Self

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong
from multidict import CIMultiDictProxy

from tools.local.edge.errors import BadRequestError, EdgeError, UrlTooLongError
from tools.local.edge.messages import Response, ViewerRequest
from tools.local.edge.response_headers import add_cloudfront_headers, create_request_id


class Location(Protocol):
    """An edge location, which responds to the requests of viewers."""

    async def respond(self, request: ViewerRequest) -> Response:
        """Return the response to a viewer, including X-Cache."""


type LocationFactory = Callable[[], AbstractAsyncContextManager[Location]]

# Requests longer than CloudFront's limit must reach the code that rejects them as CloudFront does.
_MAX_LINE_BYTES = 65_536
_STOP_SECONDS = 5.0
_HTTP_1 = 1
# RFC 9112, 3.2.1, origin-form: CloudFront rejects proxy requests, and clients never send fragments.
_TARGET = re.compile(r"/([^#%]|%[0-9A-Fa-f]{2})*")

_log = logging.getLogger(__name__)


class EdgeServer:
    """Serves an edge location on a listening socket, inside the `with` block.

    Args:
        listener: listening socket; closed at the end.
        open_location: opens the location in the event loop of the server.
    """

    def __init__(self, listener: socket.socket, open_location: LocationFactory) -> None:
        self._listener = listener
        self._open_location = open_location
        self._started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = threading.Thread(target=self._run, name="edge", daemon=True)

    def __enter__(self) -> Self:
        """Start the server, and return when it accepts requests."""
        self._thread.start()
        self._started.result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server and abort open requests."""
        loop, stop = self._started.result()
        loop.call_soon_threadsafe(stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            if self._started.done():
                raise
            self._started.set_exception(error)

    async def _serve(self) -> None:
        stop = asyncio.Event()
        async with self._open_location() as location:
            server = _HttpServer(
                _handler(location), access_log=None, logger=_log, max_line_size=_MAX_LINE_BYTES
            )
            runner = web.ServerRunner(server, shutdown_timeout=_STOP_SECONDS)
            try:
                await runner.setup()
                await web.SockSite(runner, self._listener).start()
                self._started.set_result((asyncio.get_running_loop(), stop))
                await stop.wait()
            finally:
                await runner.cleanup()


class _Protocol(web.RequestHandler):
    """HTTP/1 protocol that rejects malformed requests as CloudFront does."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Respond to a malformed request. Errors of the edge itself stay a 500 with a traceback."""
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return super().handle_error(request, status, exc, message)
        error = UrlTooLongError() if isinstance(exc, LineTooLong) else BadRequestError()
        response = _refuse(error, " ".join(str(message).split()))
        response.force_close()
        return response


class _HttpServer(web.Server):
    def __call__(self) -> _Protocol:
        return _Protocol(self, loop=self._loop, **self._kwargs)


def _refuse(error: EdgeError, reason: str) -> web.Response:
    request_id = create_request_id()
    response = add_cloudfront_headers(
        error.page(request_id), x_cache=error.x_cache, request_id=request_id, age=None
    )
    _log.info("%s %s", response.status, reason)
    return web.Response(status=response.status, headers=response.headers, body=response.body)


def _handler(location: Location) -> Callable[[web.BaseRequest], Awaitable[web.Response]]:
    async def handle(request: web.BaseRequest) -> web.Response:
        if not _TARGET.fullmatch(request.raw_path) or request.version.major != _HTTP_1:
            return _refuse(BadRequestError(), f"{request.method} {request.raw_path!r}")
        started = time.monotonic()
        response = await location.respond(_viewer_request(request))
        seconds = time.monotonic() - started
        _log.info(
            "%s %s %s %s %.3f s",
            request.method,
            request.raw_path,
            response.status,
            response.headers["X-Cache"],
            seconds,
        )
        # aiohttp sends only the headers of the response to a HEAD request.
        return web.Response(status=response.status, headers=response.headers, body=response.body)

    return handle


def _viewer_request(request: web.BaseRequest) -> ViewerRequest:
    uri, _, querystring = request.raw_path.partition("?")
    return ViewerRequest(
        method=request.method,
        uri=uri,
        querystring=querystring,
        headers=CIMultiDictProxy(request.headers.copy()),
        client_ip=request.remote or "127.0.0.1",
        has_body=request.body_exists,
    )
