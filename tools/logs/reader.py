"""Read the lines of the functions from CloudWatch Logs, from all Regions at the same time."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError

from tools.backfill.aws_errors import AWS_ERRORS, NOT_ACCEPTED, explain
from tools.deployment import Deployment
from tools.logs.sources import LogGroup, list_groups
from tools.logs.summary import Summary

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

# FilterLogEvents costs nothing, unlike a query of Logs Insights, and percentiles of several Regions can only
# be computed from the lines. CloudWatch limits the requests per second and Region, which the retries absorb.
_CLIENT_CONFIG = Config(
    connect_timeout=5, read_timeout=60, retries={"mode": "adaptive", "total_max_attempts": 10}
)
_CONCURRENCY = 16
# The code with which CloudWatch refuses FilterLogEvents in a log group of this class:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html
_REFUSED_BY_CLASS = "InvalidOperationException"
_INFREQUENT_ACCESS = (
    "Log groups of the class INFREQUENT_ACCESS can be read by CloudWatch Logs Insights only: "
    'query them there, or set log_class = "STANDARD".'
)
# Lines of Lambda itself (START, REPORT) have no outcome.
_PATTERN = '{ $.outcome = "*" }'


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A group that could not be read, with a sentence that names the cause."""

    group: LogGroup
    sentence: str


def read_logs(deployment: Deployment[Mapping[str, str]], since_ms: int) -> tuple[Summary, list[Failure]]:
    """Read all groups of a deployment.

    Args:
        deployment: the deployment, with function => ARN.
        since_ms: time of the oldest line, in milliseconds since 1970.

    Returns:
        The lines of all Regions, and the groups that could not be read. A group that does not exist has no
        lines, as does a Region that is not enabled in the account.
    """
    groups = list_groups(deployment)
    # boto3 cannot create clients in several threads.
    clients: dict[str, CloudWatchLogsClient] = {
        region: deployment.session.client(
            "logs", region_name=region, endpoint_url=deployment.endpoint_url, config=_CLIENT_CONFIG
        )
        for region in sorted({group.region for group in groups})
    }
    summary = Summary()

    def read(group: LogGroup) -> Failure | None:
        try:
            for line in _read_lines(clients[group.region], group.name, since_ms):
                summary.add(group.function, group.region, line)
        except AWS_ERRORS as error:
            if _is_absent(error, group):
                return None
            sentence = _INFREQUENT_ACCESS if _find_code(error) == _REFUSED_BY_CLASS else explain(error)
            return Failure(group=group, sentence=sentence)
        return None

    with ThreadPoolExecutor(_CONCURRENCY) as executor:
        failures = [failure for failure in executor.map(read, groups) if failure]
    return summary, failures


def _read_lines(client: "CloudWatchLogsClient", group: str, since_ms: int) -> Iterator[dict[str, Any]]:
    pages = client.get_paginator("filter_log_events").paginate(
        logGroupName=group, startTime=since_ms, filterPattern=_PATTERN
    )
    for page in pages:
        for event in page["events"]:
            if line := parse_line(event.get("message", "")):
                yield line


def parse_line(message: str) -> dict[str, Any] | None:
    """Return the fields of a line of a function; None for any other line."""
    try:
        line = json.loads(message)
    except ValueError:
        return None
    return line if isinstance(line, dict) and isinstance(line.get("outcome"), str) else None


def _is_absent(error: Exception, group: LogGroup) -> bool:
    code = _find_code(error)
    # A Region that is not enabled does not accept the credentials that the home Region accepts.
    return code == "ResourceNotFoundException" or (code in NOT_ACCEPTED and not group.is_home)


def _find_code(error: Exception) -> str:
    """Return the code of a response; an empty string if there was no response."""
    return error.response["Error"].get("Code", "") if isinstance(error, ClientError) else ""
