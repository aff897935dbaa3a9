"""The HTTP server of an edge location, in a thread of its own."""

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Protocol, Self

from aiohttp import web
from multidict import CIMultiDictProxy

from tools.local.edge.messages import Answer, ViewerRequest


class Location(Protocol):
    """What answers viewers."""

    async def answer(self, request: ViewerRequest) -> Answer:
        """The answer to a viewer, with X-Cache."""


type Opener = Callable[[], Awaitable[tuple[Location, Callable[[], Awaitable[None]]]]]

# A request that is too long must reach the code that refuses it as CloudFront does.
_MAX_LINE_BYTES = 65_536
_STOP_SECONDS = 5.0

_log = logging.getLogger(__name__)


class EdgeServer:
    """Serves an edge location on a listening socket while it is entered."""

    def __init__(self, listener: socket.socket, open_location: Opener) -> None:
        """Describe a server.

        Args:
            listener: bound and listening; closed at the end.
            open_location: called in the server's event loop; gives the location, and what closes its
                connections.
        """
        self._listener = listener
        self._open_location = open_location
        self._started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = threading.Thread(target=self._run, name="edge", daemon=True)

    def __enter__(self) -> Self:
        """Start, and return when viewers are served."""
        self._thread.start()
        self._started.result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop: open requests are broken off."""
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
        location, close = await self._open_location()
        server = web.Server(_handler(location), access_log=None, max_line_size=_MAX_LINE_BYTES)
        runner = web.ServerRunner(server, shutdown_timeout=_STOP_SECONDS)
        try:
            await runner.setup()
            await web.SockSite(runner, self._listener).start()
            self._started.set_result((asyncio.get_running_loop(), stop))
            await stop.wait()
        finally:
            await runner.cleanup()
            await close()


def _handler(location: Location) -> Callable[[web.BaseRequest], Awaitable[web.Response]]:
    async def handle(request: web.BaseRequest) -> web.Response:
        started = time.monotonic()
        answer = await location.answer(_viewer_request(request))
        seconds = time.monotonic() - started
        _log.info(
            "%s %s %s %s %.3f s",
            request.method,
            request.raw_path,
            answer.status,
            answer.headers["X-Cache"],
            seconds,
        )
        # To a HEAD, aiohttp sends the headers alone.
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)

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
