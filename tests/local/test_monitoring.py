"""The module `monitoring` on the local stack: filters over real log lines, alarms and the dashboard."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.metric_filters import compile_pattern, extract_metrics
from tests.local.s3_proxy import Fault, S3Proxy
from tests.local.viewer import Viewer
from tools.local.stack import Stack
from tools.logs.reader import parse_line

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

pytestmark = pytest.mark.xdist_group("stack")

NAMESPACE = "EdgeImages/edge-images"
METRICS = {
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
    ("AWS/CloudFront", "DistributionId", "Region"): {
        "4xxErrorRate",
        "5xxErrorRate",
        "BytesDownloaded",
        "CacheHitRate",
        "LambdaExecutionError",
        "LambdaLimitExceededErrors",
        "LambdaValidationError",
        "OriginLatency",
        "Requests",
    },
    # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    ("AWS/Lambda", "FunctionName"): {"Duration", "Errors", "Invocations", "Throttles"},
    ("AWS/SQS", "QueueName"): {"ApproximateNumberOfMessagesVisible"},
}
"""Metrics of AWS by namespace and dimensions."""


@pytest.fixture(scope="module")
def logs(stack: Stack) -> "CloudWatchLogsClient":
    return stack.emulator.session().client("logs", endpoint_url=stack.emulator_url)


@pytest.fixture(scope="module")
def cloudwatch(stack: Stack) -> Any:
    return stack.emulator.session().client("cloudwatch", endpoint_url=stack.emulator_url)


@pytest.fixture(scope="module")
def filters(logs: "CloudWatchLogsClient") -> list[Any]:
    """The filters that Terraform created."""
    return list(logs.describe_metric_filters()["metricFilters"])


@pytest.fixture(scope="module")
def edge_filters(filters: list[Any]) -> list[Any]:
    """The filters on the log of edge_resize."""
    return [one for one in filters if one["logGroupName"].startswith("/aws/lambda/us-east-1.")]


def read_lines(stack: Stack, logs: "CloudWatchLogsClient", since: float) -> list[dict[str, Any]]:
    name = stack.outputs["function_arns"]["edge_resize"].split(":")[6]
    events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}", startTime=round(since * 1000))[
        "events"
    ]
    return [line for event in events if (line := parse_line(event["message"]))]


def test_metrics_of_real_lines(
    stack: Stack,
    logs: "CloudWatchLogsClient",
    edge_filters: list[Any],
    viewer: Viewer,
    put: Callable[..., str],
) -> None:
    key, broken, since = (
        put("metrics/cat.jpg", "cat.jpg"),
        put("metrics/a.jpg", body=b"no image"),
        time.time(),
    )
    assert [viewer.get(key, query).status for query in ("size=S", "size=M")] == [200, 200]
    assert viewer.get(broken, "size=S").status == 415
    assert viewer.get("metrics/missing.jpg", "size=S").status == 404
    lines = read_lines(stack, logs, since)
    metrics = {metric: values for (metric, _), values in extract_metrics(edge_filters, lines).items()}
    made = [line for line in lines if line["outcome"] == "made"]
    assert metrics == {
        "DerivativeBytes": [line["derivative_bytes"] for line in made],
        "Derivatives": [1, 1],
        "OriginalBytes": [line["original_bytes"] for line in made],
        "Refusals": [1, 1],
        # A broken file takes time too.
        "TransformTime": [line["spent_ms"]["transform"] for line in lines if "transform" in line["spent_ms"]],
    }
    assert sum(metrics["OriginalBytes"]) > sum(metrics["DerivativeBytes"]) > 0


def test_faults_of_s3_raise_the_alarm(  # noqa: PLR0913, PLR0917  # fixtures
    stack: Stack,
    logs: "CloudWatchLogsClient",
    cloudwatch: Any,
    edge_filters: list[Any],
    viewer: Viewer,
    s3_proxy: S3Proxy,
    put: Callable[..., str],
) -> None:
    keys, since = [put(f"faults/{number}.jpg", "cat.jpg") for number in range(5)], time.time()
    with s3_proxy.failing(**{"HEAD faults/": Fault.RESET}):
        assert {viewer.get(key, "size=S").status for key in keys} == {302}
    metrics = extract_metrics(edge_filters, read_lines(stack, logs, since))
    faults = metrics["Faults", "edge_resize"]
    assert faults == [1] * 5
    [alarm] = cloudwatch.describe_alarms(AlarmNames=["edge-images-edge_resize-faults"])["MetricAlarms"]
    assert alarm["StateValue"] != "ALARM"
    assert (alarm["Namespace"], alarm["MetricName"]) == (NAMESPACE, "Faults")
    for age in (timedelta(minutes=5), timedelta()):
        cloudwatch.put_metric_data(
            Namespace=alarm["Namespace"],
            MetricData=[
                {
                    "MetricName": alarm["MetricName"],
                    "Dimensions": alarm["Dimensions"],
                    "Timestamp": datetime.now(UTC) - age,
                    "Value": sum(faults),
                }
            ],
        )
    deadline = time.monotonic() + 60
    while alarm["StateValue"] != "ALARM" and time.monotonic() < deadline:
        time.sleep(0.5)
        [alarm] = cloudwatch.describe_alarms(AlarmNames=[alarm["AlarmName"]])["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"


def test_each_alarm_watches_a_metric_that_exists(cloudwatch: Any, filters: list[Any]) -> None:
    alarms = cloudwatch.describe_alarms(AlarmNamePrefix="edge-images-")["MetricAlarms"]
    names = {alarm["AlarmName"].removeprefix("edge-images-") for alarm in alarms}
    assert names > {"edge_resize-faults", "regional_resize-needless-runs", "regional_resize-throttles"}
    for alarm in alarms:
        dimensions = sorted(dimension["Name"] for dimension in alarm["Dimensions"])
        check_metric(filters, alarm["Namespace"], alarm["MetricName"], dimensions)


def test_the_dashboard(cloudwatch: Any, filters: list[Any]) -> None:
    """Check the rules of AWS's page "Dashboard Body Structure and Syntax"."""
    body = json.loads(cloudwatch.get_dashboard(DashboardName="edge-images")["DashboardBody"])
    assert body.keys() == {"widgets"}
    cells: set[tuple[int, int]] = set()
    for widget in body["widgets"]:
        assert widget.keys() == {"type", "x", "y", "width", "height", "properties"}
        covered = {
            (widget["x"] + x, widget["y"] + y)
            for x in range(widget["width"])
            for y in range(widget["height"])
        }
        assert all(x < 24 for x, _ in covered)
        assert not cells & covered
        cells |= covered
        check = {"metric": check_metric_widget, "log": check_log_widget}[widget["type"]]
        check(filters, widget["properties"])
    assert {widget["type"] for widget in body["widgets"]} == {"metric", "log"}


