"""Fetching from the origin, against an HTTP server on a real socket."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from tools.local.edge.errors import OriginTimeoutError, OriginUnreachableError
from tools.local.edge.messages import Answer
from tools.local.edge.origin import DataPlane, client_session
from tools.local.edge.result import OriginRequest

type Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def fetch(
    handler: Handler,
    uri: str = "/cat.jpg",
    *,
    method: str = "GET",
    querystring: str = "",
    read_seconds: float = 5,
) -> Answer:
    """The answer of a data plane that does as the handler says."""

    async def play() -> Answer:
        runner = web.ServerRunner(web.Server(handler))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0]
        request = OriginRequest(
            uri=uri,
            querystring=querystring,
            headers=(
                ("Host", "b.s3.amazonaws.com"),
                ("Via", "1.1 x"),
                ("X-Forwarded-For", "192.0.2.1"),
                ("If-None-Match", '"a"'),
            ),
        )
        try:
            async with client_session(read_seconds) as session:
                return await DataPlane(session, f"http://{host}:{port}", "d1.cloudfront.net").fetch(
                    method, request
                )
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


def test_the_data_plane_sees_its_distribution_and_a_viewer_on_https() -> None:
    seen: list[dict[str, str]] = []

    async def handler(request: web.BaseRequest) -> web.Response:
        seen.append(dict(request.headers))
        return web.Response()

    fetch(handler)
    assert seen == [{"Host": "d1.cloudfront.net", "X-Forwarded-Proto": "https", "If-None-Match": '"a"'}]


def test_the_answer_is_that_of_the_origin_alone() -> None:
    async def handler(_: web.BaseRequest) -> web.Response:
        own = {"X-Cache": "Miss from cloudfront", "Via": "1.1 y", "X-Amz-Cf-Id": "z", "X-Amz-Cf-Pop": "P"}
        return web.Response(status=404, body=b"gone", headers={**own, "ETag": '"e"', "Server": "Other"})

    answer = fetch(handler)
    assert (answer.status, answer.body) == (404, b"gone")
    assert not {"X-Cache", "Via", "X-Amz-Cf-Id", "X-Amz-Cf-Pop"} & set(answer.headers)
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
            plane = DataPlane(session, "http://127.0.0.1:1", "d1.cloudfront.net")
            return await plane.fetch("GET", OriginRequest(uri="/", querystring="", headers=()))

    with pytest.raises(OriginUnreachableError):
        asyncio.run(play())


def test_an_origin_that_hangs() -> None:
    async def handler(_: web.BaseRequest) -> web.Response:
        await asyncio.sleep(0.5)
        return web.Response()

    with pytest.raises(OriginTimeoutError):
        fetch(handler, read_seconds=0.05)
