"""The failure queue back through the function."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tqdm import tqdm

from tools.console import ToolError
from tools.library.invocation import InvocationError, invoke
from tools.library.target import Target, find_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# A message that is worked on is hidden so long. If this process ends meanwhile it is back in the queue then.
_HIDDEN_SECONDS = 900
_MESSAGES_AT_ONCE = 10
_WAIT_SECONDS = 2


@dataclass
class Summary:
    """What came of a redrive."""

    done: int = 0
    reasons: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """A sentence, and a line for each event that failed again."""
        total = self.done + len(self.reasons)
        said = (
            f"{total} events: {self.done} done, {len(self.reasons)} failed again and are back in the queue."
        )
        return "\n".join([said, *(f"  {reason}" for reason in self.reasons)])


def redrive(*, local: bool = False) -> None:
    """Send every event of the failure queue through the function again, and take away those that succeed.

    Args:
        local: on the running local stack instead of in AWS.

    Raises:
        ToolError: an event failed again; it is back in the queue.
    """
    summary = redriven(find_target(local=local))
    if summary.reasons:
        raise ToolError(str(summary))
    print(summary)


def redriven(target: Target) -> Summary:
    """Do it, with a progress bar. An event that failed again is not tried twice."""
    queue_url, queues, functions = target.deployment.failure_queue_url, target.queues, target.functions
    summary, failed = Summary(), []

    def attempt(message: "MessageTypeDef") -> str | None:
        try:
            invoke(functions, target.deployment.function_arn, _event_of(message))
        except InvocationError as error:
            return str(error.message)
        queues.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
        return None

    with (
        tqdm(total=_waiting(queues, queue_url), unit="event") as bar,
        ThreadPoolExecutor(_MESSAGES_AT_ONCE) as executor,
    ):
        for messages in _received(queues, queue_url):
            for message, reason in zip(messages, executor.map(attempt, messages), strict=True):
                bar.update()
                if reason is None:
                    summary.done += 1
                else:
                    summary.reasons.append(reason)
                    failed.append(message["ReceiptHandle"])
    for handle in failed:
        queues.change_message_visibility(QueueUrl=queue_url, ReceiptHandle=handle, VisibilityTimeout=0)
    return summary


def _waiting(queues: "SQSClient", queue_url: str) -> int:
    found = queues.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(found["Attributes"]["ApproximateNumberOfMessages"])


def _received(queues: "SQSClient", queue_url: str) -> "Iterator[list[MessageTypeDef]]":
    while messages := queues.receive_message(
        QueueUrl=queue_url,
        MaxNumberOfMessages=_MESSAGES_AT_ONCE,
        VisibilityTimeout=_HIDDEN_SECONDS,
        WaitTimeSeconds=_WAIT_SECONDS,
    ).get("Messages"):
        yield messages


def _event_of(message: "MessageTypeDef") -> object:
    """What the function was called with, out of what Lambda tells a destination of the failure."""
    try:
        event: object = json.loads(message["Body"])["requestPayload"]
    except (ValueError, KeyError, TypeError) as error:
        raise InvocationError(f"The message {message['MessageId']} does not come from Lambda.") from error
    return event
