"""The function in all its ways, before a bucket of moto behind a proxy that also takes the answers."""

import base64
import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import boto3
import pytest
from botocore.client import Config
from lambda_runtime import Task
from object_lambda.handler import lambda_handler
from object_lambda.s3 import connections, place_of
from s3_http import bucket_address

from tests.libs.s3_http.fault_proxy import FaultProxy, status
from tests.libs.s3_http.servers import REGION, bucket, moto_address, proxy, s3

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client as Boto3S3Client

__all__ = ["bucket", "moto_address", "proxy", "s3"]

EVENTS = Path(__file__).parents[2] / "events"
IMAGES = Path(__file__).parents[2] / "images"

type Event = dict[str, Any]


@dataclass(frozen=True)
class LambdaContext:
    """What Lambda passes beside the event: the time that is left of a limit."""

    limit_seconds: float
    started: float = field(default_factory=time.monotonic)

    def get_remaining_time_in_millis(self) -> int:
        return max(0, round((self.started + self.limit_seconds - time.monotonic()) * 1000))


@dataclass(frozen=True, kw_only=True)
class Got:
    """What the viewer got; names of `headers` are lower case. Of HEAD there is a length and no body."""

    status: int
    headers: dict[str, str]
    body: bytes
    length: int
    code: str | None
    sentence: str


@dataclass
class Function:
    """The function, what it works on, and what its log says."""

    bucket: str
    s3: "Boto3S3Client"
    s3_of_viewer: "Boto3S3Client"
    proxy: FaultProxy
    capsys: pytest.CaptureFixture[str]

    def upload(self, key: str, body: bytes, **headers: Any) -> str:
        """Store an original; its ETag, in quotes."""
        etag: str = self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, **headers)["ETag"]
        return etag

    def presigned(self, method: str, key: str) -> str:
        """The URL that S3 Object Lambda makes for the original: of the viewer's right."""
        operation = "get_object" if method == "GET" else "head_object"
        return self.s3_of_viewer.generate_presigned_url(operation, Params={"Bucket": self.bucket, "Key": key})

    def answers(self) -> list[Got]:
        """What came to WriteGetObjectResponse."""
        posts = [request for request in self.proxy.requests if request.method == "POST"]
        assert {request.path for request in posts} <= {"/WriteGetObjectResponse"}
        return [_delivered(request.headers, request.body) for request in posts]

    def asked(self) -> list[str]:
        """The methods of what was asked of the bucket."""
        return [request.method for request in self.proxy.requests if request.method != "POST"]

    def log(self) -> list[dict[str, Any]]:
        """The lines of the log since the last call."""
        return [json.loads(line) for line in self.capsys.readouterr().out.splitlines()]


def _delivered(headers: Mapping[str, str], body: bytes) -> Got:
    prefix = "x-amz-fwd-header-"
    passed = {
        name.removeprefix(prefix): value
        for name, value in headers.items()
        if name.startswith((prefix, "x-amz-meta-"))
    }
    assert int(headers["content-length"]) == len(body)
    code = headers.get("x-amz-fwd-error-code")
    # The S3 API reference: neither a body nor a good status may come with an error.
    assert not (code and (body or set(passed) != {"cache-control"}))
    assert (code is not None) == (int(headers["x-amz-fwd-status"]) >= 400)
    assert (headers["x-amz-request-route"], headers["x-amz-request-token"]) == ("io-euw1-001", "OutputToken")
    return Got(
        status=int(headers["x-amz-fwd-status"]),
        headers=passed,
        body=body,
        length=len(body),
        code=code,
        sentence=headers.get("x-amz-fwd-error-message", ""),
    )


@dataclass
class Way:
    """One of the ways in which a viewer's request reaches the function."""

    function: Function
    limit_seconds: float = 30

    def ask(self, key: str, query: str = "", headers: Mapping[str, str] | None = None) -> Got:
        """The answer of the function, of which there is exactly one."""
        before = len(self.function.answers())
        result = lambda_handler(self.event(key, query, headers or {}), LambdaContext(self.limit_seconds))
        assert json.loads(json.dumps(result)) == result
        (got,) = [*self.function.answers()[before:], *self.read(result)]
        return got

    def event(self, key: str, query: str, headers: Mapping[str, str]) -> Event:
        raise NotImplementedError

    def read(self, result: dict[str, Any]) -> list[Got]:
        """The answer that is returned, if there is one."""
        raise NotImplementedError


