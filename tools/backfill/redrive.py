"""Retry of the events in the failure queues of s3_trigger and purge."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from itertools import batched, chain
from typing import Any, Self

from tqdm import tqdm

from tools.backfill.aws_errors import explain_aws_errors
from tools.backfill.failure_queue import FailureQueue, Message
from tools.backfill.invocation import InvocationError, invoke, invoke_with_log
from tools.backfill.outputs import TriggerOutputs
from tools.console import ToolError, printable
from tools.deployment import Deployment, find_deployment

_CONCURRENCY = 10
# One invocation joins the invalidation paths of many changes: CloudFront allows 15 wildcards in progress. An
# event is below 4 kB, and Lambda accepts 6 MB.
_MAX_CHANGES = 1_000
_MAX_LISTED = 50


@dataclass(frozen=True, kw_only=True)
class FailureOutputs:
    """A function and its failure queue."""

    function_arn: str
    failure_queue_url: str

    @classmethod
    def from_terraform(cls, outputs: Mapping[str, Any]) -> dict[str, Self]:
        """Select the functions with a failure queue among all outputs of Terraform; return them by name.

        Raises:
            ToolError: no function with a failure queue is deployed.
        """
        found = {name: outputs[name] for name in ("s3_trigger", "purge") if outputs.get(name)}
        if not found:
            raise ToolError("Nothing to redrive: neither s3_trigger nor the function purge is deployed.")
        return {
            name: cls(**{field.name: each[field.name] for field in fields(cls)})
            for name, each in found.items()
        }


@dataclass
class Summary:
    """Result of a redrive.

    Attributes:
        succeeded: number of events that succeeded and were deleted from the queue.
        reasons: one reason for each event that failed again and stays in the queue.
        hidden: number of messages that another consumer had received when the redrive started.
    """

    succeeded: int = 0
    reasons: list[str] = field(default_factory=list)
    hidden: int = 0

    def __str__(self) -> str:
        """Return a sentence, and one line for each of the first events that failed again."""
        total, failed = self.succeeded + len(self.reasons), len(self.reasons)
        lines = [
            f"{total:,} events: {self.succeeded:,} done, {failed:,} failed again and are back in the queue."
        ]
        lines += [f"  {printable(reason)}" for reason in self.reasons[:_MAX_LISTED]]
        if failed > _MAX_LISTED:
            lines.append(f"  and {failed - _MAX_LISTED:,} more")
        if self.hidden:
            lines.append(
                f"{self.hidden:,} more are held by another redrive, or by one that was interrupted: "
                "they are in the queue again within 15 minutes."
            )
        return "\n".join(lines)


def redrive(*, local: bool = False, configuration: str | None = None) -> None:
    """Retry every event of the failure queues, delete those that succeed, and print a summary of each queue.

    Args:
        local: work on the running local stack instead of AWS.
        configuration: folder with the configuration of the deployment, see `find_deployment`.

    Raises:
        ToolError: an event failed again, or a queue could not be read.
    """
    with explain_aws_errors():
        summaries = run_redrives(
            find_deployment(FailureOutputs.from_terraform, local=local, configuration=configuration)
        )
    text = "\n".join(f"{name}: {summary}" for name, summary in summaries.items())
    if any(summary.reasons for summary in summaries.values()):
        raise ToolError(text)
    print(text)


def run_redrives(deployment: Deployment[dict[str, FailureOutputs]]) -> dict[str, Summary]:
    """Retry every event of every failure queue once; return name of the queue => result."""
    run = {"s3_trigger": run_redrive, "purge": run_purge_redrive}
    return {
        outputs.failure_queue_url.rpartition("/")[2]: run[name](deployment, outputs)
        for name, outputs in deployment.outputs.items()
    }


def run_redrive(deployment: Deployment[Any], outputs: FailureOutputs | TriggerOutputs) -> Summary:
    """Retry every event of s3_trigger's failure queue once, with a progress bar."""

    def retry(message: Message) -> str | None:
        try:
            invoke(deployment.functions, outputs.function_arn, message.parse_event())
        except InvocationError as error:
            return str(error.message)
        return None

    queue = FailureQueue(deployment.queues, outputs.failure_queue_url)
    with queue, ThreadPoolExecutor(_CONCURRENCY) as executor:
        return _run(queue, lambda messages: executor.map(retry, messages), _CONCURRENCY)


def run_purge_redrive(deployment: Deployment[Any], outputs: FailureOutputs) -> Summary:
    """Retry every event of purge's failure queue once, with a progress bar."""

    def retry(messages: Sequence[Message]) -> list[str | None]:
        keys, reasons = {}, {}
        for message in messages:
            try:
                keys[message.message_id] = message.parse_key()
            except InvocationError as error:
                reasons[message.message_id] = str(error.message)
        valid = [message for message in messages if message.message_id in keys]
        try:
            failed = _purge(deployment, outputs, valid, keys)
        except InvocationError as error:
            failed = dict.fromkeys(keys, str(error.message))
        reasons |= {message_id: f"{keys[message_id]}: {reason}" for message_id, reason in failed.items()}
        return [reasons.get(message.message_id) for message in messages]

    queue = FailureQueue(deployment.queues, outputs.failure_queue_url)
    with queue:
        return _run(queue, retry, _MAX_CHANGES)


def _purge(
    deployment: Deployment[Any], outputs: FailureOutputs, messages: list[Message], keys: Mapping[str, str]
) -> dict[str, str]:
    """Send messages through the function purge; return the ID of each message that failed => the reason.

    A message that moves back to its source queue would be a new one, with the receive count 1. The function
    would not invalidate if an earlier delivery has deleted the derivatives.
    """
    records = [
        {
            "messageId": message.message_id,
            "body": message.body,
            "attributes": {"ApproximateReceiveCount": "2"},
        }
        for message in messages
    ]
    response, log = invoke_with_log(deployment.functions, outputs.function_arn, {"Records": records})
    reasons = {line.get("key"): line["reason"] for line in log if line.get("outcome") == "failed"}
    # An invalidation is about many keys, so that its failure names none.
    default = reasons.get(None, f"./invokew logs{deployment.option} shows the reason")
    failed = [one["itemIdentifier"] for one in response["batchItemFailures"]]
    return {message_id: reasons.get(keys[message_id], default) for message_id in failed}


def _run(
    queue: FailureQueue,
    retry: Callable[[Sequence[Message]], Iterable[str | None]],
    max_messages: int,
) -> Summary:
    """Retry every event of a queue once.

    Args:
        queue: the queue, an entered context.
        retry: returns for each message the reason of its failure, or None if it succeeded.
        max_messages: largest number of messages that are retried at once.
    """
    visible, hidden = queue.count()
    summary = Summary(hidden=hidden)
    with tqdm(total=visible, unit=" events") as bar:
        for messages in batched(chain.from_iterable(queue.receive_all()), max_messages, strict=False):
            for message, reason in zip(messages, retry(messages), strict=True):
                bar.update()
                if reason is None:
                    queue.delete(message)
                    summary.succeeded += 1
                else:
                    summary.reasons.append(reason)
    return summary
