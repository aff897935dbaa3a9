"""Fetching from an endpoint of AWS, against an HTTP server on a real socket."""

import asyncio
import re

import pytest
from aiohttp import web
from botocore.credentials import Credentials
from multidict import CIMultiDictProxy

from tools.local.edge.access_control import AccessControl
from tools.local.edge.distribution import CustomOrigin, S3Origin
from tools.local.edge.endpoint import Endpoint
from tools.local.edge.messages import Answer
from tools.local.edge.origin import client_session
from tools.local.edge.result import OriginRequest

HOST = "pictures-123456789012.s3-object-lambda.eu-west-1.amazonaws.com"


class Seen:
    """What came to the server."""

    target: str
    headers: CIMultiDictProxy[str]


def fetch(
    origin: S3Origin | CustomOrigin, request: OriginRequest, control: AccessControl | None = None
) -> tuple[Answer, Seen]:
    seen = Seen()

    async def handler(request: web.BaseRequest) -> web.Response:
        seen.target, seen.headers = request.raw_path, request.headers
        return web.Response(body=b"picture", headers={"Via": "1.1 origin", "ETag": '"a"'})

    async def play() -> Answer:
        runner = web.ServerRunner(web.Server(handler))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        try:
            async with client_session() as session:
                endpoint = Endpoint(session, f"http://{host}:{port}", origin, control)
                return await endpoint.fetch("GET", request)
        finally:
            await runner.cleanup()

    return asyncio.run(play()), seen


def test_what_the_function_signed_goes_out_as_it_is_with_the_id_of_the_request() -> None:
    origin = CustomOrigin(domain_name=HOST, path="/originals", custom_headers=(("X-Env-Mine", "1"),))
    request = OriginRequest(
        uri="/a%20b%2B.jpg",
        querystring="size=S&showExif=",
        headers=(("Host", HOST), ("Authorization", "AWS4-HMAC-SHA256 ..."), ("X-Amz-Date", "now")),
        request_id="the-id==",
    )
    answer, seen = fetch(origin, request)
    assert seen.target == "/originals/a%20b%2B.jpg?size=S&showExif="
    assert {name: seen.headers[name] for name in ("Host", "Authorization", "X-Amz-Date", "X-Env-Mine")} == {
        "Host": HOST,
        "Authorization": "AWS4-HMAC-SHA256 ...",
        "X-Amz-Date": "now",
        "X-Env-Mine": "1",
    }
    assert seen.headers.getall("X-Amz-Cf-Id") == ["the-id=="]
    assert (answer.status, answer.body, answer.headers["Content-Length"]) == (200, b"picture", "7")
    assert "Via" not in answer.headers


ALIAS = "pictures-abc--ol-s3.s3.eu-west-1.amazonaws.com"
URL = "abc.lambda-url.eu-west-1.on.aws"


@pytest.mark.parametrize(
    ("origin", "service", "host", "target"),
    [
        (S3Origin(domain_name=ALIAS), "s3", ALIAS, "/a%40b.jpg"),
        (CustomOrigin(domain_name=URL, access_control=True), "lambda", URL, "/a%40b.jpg"),
        # The emulator reads the name of a bucket in the path.
        (
            S3Origin(domain_name="my.pictures.s3.eu-west-1.amazonaws.com", path="/x"),
            "s3",
            "s3.eu-west-1.amazonaws.com",
            "/my.pictures/x/a%40b.jpg",
        ),
    ],
)
def test_cloudfront_signs_what_goes_out(
    origin: S3Origin | CustomOrigin, service: str, host: str, target: str
) -> None:
    credentials = Credentials("AKIDEXAMPLE", "secret")
    control = AccessControl(credentials=credentials, service=service, region="eu-west-1")
    request = OriginRequest(
        uri="/a@b.jpg", querystring="size=S", headers=(("Authorization", "the viewer's"),), request_id="id"
    )
    _, seen = fetch(origin, request, control)
    assert (seen.target, seen.headers["Host"]) == (f"{target}?size=S", host)
    assert re.fullmatch(
        rf"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\d{{8}}/eu-west-1/{service}/aws4_request, "
        r"SignedHeaders=host;[a-z0-9;-]*x-amz-date, Signature=[0-9a-f]{64}",
        seen.headers["Authorization"],
    )


@pytest.mark.parametrize(
    ("target", "canonical"),
    [
        ("/cat.jpg", "/cat.jpg"),
        ("/a@b (1).jpg", "/a%40b%20%281%29.jpg"),
        ("/a+b%2b+.jpg", "/a+b%2B+.jpg"),
        ("/a%40b%2bc.jpg", "/a%40b%2Bc.jpg"),
        ("/100%2525.jpg", "/100%2525.jpg"),
        ("/%ff~-_.jpg", "/%FF~-_.jpg"),
        ("//a//b", "//a//b"),
        ("/a?to_webp=1&size=S", "/a?size=S&to_webp=1"),
        ("/a?size=S+M&showExif", "/a?showExif=&size=S%20M"),
        ("/a?", "/a"),
    ],
)
def test_the_target_is_encoded_once_and_its_parameters_in_order(target: str, canonical: str) -> None:
    control = AccessControl(credentials=Credentials("a", "b"), service="s3", region="eu-west-1")
    assert control.signed("GET", "host", target)[0] == canonical
