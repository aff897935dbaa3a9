"""The command `invoke logs`."""

import time
from operator import itemgetter

from tools.backfill.aws_errors import explain_aws_errors
from tools.console import ToolError, parse_duration
from tools.deployment import find_deployment
from tools.logs.reader import Failure, read_logs


def show_logs(*, since: str = "1h", local: bool = False, configuration: str | None = None) -> None:
    """Print outcomes, times, reasons and slowest images of all functions in all Regions.

    Args:
        since: age of the oldest line, such as `30m`, `1h` or `7d`.
        local: work on the running local stack instead of AWS.
        configuration: folder with the configuration of the deployment, see `find_deployment`.

    Raises:
        ToolError: some logs could not be read.
    """
    seconds = parse_duration(since, "since")
    with explain_aws_errors():
        deployment = find_deployment(itemgetter("function_arns"), local=local, configuration=configuration)
        summary, failures = read_logs(deployment, round(max(0, time.time() - seconds) * 1000))
    print(summary if summary.functions else f"No function logged a line in the last {since}.")
    if failures:
        raise ToolError("\n".join(_explain_failures(failures)))


def _explain_failures(failures: list[Failure]) -> list[str]:
    """Return one sentence for each cause, since a missing permission affects every Region."""
    regions: dict[str, set[str]] = {}
    for failure in failures:
        regions.setdefault(failure.sentence, set()).add(failure.group.region)
    return [f"No logs from {', '.join(sorted(names))}: {sentence}" for sentence, names in regions.items()]
