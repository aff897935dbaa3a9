"""The failure queue: what Lambda gave up, each message held while it is worked on."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import batched
from types import TracebackType
from typing import TYPE_CHECKING, Self

from tools.backfill.invocation import InvocationError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# A message that is worked on is hidden so long, more than ten invocations side by side can take. If this
# process is killed meanwhile it is back in the queue then.
_HIDDEN_SECONDS = 900
_MESSAGES_AT_ONCE = 10
# Long polling asks all of SQS's servers: no message is overlooked.
_WAIT_SECONDS = 2


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message as it was received."""

    message_id: str
    receipt_handle: str
    body: str

    def event(self) -> object:
        """What the function was called with, out of what Lambda tells a destination of the failure.

        Lambda developer guide, "Retaining records of asynchronous invocations": `requestPayload` has it.

        Raises:
            InvocationError: it does not come from Lambda.
        """
        try:
            event: object = json.loads(self.body)["requestPayload"]
        except (ValueError, KeyError, TypeError) as error:
            raise InvocationError(
                f"The message {self.message_id} is no failure that Lambda tells of: look at it and delete it."
            ) from error
        return event


class FailureQueue:
    """The queue. When it is left, what was received and not deleted is visible again at once."""

    def __init__(self, queues: "SQSClient", url: str) -> None:
        """Name it; no call is made."""
        self._queues = queues
        self._url = url
        self._held: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Begin to hold messages."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give back what is held."""
        for handles in batched(self._held.values(), _MESSAGES_AT_ONCE, strict=False):
            self._queues.change_message_visibility_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                    for number, handle in enumerate(handles)
                ],
            )

    def count(self) -> tuple[int, int]:
        """About how many messages are in the queue, and how many more somebody holds."""
        found = self._queues.get_queue_attributes(
            QueueUrl=self._url,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )["Attributes"]
        return (
            int(found["ApproximateNumberOfMessages"]),
            int(found["ApproximateNumberOfMessagesNotVisible"]),
        )

    def received(self) -> Iterator[list[Message]]:
        """All messages, a few at a time, each once: one that comes back in a long redrive is held again."""
        while found := self._queues.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=_MESSAGES_AT_ONCE,
            VisibilityTimeout=_HIDDEN_SECONDS,
            WaitTimeSeconds=_WAIT_SECONDS,
        ).get("Messages"):
            messages = [
                Message(message_id=one["MessageId"], receipt_handle=one["ReceiptHandle"], body=one["Body"])
                for one in found
            ]
            fresh = [message for message in messages if message.message_id not in self._held]
            self._held |= {message.message_id: message.receipt_handle for message in messages}
            if fresh:
                yield fresh

    def delete(self, message: Message) -> None:
        """Take away a message that is done."""
        self._queues.delete_message(QueueUrl=self._url, ReceiptHandle=message.receipt_handle)
        del self._held[message.message_id]