class Get(Way):
    """GET through an access point."""

    def event(self, key: str, query: str, headers: Mapping[str, str]) -> Event:
        event: Event = json.loads((EVENTS / "object-lambda-get.json").read_text())
        event["getObjectContext"]["inputS3Url"] = self.function.presigned("GET", key)
        return _asked_by_viewer(event, key, query, headers)

    def read(self, result: dict[str, Any]) -> list[Got]:
        assert set(result) == {"statusCode"}  # nobody reads it
        return []


class Head(Way):
    """HEAD through an access point."""

    def event(self, key: str, query: str, headers: Mapping[str, str]) -> Event:
        event: Event = json.loads((EVENTS / "object-lambda-head.json").read_text())
        event["headObjectContext"]["inputS3Url"] = self.function.presigned("HEAD", key)
        return _asked_by_viewer(event, key, query, headers)

    def read(self, result: dict[str, Any]) -> list[Got]:
        headers = {name.lower(): value for name, value in result["headers"].items()}
        return [
            Got(
                status=result["statusCode"],
                length=headers.pop("content-length"),
                headers=headers,
                body=b"",
                code=result.get("errorCode"),
                sentence=result.get("errorMessage", ""),
            )
        ]


class Url(Way):
    """GET through a function URL."""

    method = "GET"

    def event(self, key: str, query: str, headers: Mapping[str, str]) -> Event:
        event: Event = json.loads((EVENTS / "function-url.json").read_text())
        event["rawPath"] = "/" + quote(key, safe="/")
        event["rawQueryString"] = query
        event["headers"].update({name.lower(): value for name, value in headers.items()})
        event["requestContext"]["http"]["method"] = self.method
        return event

    def read(self, result: dict[str, Any]) -> list[Got]:
        assert set(result) == {"statusCode", "headers", "body", "isBase64Encoded"}
        assert result["isBase64Encoded"] is True
        headers = {name.lower(): value for name, value in result["headers"].items()}
        # Lambda would rename it, and announce the length of the body.
        assert "content-length" not in headers
        body = base64.b64decode(result["body"], validate=True)
        code, sentence = re.search(rb"<Code>(.*)</Code>", body), re.search(rb"<Message>(.*)</Message>", body)
        return [
            Got(
                status=result["statusCode"],
                length=len(body),
                headers=headers,
                body=body,
                code=code[1].decode() if code else None,
                sentence=sentence[1].decode() if sentence else "",
            )
        ]


class UrlHead(Url):
    """HEAD through a function URL, whose errors say no more than their status.

    Lambda announces the length of the body that the function returns, and sends no body.
    """

    method = "HEAD"

    def read(self, result: dict[str, Any]) -> list[Got]:
        (got,) = super().read(result)
        return [replace(got, body=b"", code=None, sentence="")]


def _asked_by_viewer(event: Event, key: str, query: str, headers: Mapping[str, str]) -> Event:
    host = event["userRequest"]["headers"]["Host"]
    # S3 Object Lambda gives the URL decoded.
    event["userRequest"]["url"] = f"https://{host}/{key}" + (f"?{unquote(query)}" if query else "")
    event["userRequest"]["headers"].update(headers)
    return event


WAYS = {"get": Get, "head": Head, "url": Url, "url head": UrlHead}


@pytest.fixture
def function(
    bucket: str,
    s3: "Boto3S3Client",
    proxy: FaultProxy,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Function]:
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_CA_BUNDLE", "IMAGE_EXIF", "IMAGE_QUALITY", "IMAGE_SIZES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example-key")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "example-session")
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("BUCKET_NAME", bucket)
    proxy.inject(status(200), method="POST", path="/WriteGetObjectResponse")
    s3_of_viewer = boto3.client(
        "s3",
        endpoint_url=proxy.url,
        region_name=REGION,
        aws_access_key_id="VIEWER",
        aws_secret_access_key="example",  # noqa: S106 - moto lets everybody in
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    yield Function(bucket, s3, s3_of_viewer, proxy, capsys)
    s3_of_viewer.close()
    for thread in threading.enumerate():
        if isinstance(thread, Task):
            thread.join()
    for address in (place_of(proxy.url)[0], bucket_address(bucket, region=REGION, endpoint_url=proxy.url)):
        connections(address, None).close()


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, function: Function) -> Way:
    """Each of the ways in."""
    return WAYS[request.param](function)


@pytest.fixture
def cat() -> bytes:
    """A photograph of 640 x 427 pixels, a JPEG."""
    return (IMAGES / "cat.jpg").read_bytes()
