"""Fixtures: every entry point of the function, in front of a bucket of moto.

A proxy injects faults and receives WriteGetObjectResponse.
"""

import base64
import json
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from lambda_runtime import Task
from object_lambda.handler import lambda_handler
from object_lambda.s3 import parse_url
from s3_http import bucket_address, shared_connections

from tests.functions.context import LambdaContext
from tests.libs.s3_http.fault_proxy import FaultProxy, status
from tests.libs.s3_http.servers import REGION, bucket, moto_address, proxy, s3

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client as Boto3S3Client

__all__ = ["bucket", "moto_address", "proxy", "s3"]

EVENTS = Path(__file__).parents[2] / "events"
IMAGES = Path(__file__).parents[2] / "images"

VIEWER = Credentials("VIEWER", "example")
"""The viewer's credentials. Requests to a function URL need none."""

type Event = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ViewerResponse:
    """The response that the viewer receives, with lower-case header names. After a HEAD, `body` is empty."""

    status: int
    headers: dict[str, str]
    body: bytes
    length: int
    code: str | None
    message: str


@dataclass
class Function:
    """The function with bucket, proxy and log."""

    bucket: str
    s3: "Boto3S3Client"
    proxy: FaultProxy
    capsys: pytest.CaptureFixture[str]

    def upload(self, key: str, body: bytes, **headers: Any) -> str:
        """Store an original; return the quoted ETag."""
        etag: str = self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, **headers)["ETag"]
        return etag

    def presign(self, method: str, key: str) -> str:
        """Return the URL that S3 Object Lambda presigns with the viewer's credentials."""
        request = AWSRequest(method, f"{self.proxy.url}/{self.bucket}/{quote(key, safe='/~')}")
        S3SigV4QueryAuth(VIEWER, "s3", REGION).add_auth(request)
        return str(request.url)

    def delivered_responses(self) -> list[ViewerResponse]:
        """Return the responses that WriteGetObjectResponse received."""
        posts = [request for request in self.proxy.requests if request.method == "POST"]
        assert {request.path for request in posts} <= {"/WriteGetObjectResponse"}
        return [_parse_delivery(request.headers, request.body) for request in posts]

    def requested_methods(self) -> list[str]:
        """Return the methods of the requests for objects."""
        return [request.method for request in self.proxy.requests if request.method != "POST"]

    def log(self) -> list[dict[str, Any]]:
        """Return the log lines since the last call."""
        return [json.loads(line) for line in self.capsys.readouterr().out.splitlines()]


def _parse_delivery(headers: Mapping[str, str], body: bytes) -> ViewerResponse:
    prefix = "x-amz-fwd-header-"
    forwarded = {
        name.removeprefix(prefix): value
        for name, value in headers.items()
        if name.startswith((prefix, "x-amz-meta-"))
    }
    assert int(headers["content-length"]) == len(body)
    code = headers.get("x-amz-fwd-error-code")
    # S3 API reference: an error has neither a body nor a status below 400.
    assert not (code and (body or set(forwarded) != {"cache-control"}))
    assert (code is not None) == (int(headers["x-amz-fwd-status"]) >= 400)
    assert (headers["x-amz-request-route"], headers["x-amz-request-token"]) == ("io-euw1-001", "OutputToken")
    return ViewerResponse(
        status=int(headers["x-amz-fwd-status"]),
        headers=forwarded,
        body=body,
        length=len(body),
        code=code,
        message=headers.get("x-amz-fwd-error-message", ""),
    )


@dataclass
class EntryPoint:
    """A way for a viewer's request to reach the function."""

    function: Function
    limit_seconds: float = 30

    def send(self, key: str, query: str = "", headers: Mapping[str, str] | None = None) -> ViewerResponse:
        """Invoke the function; return its only response."""
        before = len(self.function.delivered_responses())
        result = lambda_handler(self.event(key, query, headers or {}), LambdaContext(self.limit_seconds))
        assert json.loads(json.dumps(result)) == result
        (response,) = [*self.function.delivered_responses()[before:], *self.parse(result)]
        return response

    def event(self, key: str, query: str, headers: Mapping[str, str]) -> Event:
        raise NotImplementedError

    def parse(self, result: dict[str, Any]) -> list[ViewerResponse]:
        """Return the response in the result of the function, if there is one."""
        raise NotImplementedError


