"""The HTTP server of an edge location, over real sockets."""

import http.client
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from email.message import Message

import pytest

from tools.local.edge.messages import Response, ViewerRequest, make_headers
from tools.local.edge.server import EdgeServer


class Echo:
    """A location that echoes the URI of each request."""

    def __init__(self) -> None:
        self.requests: list[ViewerRequest] = []

    async def respond(self, request: ViewerRequest) -> Response:
        self.requests.append(request)
        body = request.uri.encode("utf-8", "surrogateescape")
        headers = make_headers(
            ("Content-Type", "image/png"),
            ("Content-Length", str(len(body))),
            ("Server", "AmazonS3"),
            ("X-Cache", "Miss"),
        )
        status = 304 if "If-None-Match" in request.headers else 200
        return Response(status=status, headers=headers, body=b"" if status == 304 else body)


@contextmanager
def serving(location: Echo) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    port: int = listener.getsockname()[1]

    @asynccontextmanager
    async def open_location() -> AsyncIterator[Echo]:
        yield location

    with EdgeServer(listener, open_location):
        yield port


def send(port: int, target: bytes, method: str = "GET", headers: bytes = b"") -> tuple[int, Message, bytes]:
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
def test_paths_and_query_strings_are_passed_byte_for_byte(target: bytes, uri: str, querystring: str) -> None:
    location = Echo()
    with serving(location) as port:
        status, _, body = send(port, target)
    assert (status, body) == (200, uri.encode())
    assert (location.requests[0].uri, location.requests[0].querystring) == (uri, querystring)


MALFORMED = {
    "absolute-form": b"GET http://elsewhere.example/cat.jpg HTTP/1.1\r\nHost: a\r\n\r\n",
    "absolute-form of our own": b"GET http://a/cat.jpg?size=S HTTP/1.1\r\nHost: a\r\n\r\n",
    "authority-form": b"CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    "asterisk-form": b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "no slash": b"GET cat.jpg HTTP/1.1\r\nHost: a\r\n\r\n",
    "query string alone": b"GET ?size=S HTTP/1.1\r\nHost: a\r\n\r\n",
    "backslash": b"GET \\cat.jpg HTTP/1.1\r\nHost: a\r\n\r\n",
    "no target": b"GET  HTTP/1.1\r\nHost: a\r\n\r\n",
    "fragment": b"GET /cat.jpg#face HTTP/1.1\r\nHost: a\r\n\r\n",
    "space": b"GET /a cat.jpg HTTP/1.1\r\nHost: a\r\n\r\n",
    "control character": b"GET /a\x01.jpg HTTP/1.1\r\nHost: a\r\n\r\n",
    "null": b"GET /a\x00.jpg HTTP/1.1\r\nHost: a\r\n\r\n",
    "not ASCII": "GET /é.jpg HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
    "percent without digits": b"GET /100%.jpg HTTP/1.1\r\nHost: a\r\n\r\n",
    "percent at the end": b"GET /cat.jpg?size=%A HTTP/1.1\r\nHost: a\r\n\r\n",
    "no method": b"/cat.jpg\r\n\r\n",
    "method in lower case": b"get /cat.jpg HTTP/1.1\r\nHost: a\r\n\r\n",
    "HTTP/0.9": b"GET /cat.jpg\r\n\r\n",
    "HTTP/2 as text": b"GET /cat.jpg HTTP/2.0\r\nHost: a\r\n\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/9": b"GET /cat.jpg HTTP/9.9\r\nHost: a\r\n\r\n",
    "no host": b"GET /cat.jpg HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /cat.jpg HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "header with a space": b"GET /cat.jpg HTTP/1.1\r\nHost: a\r\nA B: c\r\n\r\n",
    "negative length": b"POST /cat.jpg HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\n",
    "two lengths": b"POST /cat.jpg HTTP/1.1\r\nHost: a\r\n"
    b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("request_bytes", MALFORMED.values(), ids=MALFORMED)
def test_malformed_requests_get_cloudfronts_400(
    request_bytes: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    location = Echo()
    with serving(location) as port, socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request_bytes)
        connection.shutdown(socket.SHUT_WR)
        response = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert response.split()[1] == b"400"
    assert b"\r\nX-Cache: Error from cloudfront\r\n" in response
    assert b"The request could not be satisfied." in response
    assert location.requests == []
    assert "Traceback" not in capfd.readouterr().err


def test_an_excessive_request_line_is_a_url_too_long() -> None:
    location = Echo()
    with serving(location) as port:
        assert send(port, b"/" + b"a" * 70_000)[0] == 413
    assert location.requests == []


def test_a_head_gets_the_headers_of_a_get() -> None:
    with serving(Echo()) as port:
        (_, get, _), (_, head, body) = send(port, b"/cat.jpg"), send(port, b"/cat.jpg", "HEAD")
    names = ("Content-Type", "Content-Length", "Server", "X-Cache")
    assert [head[name] for name in names] == [get[name] for name in names]
    assert (get["Server"], body) == ("AmazonS3", b"")


def test_a_304_has_no_body() -> None:
    with serving(Echo()) as port:
        status, _, body = send(port, b"/cat.jpg", headers=b'If-None-Match: "x"\r\n')
    assert (status, body) == (304, b"")


def test_headers_address_and_body_of_the_viewer() -> None:
    location = Echo()
    with serving(location) as port:
        send(port, b"/a", "POST", b"X-Twice: 1\r\nX-Twice: 2\r\nContent-Length: 0\r\n")
        send(port, b"/a", "GET")
    first, second = location.requests
    assert first.headers.getall("x-twice") == ["1", "2"]
    assert (first.method, first.client_ip, second.has_body) == ("POST", "127.0.0.1", False)


def test_the_port_is_free_after_the_server() -> None:
    with serving(Echo()) as port:
        pass
    socket.create_server(("127.0.0.1", port)).close()


def test_an_error_on_opening_the_location_is_raised_by_the_server() -> None:
    @asynccontextmanager
    async def broken() -> AsyncIterator[Echo]:
        raise RuntimeError("no location")
        yield Echo()

    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(RuntimeError, match="no location"):
        EdgeServer(listener, broken).__enter__()
