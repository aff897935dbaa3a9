"""A failure queue: events that failed too often, each hidden from other consumers while it is retried."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import batched
from types import TracebackType
from typing import TYPE_CHECKING, Self

from tools.backfill.invocation import InvocationError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# A received message stays hidden for longer than ten concurrent invocations can take. If this process is
# killed meanwhile, the message becomes visible again after this time.
_VISIBILITY_TIMEOUT_SECONDS = 900
_MAX_MESSAGES = 10  # of one request to SQS
# Long polling queries all servers of SQS. Short polling may miss messages (SQS developer guide, "Long
# polling").
_WAIT_SECONDS = 2


@dataclass(frozen=True, kw_only=True)
class Message:
    """A received message."""

    message_id: str
    receipt_handle: str
    body: str

    def parse_event(self) -> object:
        """Extract the event of the failed invocation.

        Lambda stores the event as `requestPayload` (Lambda developer guide, "Retaining records of
        asynchronous invocations").

        Raises:
            InvocationError: the message was not sent by Lambda.
        """
        try:
            event: object = json.loads(self.body)["requestPayload"]
        except (ValueError, KeyError, TypeError) as error:
            raise InvocationError(
                f"The message {self.message_id} was not sent by Lambda: inspect and delete it in the queue."
            ) from error
        return event

    def parse_key(self) -> str:
        """Extract the key of the changed original from an event of EventBridge.

        Raises:
            InvocationError: the message was not sent by EventBridge.
        """
        try:
            return str(json.loads(self.body)["detail"]["object"]["key"])
        except (ValueError, KeyError, TypeError) as error:
            raise InvocationError(
                f"The message {self.message_id} was not sent by EventBridge: "
                "inspect and delete it in the queue."
            ) from error


class FailureQueue:
    """The queue as a context: on exit, messages that were received and not deleted become visible at once."""

    def __init__(self, queues: "SQSClient", url: str) -> None:
        """Store client and URL. No request is sent."""
        self._queues = queues
        self._url = url
        self._received: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Return the queue."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Make received messages that were not deleted visible again, so that a later run can retry them."""
        for handles in batched(self._received.values(), _MAX_MESSAGES, strict=False):
            self._queues.change_message_visibility_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                    for number, handle in enumerate(handles)
                ],
            )

    def count(self) -> tuple[int, int]:
        """Return approximate numbers: visible messages, and messages that another consumer received."""
        found = self._queues.get_queue_attributes(
            QueueUrl=self._url,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )["Attributes"]
        return (
            int(found["ApproximateNumberOfMessages"]),
            int(found["ApproximateNumberOfMessagesNotVisible"]),
        )

    def receive_all(self) -> Iterator[list[Message]]:
        """Yield every message once, in batches.

        A message that becomes visible again during a long redrive is hidden again and not yielded twice.
        """
        while found := self._queues.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=_MAX_MESSAGES,
            VisibilityTimeout=_VISIBILITY_TIMEOUT_SECONDS,
            WaitTimeSeconds=_WAIT_SECONDS,
        ).get("Messages"):
            messages = [
                Message(message_id=one["MessageId"], receipt_handle=one["ReceiptHandle"], body=one["Body"])
                for one in found
            ]
            fresh = [message for message in messages if message.message_id not in self._received]
            # Only the newest receipt handle of a message is valid.
            self._received |= {message.message_id: message.receipt_handle for message in messages}
            if fresh:
                yield fresh

    def delete(self, message: Message) -> None:
        """Delete a message whose event succeeded."""
        self._queues.delete_message(QueueUrl=self._url, ReceiptHandle=message.receipt_handle)
        del self._received[message.message_id]
