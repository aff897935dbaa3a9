"""Retry of the events in the failure queue."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tqdm import tqdm

from tools.backfill.aws_errors import explain_aws_errors
from tools.backfill.failure_queue import FailureQueue, Message
from tools.backfill.invocation import InvocationError, invoke
from tools.backfill.outputs import TriggerOutputs
from tools.console import ToolError, printable
from tools.deployment import Deployment, find_deployment

_CONCURRENCY = 10
_MAX_LISTED = 50


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


def redrive(*, local: bool = False) -> None:
    """Retry every event of the failure queue, delete the events that succeed, and print a summary.

    Args:
        local: work on the running local stack instead of AWS.

    Raises:
        ToolError: an event failed again, or the queue could not be read.
    """
    with explain_aws_errors():
        summary = run_redrive(
            find_deployment(TriggerOutputs.from_terraform, variant=TriggerOutputs.VARIANT, local=local)
        )
    if summary.reasons:
        raise ToolError(str(summary))
    print(summary)


def run_redrive(deployment: Deployment[TriggerOutputs]) -> Summary:
    """Retry every event of the failure queue once, with a progress bar."""
    queue = FailureQueue(deployment.queues, deployment.outputs.failure_queue_url)

    def retry(message: Message) -> str | None:
        try:
            invoke(deployment.functions, deployment.outputs.function_arn, message.parse_event())
        except InvocationError as error:
            return str(error.message)
        queue.delete(message)
        return None

    visible, hidden = queue.count()
    summary = Summary(hidden=hidden)
    with queue, tqdm(total=visible, unit=" events") as bar, ThreadPoolExecutor(_CONCURRENCY) as executor:
        for messages in queue.receive_all():
            for reason in executor.map(retry, messages):
                bar.update()
                if reason is None:
                    summary.succeeded += 1
                else:
                    summary.reasons.append(reason)
    return summary
