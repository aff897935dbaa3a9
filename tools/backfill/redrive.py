"""The failure queue back through the function."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tqdm import tqdm

from tools.backfill.aws_errors import explained
from tools.backfill.deployment import Target, find_target
from tools.backfill.failure_queue import FailureQueue, Message
from tools.backfill.invocation import InvocationError, invoke
from tools.console import ToolError, printable

_AT_ONCE = 10
_LISTED = 50


@dataclass
class Summary:
    """What came of a redrive.

    Attributes:
        done: how many events succeeded; they are out of the queue.
        reasons: why the others failed again; they are back in the queue.
        hidden: how many events another process held when it began.
    """

    done: int = 0
    reasons: list[str] = field(default_factory=list)
    hidden: int = 0

    def __str__(self) -> str:
        """A sentence, and a line for each of the first events that failed again."""
        total, failed = self.done + len(self.reasons), len(self.reasons)
        lines = [f"{total:,} events: {self.done:,} done, {failed:,} failed again and are back in the queue."]
        lines += [f"  {printable(reason)}" for reason in self.reasons[:_LISTED]]
        if failed > _LISTED:
            lines.append(f"  and {failed - _LISTED:,} more")
        if self.hidden:
            lines.append(
                f"{self.hidden:,} more were held by another redrive, or one that was broken off: "
                "they are in the queue again within 15 minutes."
            )
        return "\n".join(lines)


def redrive(*, local: bool = False) -> None:
    """Send every event of the failure queue through the function again, and take away those that succeed.

    Args:
        local: on the running local stack instead of in AWS.

    Raises:
        ToolError: an event failed again; it is back in the queue.
    """
    with explained():
        summary = redriven(find_target(local=local))
    if summary.reasons:
        raise ToolError(str(summary))
    print(summary)


def redriven(target: Target) -> Summary:
    """Do it, with a progress bar. An event that failed again is not tried twice."""
    queue = FailureQueue(target.queues, target.deployment.failure_queue_url)

    def attempt(message: Message) -> str | None:
        try:
            invoke(target.functions, target.deployment.function_arn, message.event())
        except InvocationError as error:
            return str(error.message)
        queue.delete(message)
        return None

    waiting, hidden = queue.count()
    summary = Summary(hidden=hidden)
    with queue, tqdm(total=waiting, unit=" events") as bar, ThreadPoolExecutor(_AT_ONCE) as executor:
        for messages in queue.received():
            for reason in executor.map(attempt, messages):
                bar.update()
                if reason is None:
                    summary.done += 1
                else:
                    summary.reasons.append(reason)
    return summary