class AccessPointGet(EntryPoint):
    """GET through an Object Lambda access point."""

    def event(self, key: str, query: str, headers: Mapping[str, str]) -> Event:
        event: Event = json.loads((EVENTS / "object-lambda-get.json").read_text())
        event["getObjectContext"]["inputS3Url"] = self.function.presign("GET", key)
        return _add_viewer_request(event, key, query, headers)

    def parse(self, result: dict[str, Any]) -> list[ViewerResponse]:
        assert set(result) == {"statusCode"}  # S3 ignores the result
        return []


class AccessPointHead(EntryPoint):
    """HEAD through an Object Lambda access point."""

    def event(self, key: str, query: str, headers: Mapping[str, str]) -> Event:
        event: Event = json.loads((EVENTS / "object-lambda-head.json").read_text())
        event["headObjectContext"]["inputS3Url"] = self.function.presign("HEAD", key)
        return _add_viewer_request(event, key, query, headers)

    def parse(self, result: dict[str, Any]) -> list[ViewerResponse]:
        headers = {name.lower(): value for name, value in result["headers"].items()}
        return [
            ViewerResponse(
                status=result["statusCode"],
                length=headers.pop("content-length"),
                headers=headers,
                body=b"",
                code=result.get("errorCode"),
                message=result.get("errorMessage", ""),
            )
        ]


class FunctionUrlGet(EntryPoint):
    """GET through a function URL."""

    method = "GET"

    def event(self, key: str, query: str, headers: Mapping[str, str]) -> Event:
        event: Event = json.loads((EVENTS / "function-url.json").read_text())
        event["rawPath"] = "/" + quote(key, safe="/")
        event["rawQueryString"] = query
        event["headers"].update({name.lower(): value for name, value in headers.items()})
        event["requestContext"]["http"]["method"] = self.method
        return event

    def parse(self, result: dict[str, Any]) -> list[ViewerResponse]:
        assert set(result) == {"statusCode", "headers", "body", "isBase64Encoded"}
        assert result["isBase64Encoded"] is True
        headers = {name.lower(): value for name, value in result["headers"].items()}
        # Lambda would rename the header, and send the length of the body.
        assert "content-length" not in headers
        body = base64.b64decode(result["body"], validate=True)
        code, message = re.search(rb"<Code>(.*)</Code>", body), re.search(rb"<Message>(.*)</Message>", body)
        return [
            ViewerResponse(
                status=result["statusCode"],
                length=len(body),
                headers=headers,
                body=body,
                code=code[1].decode() if code else None,
                message=message[1].decode() if message else "",
            )
        ]


class FunctionUrlHead(FunctionUrlGet):
    """HEAD through a function URL.

    Lambda sends the length of the body that the function returns, but no body, so an error has only a status.
    """

    method = "HEAD"

    def parse(self, result: dict[str, Any]) -> list[ViewerResponse]:
        (response,) = super().parse(result)
        return [replace(response, body=b"", code=None, message="")]


def _add_viewer_request(event: Event, key: str, query: str, headers: Mapping[str, str]) -> Event:
    host = event["userRequest"]["headers"]["Host"]
    # S3 Object Lambda decodes the URL.
    event["userRequest"]["url"] = f"https://{host}/{key}" + (f"?{unquote(query)}" if query else "")
    event["userRequest"]["headers"].update(headers)
    return event


ENTRY_POINTS = {
    "get": AccessPointGet,
    "head": AccessPointHead,
    "url": FunctionUrlGet,
    "url head": FunctionUrlHead,
}


@pytest.fixture
def function(
    bucket: str,
    s3: "Boto3S3Client",
    proxy: FaultProxy,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Function]:
    for name in (
        "AWS_ENDPOINT_URL_S3",
        "AWS_CA_BUNDLE",
        "IMAGE_CACHE_CONTROL",
        "IMAGE_EXIF",
        "IMAGE_QUALITY",
        "IMAGE_SIZES",
        "PURGE_ON_CHANGE",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example-key")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "example-session")
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("BUCKET_NAME", bucket)
    proxy.inject(status(200), method="POST", path="/WriteGetObjectResponse")
    function = Function(bucket, s3, proxy, capsys)
    yield function
    for thread in threading.enumerate():
        if isinstance(thread, Task):
            thread.join()
    for address in (parse_url(proxy.url)[0], bucket_address(bucket, region=REGION, endpoint_url=proxy.url)):
        shared_connections(address, None).close()


@pytest.fixture(params=ENTRY_POINTS)
def entry_point(request: pytest.FixtureRequest, function: Function) -> EntryPoint:
    """Each entry point in turn."""
    return ENTRY_POINTS[request.param](function)


@pytest.fixture
def cat() -> bytes:
    """A JPEG photograph of 640 x 427 pixels."""
    return (IMAGES / "cat.jpg").read_bytes()
