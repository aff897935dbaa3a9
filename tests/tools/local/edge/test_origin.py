"""Requests to an origin and its responses, against an HTTP server on a real socket."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from tools.local.edge.distribution import CustomOrigin
from tools.local.edge.endpoint import Endpoint
from tools.local.edge.errors import OriginTimeoutError, OriginUnreachableError
from tools.local.edge.messages import Answer
from tools.local.edge.origin import client_session
from tools.local.edge.result import OriginRequest

ORIGIN = CustomOrigin(domain_name="pictures-123456789012.s3-object-lambda.eu-west-1.amazonaws.com")

type Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def fetch(
    handler: Handler,
    uri: str = "/cat.jpg",
    *,
    method: str = "GET",
    querystring: str = "",
    read_seconds: float = 5,
) -> Answer:
    """Return the response of an origin that does as the handler says."""

    async def play() -> Answer:
        runner = web.ServerRunner(web.Server(handler))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0]
        request = OriginRequest(uri=uri, querystring=querystring, headers=())
        try:
            async with client_session(read_seconds) as session:
                return await Endpoint(session, f"http://{host}:{port}", ORIGIN, None).fetch(method, request)
        finally:
            await runner.cleanup()

    return asyncio.run(play())


@pytest.mark.parametrize(
    ("uri", "querystring", "target"),
    [
        ("/a%20b+c%2B.jpg", "", "/a%20b+c%2B.jpg"),
        ("/100%25.jpg", "size=S&x=%C3%A9", "/100%25.jpg?size=S&x=%C3%A9"),
        ("/café 写.jpg", "", "/caf%C3%A9%20%E5%86%99.jpg"),
        ("//a/../b", "", "//a/../b"),
        ("/~!$&'()*,;=:@[]", "a=[]", "/~!$&'()*,;=:@[]?a=[]"),
    ],
)
def test_the_path_goes_out_as_it_is(uri: str, querystring: str, target: str) -> None:
    seen: list[str] = []

    async def handler(request: web.BaseRequest) -> web.Response:
        seen.append(request.raw_path)
        return web.Response()

    fetch(handler, uri, querystring=querystring)
    assert seen == [target]


def test_the_answer_is_that_of_the_origin_alone() -> None:
    async def handler(_: web.BaseRequest) -> web.Response:
        headers = {"Via": "1.1 y", "Keep-Alive": "timeout=5", "ETag": '"e"', "Server": "Other"}
        return web.Response(status=404, body=b"gone", headers=headers)

    answer = fetch(handler)
    assert (answer.status, answer.body) == (404, b"gone")
    assert not {"Via", "Keep-Alive"} & set(answer.headers)
    assert (answer.headers["ETag"], answer.headers["Server"]) == ('"e"', "Other")


def test_a_redirect_is_an_answer_and_gzip_stays_gzip() -> None:
    async def handler(_: web.BaseRequest) -> web.Response:
        return web.Response(
            status=302, body=b"\x1f\x8bnot really", headers={"Location": "/x", "Content-Encoding": "gzip"}
        )

    answer = fetch(handler)
    assert (answer.status, answer.headers["Location"], answer.body) == (302, "/x", b"\x1f\x8bnot really")


def test_a_head_keeps_the_length_of_what_it_leaves_out() -> None:
    async def handler(_: web.BaseRequest) -> web.Response:
        return web.Response(body=b"x" * 1_234)

    answer = fetch(handler, method="HEAD")
    assert (answer.headers["Content-Length"], answer.body) == ("1234", b"")


def test_a_chunked_answer_gets_its_length() -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        await response.write(b"one")
        await response.write(b"two")
        return response

    answer = fetch(handler)
    assert (answer.body, answer.headers["Content-Length"]) == (b"onetwo", "6")
    assert "Transfer-Encoding" not in answer.headers


def test_an_origin_that_breaks_off() -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    with pytest.raises(OriginUnreachableError):
        fetch(handler)


def test_nobody_there() -> None:
    async def play() -> Answer:
        async with client_session() as session:
            endpoint = Endpoint(session, "http://127.0.0.1:1", ORIGIN, None)
            return await endpoint.fetch("GET", OriginRequest(uri="/", querystring="", headers=()))

    with pytest.raises(OriginUnreachableError):
        asyncio.run(play())


def test_an_origin_that_hangs() -> None:
    async def handler(_: web.BaseRequest) -> web.Response:
        await asyncio.sleep(0.5)
        return web.Response()

    with pytest.raises(OriginTimeoutError):
        fetch(handler, read_seconds=0.05)
