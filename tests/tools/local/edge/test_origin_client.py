"""Requests to an origin and its responses, against an HTTP server on a real socket."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from aiohttp import web
from botocore.credentials import Credentials
from multidict import CIMultiDictProxy

from tools.local.edge.access_control import AccessControl
from tools.local.edge.errors import OriginTimeoutError, OriginUnreachableError
from tools.local.edge.function_result import OriginRequest
from tools.local.edge.messages import Response
from tools.local.edge.origin import CustomOrigin, Origin, S3Origin
from tools.local.edge.origin_client import HttpOriginClient, create_session

HOST = "images-123456789012.s3-object-lambda.eu-west-1.amazonaws.com"
ORIGIN = CustomOrigin(domain_name=HOST)

type Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def send(
    handler: Handler,
    origin: Origin,
    request: OriginRequest,
    *,
    method: str = "GET",
    control: AccessControl | None = None,
) -> Response:
    """Send a request to an origin that behaves like the handler."""

    async def scenario() -> Response:
        runner = web.ServerRunner(web.Server(handler))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        try:
            async with create_session() as session:
                client = HttpOriginClient(session, f"http://{host}:{port}", origin, control)
                return await client.fetch(method, request)
        finally:
            await runner.cleanup()

    return asyncio.run(scenario())


def fetch(
    handler: Handler,
    uri: str = "/cat.jpg",
    *,
    method: str = "GET",
    querystring: str = "",
    read_timeout_seconds: float = 5,
) -> Response:
    request = OriginRequest(uri=uri, querystring=querystring, headers=())
    origin = replace(ORIGIN, read_timeout_seconds=read_timeout_seconds)
    return send(handler, origin, request, method=method)


class Seen:
    """The request that reached the server."""

    target: str
    headers: CIMultiDictProxy[str]


def send_recorded(
    origin: Origin, request: OriginRequest, control: AccessControl | None = None
) -> tuple[Response, Seen]:
    seen = Seen()

    async def handler(request: web.BaseRequest) -> web.Response:
        seen.target, seen.headers = request.raw_path, request.headers
        return web.Response(body=b"content", headers={"Via": "1.1 origin", "ETag": '"a"'})

    return send(handler, origin, request, control=control), seen


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
def test_the_target_is_sent_unchanged(uri: str, querystring: str, target: str) -> None:
    seen: list[str] = []

    async def handler(request: web.BaseRequest) -> web.Response:
        seen.append(request.raw_path)
        return web.Response()

    fetch(handler, uri, querystring=querystring)
    assert seen == [target]


def test_hop_by_hop_headers_are_removed() -> None:
    async def handler(_: web.BaseRequest) -> web.Response:
        headers = {"Via": "1.1 y", "Keep-Alive": "timeout=5", "ETag": '"e"', "Server": "Other"}
        return web.Response(status=404, body=b"gone", headers=headers)

    response = fetch(handler)
    assert (response.status, response.body) == (404, b"gone")
    assert not {"Via", "Keep-Alive"} & set(response.headers)
    assert (response.headers["ETag"], response.headers["Server"]) == ('"e"', "Other")


def test_redirects_and_content_encodings_are_returned_unchanged() -> None:
    async def handler(_: web.BaseRequest) -> web.Response:
        return web.Response(
            status=302, body=b"\x1f\x8bnot really", headers={"Location": "/x", "Content-Encoding": "gzip"}
        )

    response = fetch(handler)
    assert (response.status, response.headers["Location"], response.body) == (
        302,
        "/x",
        b"\x1f\x8bnot really",
    )


def test_a_head_keeps_the_length_of_the_omitted_body() -> None:
    async def handler(_: web.BaseRequest) -> web.Response:
        return web.Response(body=b"x" * 1_234)

    response = fetch(handler, method="HEAD")
    assert (response.headers["Content-Length"], response.body) == ("1234", b"")


def test_a_chunked_response_gets_a_length() -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        await response.write(b"one")
        await response.write(b"two")
        return response

    response = fetch(handler)
    assert (response.body, response.headers["Content-Length"]) == (b"onetwo", "6")
    assert "Transfer-Encoding" not in response.headers


def test_an_origin_that_aborts_the_connection() -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    with pytest.raises(OriginUnreachableError):
        fetch(handler)


def test_an_origin_that_refuses_the_connection() -> None:
    async def scenario() -> Response:
        async with create_session() as session:
            client = HttpOriginClient(session, "http://127.0.0.1:1", ORIGIN, None)
            return await client.fetch("GET", OriginRequest(uri="/", querystring="", headers=()))

    with pytest.raises(OriginUnreachableError):
        asyncio.run(scenario())


def test_an_origin_that_hangs() -> None:
    async def handler(_: web.BaseRequest) -> web.Response:
        await asyncio.sleep(0.5)
        return web.Response()

    with pytest.raises(OriginTimeoutError):
        fetch(handler, read_timeout_seconds=0.05)


def test_a_request_signed_by_a_function_is_sent_unchanged() -> None:
    origin = CustomOrigin(domain_name=HOST, path="/originals", custom_headers=(("X-Env-Mine", "1"),))
    request = OriginRequest(
        uri="/a%20b%2B.jpg",
        querystring="size=S&showExif=",
        headers=(("Host", HOST), ("Authorization", "AWS4-HMAC-SHA256 ..."), ("X-Amz-Date", "now")),
        request_id="the-id==",
    )
    response, seen = send_recorded(origin, request)
    assert seen.target == "/originals/a%20b%2B.jpg?size=S&showExif="
    assert {name: seen.headers[name] for name in ("Host", "Authorization", "X-Amz-Date", "X-Env-Mine")} == {
        "Host": HOST,
        "Authorization": "AWS4-HMAC-SHA256 ...",
        "X-Amz-Date": "now",
        "X-Env-Mine": "1",
    }
    assert seen.headers.getall("X-Amz-Cf-Id") == ["the-id=="]
    assert (response.status, response.body, response.headers["Content-Length"]) == (200, b"content", "7")
    assert "Via" not in response.headers


ALIAS = "images-abc--ol-s3.s3.eu-west-1.amazonaws.com"
URL = "abc.lambda-url.eu-west-1.on.aws"


@pytest.mark.parametrize(
    ("origin", "service", "host", "target"),
    [
        (S3Origin(domain_name=ALIAS), "s3", ALIAS, "/a%40b.jpg"),
        (CustomOrigin(domain_name=URL, access_control=True), "lambda", URL, "/a%40b.jpg"),
        # The emulator finds the bucket by the path.
        (
            S3Origin(domain_name="my.images.s3.eu-west-1.amazonaws.com", path="/x"),
            "s3",
            "s3.eu-west-1.amazonaws.com",
            "/my.images/x/a%40b.jpg",
        ),
    ],
)
def test_cloudfront_signs_the_request_as_sent(origin: Origin, service: str, host: str, target: str) -> None:
    credentials = Credentials("AKIDEXAMPLE", "secret")
    control = AccessControl(credentials=credentials, service=service, region="eu-west-1")
    request = OriginRequest(
        uri="/a@b.jpg", querystring="size=S", headers=(("Authorization", "the viewer's"),), request_id="id"
    )
    _, seen = send_recorded(origin, request, control)
    assert (seen.target, seen.headers["Host"]) == (f"{target}?size=S", host)
    assert re.fullmatch(
        rf"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\d{{8}}/eu-west-1/{service}/aws4_request, "
        r"SignedHeaders=host;[a-z0-9;-]*x-amz-date, Signature=[0-9a-f]{64}",
        seen.headers["Authorization"],
    )