def check_metric_widget(filters: list[Any], properties: dict[str, Any]) -> None:
    assert properties.keys() == {"title", "metrics", "stat", "period", "region", "view"}
    assert properties["view"] == "timeSeries"
    assert properties["period"] % 60 == 0
    assert 1 <= len(properties["metrics"]) <= 100
    ids = {
        metric[-1]["id"]
        for metric in properties["metrics"]
        if isinstance(metric[-1], dict) and "id" in metric[-1]
    }
    for metric in properties["metrics"]:
        if isinstance(metric[0], dict):
            assert set(metric[0]["expression"].split()) - {"-"} <= ids - {metric[0]["id"]}
            continue
        names = [part for part in metric if isinstance(part, str)]
        check_metric(filters, names[0], names[1], sorted(names[2::2]))
        assert isinstance(metric[-1], str) or metric[-1].keys() <= {"id", "label", "region", "stat"}


def check_log_widget(filters: list[Any], properties: dict[str, Any]) -> None:
    assert properties.keys() == {"title", "query", "region", "view"}
    groups = {one["logGroupName"] for one in filters}
    assert properties["query"].split("'")[1] in groups
    assert properties["view"] == "table"


def check_metric(filters: list[Any], namespace: str, metric: str, dimensions: list[str]) -> None:
    transformations = [transformation for one in filters for transformation in one["metricTransformations"]]
    own = {
        (one["metricNamespace"], one["metricName"], *sorted(one.get("dimensions", {})))
        for one in transformations
    }
    assert (namespace, metric, *dimensions) in own or metric in METRICS.get((namespace, *dimensions), ())


def test_saved_queries(logs: "CloudWatchLogsClient") -> None:
    found = logs.describe_query_definitions(queryDefinitionNamePrefix="edge-images/")["queryDefinitions"]
    names = ("outcomes", "refusals", "savings", "slowest")
    assert {query["name"] for query in found} == {
        f"edge-images/{folder}{name}" for folder in ("", "edge/") for name in names
    }


LINE = {
    "outcome": "responded",
    "status": 503,
    "level": "WARNING",
    "spent_ms": {"fetch": 3},
    "logger": "object_lambda",
}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ('{ $.outcome = "responded" }', True),
        ('{ $.outcome = "resp*" }', True),
        ('{ $.outcome != "responded" }', False),
        ('{ $.missing != "responded" }', False),
        ("{ $.status >= 500 }", True),
        ("{ $.status < 503 }", False),
        ("{ $.status = 503 }", True),
        ("{ $.outcome > 1 }", False),
        ("{ $.spent_ms.fetch <= 3 }", True),
        ("{ $.spent_ms.transform >= 0 }", False),
        ('{ ($.status >= 400) && ($.status < 500) || ($.level = "WARNING") }', True),
        ('{ (($.status >= 400) && ($.status < 500)) && ($.level = "WARNING") }', False),
    ],
)
def test_a_pattern(pattern: str, expected: bool) -> None:  # noqa: FBT001  # a row of the table
    assert compile_pattern(pattern)(LINE) is expected
