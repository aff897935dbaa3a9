"""A stack with the variant s3_trigger and both triggers, and a proxy between the function and S3."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import numpy as np
import pytest
from PIL import Image

from tests.local.s3_proxy import S3Proxy
from tools.backfill.outputs import TriggerOutputs
from tools.deployment import Deployment
from tools.local import StackOptions
from tools.local.stack import Stack
from tools.paths import SAMPLES

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

PREFIX = "source-folder/"


def make_image(width: int = 600, height: int = 400, file_format: str = "PNG") -> bytes:
    """Return an image with a red gradient to the left and a green gradient to the bottom."""
    y, x = np.mgrid[0:height, 0:width]
    bands = [255 - x * 255 // width, y * 255 // height, np.full_like(x, 60)]
    buffer = BytesIO()
    Image.fromarray(np.stack(bands, axis=-1).astype(np.uint8)).save(buffer, format=file_format)
    return buffer.getvalue()


def wait_until[Found](
    find: Callable[[], Found | None], *, seconds: float = 60, every_seconds: float = 0.1
) -> Found:
    """Return the first truthy result of a function."""
    deadline = time.monotonic() + seconds
    while True:
        found = find()
        if found:
            return found
        assert time.monotonic() < deadline, "timeout"
        time.sleep(every_seconds)


@dataclass
class Uploads:
    """The stack from the point of view of a user who uploads images."""

    stack: Stack
    deployment: Deployment[TriggerOutputs]
    proxy: S3Proxy

    @property
    def source(self) -> str:
        """Name of the source bucket."""
        return self.deployment.outputs.source_bucket

    @property
    def destination(self) -> str:
        """Name of the destination bucket."""
        return self.deployment.outputs.destination_bucket

    def put(self, name: str, body: bytes, **more: Any) -> str:
        """Upload an original below the prefix, and return the ETag."""
        response = self.stack.s3.put_object(Bucket=self.source, Key=f"{PREFIX}{name}", Body=body, **more)
        return response["ETag"].strip('"')

    def find_derivative(self, name: str) -> "GetObjectOutputTypeDef | None":
        """Return an object in the destination bucket; None if there is none."""
        try:
            return self.stack.s3.get_object(Bucket=self.destination, Key=name)
        except self.stack.s3.exceptions.NoSuchKey:
            return None

    def wait_for_derivative(
        self, name: str, etag: str | None = None
    ) -> tuple[Image.Image, "GetObjectOutputTypeDef"]:
        """Wait for the derivative of an original, with this ETag if given."""

        def find() -> "GetObjectOutputTypeDef | None":
            found = self.find_derivative(name)
            return found if found and etag in (None, found["Metadata"].get("source-etag")) else None

        found = wait_until(find)
        image = Image.open(BytesIO(found["Body"].read()))
        image.load()
        return image, found

    @contextmanager
    def without_notifications(self) -> Iterator[None]:
        """Disable the notifications of the source bucket temporarily."""
        s3 = self.stack.s3
        before: Any = s3.get_bucket_notification_configuration(Bucket=self.source)
        before.pop("ResponseMetadata")
        s3.put_bucket_notification_configuration(Bucket=self.source, NotificationConfiguration={})
        try:
            yield
        finally:
            s3.put_bucket_notification_configuration(Bucket=self.source, NotificationConfiguration=before)

    @contextmanager
    def without_retries(self) -> Iterator[None]:
        """Send failed events to the failure queue without a retry."""
        functions, name = self.deployment.functions, self.deployment.outputs.function_arn
        found = functions.get_function_event_invoke_config(FunctionName=name)
        # MiniStack replaces the whole configuration.
        queue = found["DestinationConfig"]
        functions.put_function_event_invoke_config(
            FunctionName=name, MaximumRetryAttempts=0, DestinationConfig=queue
        )
        try:
            yield
        finally:
            functions.put_function_event_invoke_config(
                FunctionName=name,
                MaximumRetryAttempts=found["MaximumRetryAttempts"],
                MaximumEventAgeInSeconds=found["MaximumEventAgeInSeconds"],
                DestinationConfig=queue,
            )

    def record(self, name: str, etag: str = "", sequencer: str = "") -> dict[str, Any]:
        """Return a record of an S3 event for an original."""
        about = {"key": quote_plus(f"{PREFIX}{name}"), "eTag": etag, "sequencer": sequencer}
        return {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": self.source}, "object": about}}

    def send(self, *records: dict[str, Any]) -> None:
        """Invoke the function asynchronously with one event, without an upload."""
        self.deployment.functions.invoke(
            FunctionName=self.deployment.outputs.function_arn,
            InvocationType="Event",
            Payload=json.dumps({"Records": records}).encode(),
        )

    def count_outcomes(self, key: str) -> Counter[str]:
        """Return outcome => number of log lines for a key."""
        logs = self.stack.emulator.session().client("logs", endpoint_url=self.stack.emulator_url)
        group = "/aws/lambda/" + self.deployment.outputs.function_arn.rpartition(":")[2]
        outcomes: Counter[str] = Counter()
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, filterPattern=f'"{key}"')
        for page in pages:
            for event in page["events"]:
                for line in event["message"].splitlines():
                    if line.startswith('{"timestamp"') and json.loads(line).get("key") == key:
                        outcomes[json.loads(line)["outcome"]] += 1
        return outcomes

    def wait_for_outcomes(self, key: str, number: int) -> Counter[str]:
        """Wait for a number of log lines for a key, and return the outcomes."""
        wait_until(lambda: self.count_outcomes(key).total() >= number)
        return self.count_outcomes(key)

    def list_failures(self) -> list[dict[str, Any]]:
        """Return the messages in the failure queue without removing them."""
        messages = self.deployment.queues.receive_message(
            QueueUrl=self.deployment.outputs.failure_queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0
        ).get("Messages", [])
        return [json.loads(message["Body"]) for message in messages]

    def wait_for_failure(self, word: str) -> dict[str, Any]:
        """Wait for a message in the failure queue that contains a word."""
        return wait_until(
            lambda: next((found for found in self.list_failures() if word in json.dumps(found)), None)
        )


def trigger_options(folder: Path, images: Path, proxy: S3Proxy) -> StackOptions:
    return StackOptions(
        folder=folder,
        variants=["s3_trigger"],
        images=images,
        variables={"s3_trigger": {"restore_on_manual_upload": True, "suffixes": [".jpg", ".png", ".webp"]}},
        emulator_environment={
            "AWS_ENDPOINT_URL": proxy.url,
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.2",
        },
    )


@pytest.fixture(scope="session")
def uploads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Uploads]:
    folder = tmp_path_factory.mktemp("trigger")
    empty = folder / "images"
    empty.mkdir()
    (empty / "first.jpg").write_bytes((SAMPLES / "cat.jpg").read_bytes())
    with S3Proxy() as proxy, Stack(trigger_options(folder / "stack", empty, proxy)) as running:
        proxy.emulator_url = running.emulator_url
        deployment = Deployment(
            session=running.emulator.session(),
            endpoint_url=running.emulator_url,
            outputs=TriggerOutputs.from_terraform(running.outputs),
        )
        yield Uploads(running, deployment, proxy)
