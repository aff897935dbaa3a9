"""Fixtures: the function between two buckets of moto, behind a proxy that injects faults."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus
from uuid import uuid4

import pytest
from botocore.retries.standard import ExponentialBackoff
from PIL import Image
from s3_http import parse_address, shared_connections
from s3_trigger.handler import lambda_handler, s3_client

from tests.functions.context import LambdaContext
from tests.functions.purge_queue import ReceivingQueue, sqs
from tests.libs.s3_http.fault_proxy import FaultProxy
from tests.libs.s3_http.servers import REGION, create_bucket, moto_address, proxy, s3

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef
    from mypy_boto3_sqs import SQSClient

__all__ = ["moto_address", "proxy", "s3", "sqs"]


def make_image(colour: str = "navy", size: tuple[int, int] = (600, 400), file_format: str = "PNG") -> bytes:
    """Return an image of one colour; `size` is width and height in pixels."""
    buffer = BytesIO()
    Image.new("RGB", size, colour).save(buffer, format=file_format)
    return buffer.getvalue()


@dataclass
class Trigger:
    """A deployment of the function, with methods to upload, invoke and inspect."""

    source: str
    destination: str
    s3: "S3Client"
    queue: ReceivingQueue
    proxy: FaultProxy
    capsys: pytest.CaptureFixture[str]
    sequence: Iterator[int] = field(default_factory=itertools.count)
    bodies: list["StreamingBody"] = field(default_factory=list)

    def upload(self, key: str, data: bytes, *, manual: bool = False, **options: Any) -> dict[str, Any]:
        """Store an original, or a manual upload in the destination; return the record that S3 sends."""
        bucket = self.destination if manual else self.source
        etag = self.s3.put_object(Bucket=bucket, Key=key, Body=data, **options)["ETag"].strip('"')
        return self.record(bucket, key, etag)

    def record(self, bucket: str, key: str, etag: str = "0" * 32) -> dict[str, Any]:
        """Return a record as in the S3 user guide, "Event message structure"."""
        return {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": REGION,
            "eventTime": "2026-01-01T00:00:00.000Z",
            "eventName": "ObjectCreated:Put",
            "s3": {
                "s3SchemaVersion": "1.0",
                "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
                "object": {
                    "key": quote_plus(key, safe="/"),
                    "eTag": etag,
                    "sequencer": f"{next(self.sequence):018X}",
                },
            },
        }

    def handle(self, *records: Any, limit_seconds: float = 60) -> dict[str, str]:
        """Invoke the function with records; return the outcomes by key."""
        response = lambda_handler({"Records": list(records)}, LambdaContext(limit_seconds))
        outcomes: dict[str, str] = response["outcomes"]
        return outcomes

    def batch(
        self, key: str, schema: str = "1.0", *, limit_seconds: float = 60, **task: Any
    ) -> dict[str, Any]:
        """Invoke the function with a task of S3 Batch Operations; return the result."""
        bucket = (
            {"s3Bucket": self.source} if schema == "2.0" else {"s3BucketArn": f"arn:aws:s3:::{self.source}"}
        )
        job = {"id": "job", "userArguments": {}} if schema == "2.0" else {"id": "job"}
        response = lambda_handler(
            {
                "invocationSchemaVersion": schema,
                "invocationId": "invocation",
                "job": job,
                "tasks": [{"taskId": "task", "s3Key": key, "s3VersionId": None, **bucket, **task}],
            },
            LambdaContext(limit_seconds),
        )
        assert response["invocationSchemaVersion"] == schema
        assert response["invocationId"] == "invocation"
        [result] = response["results"]
        assert result["taskId"] == "task"
        found: dict[str, Any] = result
        return found

    def read_object(self, key: str, *, source: bool = False) -> "GetObjectOutputTypeDef":
        """Return an object of the destination, or of the source."""
        found = self.s3.get_object(Bucket=self.source if source else self.destination, Key=key)
        self.bodies.append(found["Body"])
        return found

    def derivative(self, key: str) -> Image.Image:
        """Return a decoded derivative."""
        image = Image.open(BytesIO(self.read_object(key)["Body"].read()))
        image.load()
        return image

    def colour(self, key: str) -> tuple[int, ...]:
        """Return the colour in the middle of a derivative."""
        image = self.derivative(key).convert("RGB")
        found = image.getpixel((image.width // 2, image.height // 2))
        assert isinstance(found, tuple)
        return found

    def keys(self, *, source: bool = False) -> set[str]:
        """Return the keys of the destination, or of the source."""
        bucket = self.source if source else self.destination
        return {entry["Key"] for entry in self.s3.list_objects_v2(Bucket=bucket).get("Contents", [])}

    def writes(self) -> int:
        """Return the number of PUT requests of the function."""
        return self.proxy.methods().count("PUT")

    def log(self) -> list[dict[str, Any]]:
        """Return the log lines since the last call."""
        return [json.loads(line) for line in self.capsys.readouterr().out.splitlines()]


@pytest.fixture
def trigger(
    s3: "S3Client",
    sqs: "SQSClient",
    proxy: FaultProxy,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Trigger]:
    names = [f"{part}-{uuid4()}" for part in ("source", "destination")]
    for name in names:
        create_bucket(name)
    queue = ReceivingQueue(sqs, sqs.create_queue(QueueName=names[0])["QueueUrl"], names[0])
    environment = {
        "AWS_ACCESS_KEY_ID": "example",
        "AWS_SECRET_ACCESS_KEY": "example",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": proxy.url,
        "SOURCE_BUCKET": names[0],
        "DESTINATION_BUCKET": names[1],
        "SOURCE_PREFIX": "source-folder/",
        "RESTORE_PREFIX": "restore-folder/",
        "PURGE_QUEUE_URL": queue.url,
    }
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0)
    s3_client.cache_clear()
    trigger = Trigger(names[0], names[1], s3, queue, proxy, capsys)
    yield trigger
    for body in trigger.bodies:
        body.close()  # an unread body keeps a socket open
    s3_client().close()
    s3_client.cache_clear()
    shared_connections(parse_address(proxy.url), None).close()
