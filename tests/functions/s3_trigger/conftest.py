"""The function as Lambda calls it, between two buckets of moto behind a proxy."""

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
from s3_trigger.handler import lambda_handler, s3_client

from tests.libs.s3_http.fault_proxy import FaultProxy
from tests.libs.s3_http.servers import REGION, moto_address, proxy, s3

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

__all__ = ["moto_address", "proxy", "s3"]


def picture(colour: str = "navy", size: tuple[int, int] = (600, 400), file_format: str = "PNG") -> bytes:
    """A picture of one colour."""
    buffer = BytesIO()
    Image.new("RGB", size, colour).save(buffer, format=file_format)
    return buffer.getvalue()


@dataclass(frozen=True)
class LambdaContext:
    """What Lambda passes beside the event: the time that is left, which does not pass here."""

    limit_seconds: float = 60

    def get_remaining_time_in_millis(self) -> int:
        return round(self.limit_seconds * 1000)


def key_of(record: dict[str, Any]) -> str:
    """The key of a record, as it came."""
    key: str = record["s3"]["object"]["key"]
    return key


@dataclass
class Trigger:
    """A deployment: its buckets, its function, and what the function's log says."""

    source: str
    destination: str
    s3: "S3Client"
    proxy: FaultProxy
    capsys: pytest.CaptureFixture[str]
    sequence: Iterator[int] = field(default_factory=itertools.count)
    bodies: list["StreamingBody"] = field(default_factory=list)

    def upload(self, key: str, data: bytes, *, by_hand: bool = False, **more: Any) -> dict[str, Any]:
        """Store an original, or an object in the destination; the record S3 would send."""
        bucket = self.destination if by_hand else self.source
        etag = self.s3.put_object(Bucket=bucket, Key=key, Body=data, **more)["ETag"].strip('"')
        return self.record(bucket, key, etag)

    def record(self, bucket: str, key: str, etag: str = "0" * 32) -> dict[str, Any]:
        """A record of an event, as in the S3 user guide."""
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
        """The outcomes by key."""
        answer = lambda_handler({"Records": list(records)}, LambdaContext(limit_seconds))
        outcomes: dict[str, str] = answer["outcomes"]
        return outcomes

    def batch(
        self, key: str, schema: str = "1.0", *, limit_seconds: float = 60, **task: Any
    ) -> dict[str, Any]:
        """The result of a task of S3 Batch Operations."""
        named = (
            {"s3Bucket": self.source} if schema == "2.0" else {"s3BucketArn": f"arn:aws:s3:::{self.source}"}
        )
        job = {"id": "job", "userArguments": {}} if schema == "2.0" else {"id": "job"}
        answer = lambda_handler(
            {
                "invocationSchemaVersion": schema,
                "invocationId": "invocation",
                "job": job,
                "tasks": [{"taskId": "task", "s3Key": key, "s3VersionId": None, **named, **task}],
            },
            LambdaContext(limit_seconds),
        )
        assert answer["invocationSchemaVersion"] == schema
        assert answer["invocationId"] == "invocation"
        [result] = answer["results"]
        assert result["taskId"] == "task"
        found: dict[str, Any] = result
        return found

    def stored(self, key: str, *, source: bool = False) -> "GetObjectOutputTypeDef":
        """What is in the destination, or in the source."""
        found = self.s3.get_object(Bucket=self.source if source else self.destination, Key=key)
        self.bodies.append(found["Body"])
        return found

    def derivative(self, key: str) -> Image.Image:
        """A derivative, decoded."""
        image = Image.open(BytesIO(self.stored(key)["Body"].read()))
        image.load()
        return image

    def colour(self, key: str) -> tuple[int, ...]:
        """The colour in the middle of a derivative."""
        image = self.derivative(key).convert("RGB")
        found = image.getpixel((image.width // 2, image.height // 2))
        assert isinstance(found, tuple)
        return found

    def keys(self, *, source: bool = False) -> set[str]:
        """The keys of the destination, or of the source."""
        bucket = self.source if source else self.destination
        return {entry["Key"] for entry in self.s3.list_objects_v2(Bucket=bucket).get("Contents", [])}

    def writes(self) -> int:
        """How many objects the function wrote, or tried to."""
        return self.proxy.methods().count("PUT")

    def log(self) -> list[dict[str, Any]]:
        """The lines of the log since the last call."""
        return [json.loads(line) for line in self.capsys.readouterr().out.splitlines()]


@pytest.fixture
def trigger(
    s3: "S3Client", proxy: FaultProxy, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Trigger]:
    names = [f"{part}-{uuid4()}" for part in ("source", "destination")]
    for name in names:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    environment = {
        "AWS_ACCESS_KEY_ID": "example",
        "AWS_SECRET_ACCESS_KEY": "example",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": proxy.url,
        "SOURCE_BUCKET": names[0],
        "DESTINATION_BUCKET": names[1],
        "SOURCE_PREFIX": "source-folder/",
        "RESTORE_PREFIX": "restore-folder/",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0)
    s3_client.cache_clear()
    trigger = Trigger(names[0], names[1], s3, proxy, capsys)
    yield trigger
    for body in trigger.bodies:
        body.close()  # a body that nobody read keeps its socket open
    s3_client().close()
    s3_client.cache_clear()
