"""The HTTP server of an edge location, over real sockets."""

import asyncio
import http.client
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from email.message import Message

import pytest

from tools.local.edge.messages import Answer, ViewerRequest, headers_of
from tools.local.edge.server import EdgeServer


class Echo:
    """Stands for a location: answers with what it was asked."""

    def __init__(self) -> None:
        self.requests: list[ViewerRequest] = []

    async def answer(self, request: ViewerRequest) -> Answer:
        self.requests.append(request)
        body = request.uri.encode("utf-8", "surrogateescape")
        headers = headers_of(
            ("Content-Type", "image/png"),
            ("Content-Length", str(len(body))),
            ("Server", "AmazonS3"),
            ("X-Cache", "Miss"),
        )
        status = 304 if "If-None-Match" in request.headers else 200
        return Answer(status=status, headers=headers, body=b"" if status == 304 else body)


@contextmanager
def serving(location: Echo) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    port: int = listener.getsockname()[1]

    async def open_location() -> tuple[Echo, Callable[[], Awaitable[None]]]:
        return location, lambda: asyncio.sleep(0)

    with EdgeServer(listener, open_location):
        yield port


def ask(port: int, target: bytes, method: str = "GET", headers: bytes = b"") -> tuple[int, Message, bytes]:
    """Send a request whose target is exactly these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        head = b" ".join((method.encode(), target, b"HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"))
        connection.sendall(head + headers + b"\r\n")
        with http.client.HTTPResponse(connection, method=method) as response:
            response.begin()
            return response.status, response.headers, response.read()


@pytest.mark.parametrize(
    ("target", "uri", "querystring"),
    [
        (b"/a%20b.jpg?size=S", "/a%20b.jpg", "size=S"),
        (b"/a+b%2B.jpg", "/a+b%2B.jpg", ""),
        (b"/100%25.jpg?", "/100%25.jpg", ""),
        (b"/caf%c3%A9.jpg?q=%C3%A9", "/caf%c3%A9.jpg", "q=%C3%A9"),
        (b"/%F0%9F%98%80/../x//y.jpg", "/%F0%9F%98%80/../x//y.jpg", ""),
        (b"//cat.jpg", "//cat.jpg", ""),
        (b"/cat.jpg?a=?", "/cat.jpg", "a=?"),
        (b"/" + b"a" * 9_000, "/" + "a" * 9_000, ""),
    ],
)
def test_paths_and_query_strings_arrive_byte_for_byte(target: bytes, uri: str, querystring: str) -> None:
    location = Echo()
    with serving(location) as port:
        status, _, body = ask(port, target)
    assert (status, body) == (200, uri.encode())
    assert (location.requests[0].uri, location.requests[0].querystring) == (uri, querystring)


def test_a_head_gets_the_headers_of_a_get() -> None:
    with serving(Echo()) as port:
        (_, get, _), (_, head, body) = ask(port, b"/cat.jpg"), ask(port, b"/cat.jpg", "HEAD")
    names = ("Content-Type", "Content-Length", "Server", "X-Cache")
    assert [head[name] for name in names] == [get[name] for name in names]
    assert (get["Server"], body) == ("AmazonS3", b"")


def test_a_304_has_no_body() -> None:
    with serving(Echo()) as port:
        status, _, body = ask(port, b"/cat.jpg", headers=b'If-None-Match: "x"\r\n')
    assert (status, body) == (304, b"")


def test_headers_address_and_body_of_the_viewer() -> None:
    location = Echo()
    with serving(location) as port:
        ask(port, b"/a", "POST", b"X-Twice: 1\r\nX-Twice: 2\r\nContent-Length: 0\r\n")
        ask(port, b"/a", "GET")
    first, second = location.requests
    assert first.headers.getall("x-twice") == ["1", "2"]
    assert (first.method, first.client_ip, second.has_body) == ("POST", "127.0.0.1", False)


def test_the_port_is_free_after_the_server() -> None:
    with serving(Echo()) as port:
        pass
    socket.create_server(("127.0.0.1", port)).close()


def test_a_location_that_cannot_be_opened_is_the_servers_failure() -> None:
    async def broken() -> tuple[Echo, Callable[[], Awaitable[None]]]:
        raise RuntimeError("no location")

    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(RuntimeError, match="no location"):
        EdgeServer(listener, broken).__enter__()
