"""The function, with two buckets of moto behind the fault proxy."""

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree as ET

import pytest
from image_core import OUTPUT_VERSION
from image_url import DEFAULT_SIZES, derivative_name, derivative_path, parse_query
from lambda_runtime import Task
from regional_resize.handler import lambda_handler
from s3_http import bucket_address, parse_address, shared_connections

from tests.functions.context import LambdaContext
from tests.functions.purge_queue import ReceivingQueue, sqs
from tests.libs.s3_http.fault_proxy import FaultProxy
from tests.libs.s3_http.servers import REGION, bucket, create_bucket, moto_address, proxy, s3

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client as Boto3S3Client
    from mypy_boto3_sqs import SQSClient

__all__ = ["bucket", "moto_address", "proxy", "s3", "sqs"]

EVENTS = Path(__file__).parents[2] / "events"
IMAGES = Path(__file__).parents[2] / "images"
VIEWER_URL = "/cat.jpg?w=640"


def path_of(key: str, query: str = "width=640") -> str:
    """Return the path of the derivative for a canonical query, without its first slash."""
    options = parse_query(query, DEFAULT_SIZES, default_quality=80)
    return derivative_path(key, derivative_name(options, OUTPUT_VERSION))


class ViewerResponse(NamedTuple):
    """The response of the function, with lower-case header names."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str | None:
        """The code in the error document."""
        return ET.fromstring(self.body).findtext("Code")  # noqa: S314 - ours

    @property
    def message(self) -> str:
        """The sentence in the error document."""
        return ET.fromstring(self.body).findtext("Message") or ""  # noqa: S314 - ours


@dataclass
class Region:
    """Both buckets, the queue of the function purge, the function, and its captured log."""

    originals: str
    derivatives: str
    s3: "Boto3S3Client"
    sqs: "SQSClient"
    queue_url: str
    proxy: FaultProxy
    capsys: pytest.CaptureFixture[str]

    def event(
        self,
        path: str,
        method: str = "GET",
        viewer_url: str | None = VIEWER_URL,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Return the event for a path without its first slash."""
        event: dict[str, Any] = json.loads((EVENTS / "function-url.json").read_text())
        event["rawPath"] = event["requestContext"]["http"]["path"] = f"/{path}"
        event["requestContext"]["http"]["method"] = method
        event["headers"] |= headers or {}
        if viewer_url is not None:
            event["headers"]["x-viewer-url"] = viewer_url
        return event

    def request(self, path: str, *, limit_seconds: float = 30, **more: Any) -> ViewerResponse:
        """Return the response of the function to a request for a path."""
        payload = lambda_handler(self.event(path, **more), LambdaContext(limit_seconds))
        assert payload["isBase64Encoded"]
        return ViewerResponse(
            payload["statusCode"],
            {name.lower(): value for name, value in payload["headers"].items()},
            base64.b64decode(payload["body"]),
        )

    def upload(self, key: str, body: bytes, **headers: Any) -> str:
        """Store an original and return its ETag without quotes."""
        return self.s3.put_object(Bucket=self.originals, Key=key, Body=body, **headers)["ETag"].strip('"')

    def stored(self, path: str) -> dict[str, Any]:
        """Return a derivative with its bytes as `Data`."""
        found: dict[str, Any] = {**self.s3.get_object(Bucket=self.derivatives, Key=path)}
        with found["Body"] as body:
            found["Data"] = body.read()
        return found

    def listing(self) -> list[str]:
        """Return the keys of the derivatives."""
        found = self.s3.list_objects_v2(Bucket=self.derivatives)
        return [entry["Key"] for entry in found.get("Contents", [])]

    def messages(self) -> list[tuple[str, str]]:
        """Return reason and key of the messages to purge since the last call."""
        received = ReceivingQueue(self.sqs, self.queue_url, self.originals).read()
        assert {variant for _, variant, _ in received} <= {"regional_resize"}
        return [(kind, key) for kind, _, key in received]

    def calls(self) -> list[str]:
        """Return the requests to S3 since the last call, such as `GET original`, in alphabetical order."""
        names = {self.originals: "original", self.derivatives: "derivative", "": "queue"}
        requests = [f"{each.method} {names[each.path.split('/')[1]]}" for each in self.proxy.requests]
        self.proxy.requests.clear()
        return sorted(requests)

    def log(self) -> list[dict[str, Any]]:
        """Return the lines of the log since the last call."""
        return [json.loads(line) for line in self.capsys.readouterr().out.splitlines()]


@pytest.fixture
def environment(
    bucket: str, sqs: "SQSClient", proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """The environment of the function."""
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_CA_BUNDLE", "IMAGE_CACHE_CONTROL"):
        monkeypatch.delenv(name, raising=False)
    values = {
        "AWS_ENDPOINT_URL": proxy.url,
        "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "example-key",
        "AWS_SESSION_TOKEN": "example-session",
        "AWS_REGION": REGION,
        "BUCKET_NAME": bucket,
        "DERIVATIVES_BUCKET_NAME": bucket.replace("images", "derived"),
        "PURGE_QUEUE_URL": sqs.create_queue(QueueName=bucket)["QueueUrl"],
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return values


@pytest.fixture
def region(
    environment: dict[str, str],
    s3: "Boto3S3Client",
    sqs: "SQSClient",
    proxy: FaultProxy,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Region]:
    originals, derivatives = environment["BUCKET_NAME"], environment["DERIVATIVES_BUCKET_NAME"]
    create_bucket(derivatives)
    yield Region(originals, derivatives, s3, sqs, environment["PURGE_QUEUE_URL"], proxy, capsys)
    for thread in threading.enumerate():
        if isinstance(thread, Task):
            thread.join()
    for name in (originals, derivatives):
        shared_connections(bucket_address(name, region=REGION, endpoint_url=proxy.url), None).close()
    shared_connections(parse_address(proxy.url), None).close()


@pytest.fixture
def cat() -> bytes:
    """A photograph of 640 x 427 pixels, a JPEG."""
    return (IMAGES / "cat.jpg").read_bytes()
