"""The queue of the function purge in moto, which receives the messages of other functions."""

import json
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.libs.s3_http.servers import moto_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_sqs import SQSClient


@pytest.fixture(scope="session")
def sqs(moto_address: tuple[str, int]) -> "Iterator[SQSClient]":
    client = moto_client("sqs", moto_address)
    yield client
    client.close()


class ReceivingQueue(NamedTuple):
    """A queue with the messages about originals of a bucket."""

    sqs: "SQSClient"
    url: str
    bucket: str

    def read(self) -> list[tuple[str, str, str]]:
        """Return kind, variant and key of the messages since the last call, delayed ones included."""
        found = []
        while self._count_delayed():
            time.sleep(0.05)
        while messages := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                event = json.loads(message["Body"])
                assert event["detail"]["bucket"] == {"name": self.bucket}
                found.append((event["detail-type"], event["source"], event["detail"]["object"]["key"]))
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def _count_delayed(self) -> int:
        """Return the number of messages that SQS does not deliver yet."""
        attributes = self.sqs.get_queue_attributes(
            QueueUrl=self.url, AttributeNames=["ApproximateNumberOfMessagesDelayed"]
        )["Attributes"]
        return int(attributes["ApproximateNumberOfMessagesDelayed"])
