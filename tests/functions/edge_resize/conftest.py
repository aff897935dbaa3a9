"""The function, with a bucket of moto behind the fault proxy."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from edge_resize.handler import lambda_handler
from lambda_runtime import Task
from PIL import Image
from s3_http import RetryPolicy, bucket_address, shared_connections

from tests.functions.context import LambdaContext
from tests.libs.s3_http.fault_proxy import FaultProxy
from tests.libs.s3_http.servers import REGION, bucket, moto_address, proxy, s3

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client as Boto3S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

__all__ = ["bucket", "moto_address", "proxy", "s3"]

EVENTS = Path(__file__).parents[2] / "events"
IMAGES = Path(__file__).parents[2] / "images"


@dataclass
class Edge:
    """A bucket, the function, and the captured log of the function."""

    bucket: str
    s3: "Boto3S3Client"
    proxy: FaultProxy
    capsys: pytest.CaptureFixture[str]
    settings: dict[str, str]
    bodies: list["StreamingBody"] = field(default_factory=list)

    def event(self, uri: str, query: str = "size=S", **changes: Any) -> dict[str, Any]:
        """Return the event for a path and a query string, with the settings of this edge."""
        event: dict[str, Any] = json.loads((EVENTS / "origin-request.json").read_text())
        request = event["Records"][0]["cf"]["request"]
        request["origin"]["s3"]["customHeaders"] = {
            name: [{"key": name, "value": value}] for name, value in self.settings.items()
        }
        request.update({"uri": uri, "querystring": query, **changes})
        return event

    def request(
        self, uri: str, query: str = "size=S", *, limit_seconds: float = 30, **changes: Any
    ) -> dict[str, Any]:
        """Return the result of the function for a path and a query string."""
        return lambda_handler(self.event(uri, query, **changes), LambdaContext(limit_seconds))

    def upload(self, key: str, body: bytes, **headers: Any) -> str:
        """Store an original and return its ETag."""
        etag: str = self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, **headers)["ETag"]
        return etag.strip('"')

    def stored(self, key: str) -> "GetObjectOutputTypeDef":
        """Return an object of the bucket."""
        found = self.s3.get_object(Bucket=self.bucket, Key=key)
        self.bodies.append(found["Body"])
        return found

    def image(self, key: str) -> Image.Image:
        """Return an image of the bucket, decoded."""
        image = Image.open(BytesIO(self.stored(key)["Body"].read()))
        image.load()
        return image

    def listing(self) -> list[str]:
        """Return the keys of the bucket."""
        return [entry["Key"] for entry in self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])]

    def log(self) -> list[dict[str, Any]]:
        """Return the lines of the log since the last call."""
        return [json.loads(line) for line in self.capsys.readouterr().out.splitlines()]


@pytest.fixture
def edge(
    bucket: str,
    s3: "Boto3S3Client",
    proxy: FaultProxy,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Edge]:
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example-key")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "example-session")
    # On a busy machine S3 would be too late.
    monkeypatch.setattr("edge_resize.handler._LOOKUP_SECONDS", 30)
    edge = Edge(
        bucket,
        s3,
        proxy,
        capsys,
        settings={
            "x-env-bucket-name": bucket,
            "x-env-bucket-region": REGION,
            "x-env-quality": "80",
            "x-env-resized-path": "resized",
        },
    )
    yield edge
    for body in edge.bodies:
        body.close()  # an unread body keeps its socket open
    for thread in threading.enumerate():
        if isinstance(thread, Task):
            thread.join()
    shared_connections(bucket_address(bucket, region=REGION, endpoint_url=proxy.url), None).close()


@pytest.fixture
def patient_client(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let attempts take a minute: on a busy machine, requests that the proxy holds arrive seconds apart."""
    address = bucket_address(edge.bucket, region=REGION, endpoint_url=edge.proxy.url)
    monkeypatch.setattr(shared_connections(address, None), "retry_policy", RetryPolicy(60, 60))


@pytest.fixture
def cat() -> bytes:
    """A photograph of 640 x 427 pixels, a JPEG."""
    return (IMAGES / "cat.jpg").read_bytes()
