"""The groups of all Regions, in moto's CloudWatch Logs: no emulator has more than one Region."""

import json
import time
from collections.abc import Iterator, Mapping

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tools.console import ToolError
from tools.deployment import Deployment
from tools.logs.reader import read_logs
from tools.logs.report import show_logs
from tools.logs.sources import LogGroup, list_groups

ACCOUNT = "123456789012"
EDGE = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:images-edge-resize-1a2b3c:7"
REGIONAL = f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:images-s3-trigger"
NOW_MS = int(time.time() * 1000)


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    with mock_aws():
        yield boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")  # noqa: S106  moto takes any


@pytest.fixture
def deployment(session: boto3.Session) -> Deployment[Mapping[str, str]]:
    return Deployment(
        session=session, endpoint_url=None, outputs={"edge_resize": EDGE, "s3_trigger": REGIONAL}
    )


def log(session: boto3.Session, region: str, group: str, *lines: object, age_ms: int = 0) -> None:
    client = session.client("logs", region_name=region)
    client.create_log_group(logGroupName=group)
    client.create_log_stream(logGroupName=group, logStreamName="stream")
    client.put_log_events(
        logGroupName=group,
        logStreamName="stream",
        logEvents=[{"timestamp": NOW_MS - age_ms, "message": json.dumps(line)} for line in lines],
    )


def test_an_edge_function_has_groups_in_every_region(deployment: Deployment[Mapping[str, str]]) -> None:
    groups = list_groups(deployment)
    replicas = [group for group in groups if group.name == "/aws/lambda/us-east-1.images-edge-resize-1a2b3c"]
    assert {"us-east-1", "eu-central-1", "ap-southeast-2"} < {group.region for group in replicas}
    assert [group.region for group in replicas if group.is_home] == ["us-east-1"]
    assert [group for group in groups if group.function == "s3_trigger"] == [
        LogGroup(function="s3_trigger", region="eu-central-1", name="/aws/lambda/images-s3-trigger")
    ]


def test_lines_of_all_regions_are_read(
    deployment: Deployment[Mapping[str, str]], session: boto3.Session
) -> None:
    group = "/aws/lambda/us-east-1.images-edge-resize-1a2b3c"
    log(session, "us-east-1", group, {"outcome": "made"}, {"type": "platform.start"})
    log(session, "ap-southeast-2", group, {"outcome": "made"}, {"outcome": "found"})
    log(session, "eu-west-1", group, {"outcome": "made"}, age_ms=7_200_000)
    log(session, "eu-central-1", "/aws/lambda/images-s3-trigger", {"outcome": "current"})
    summary, failures = read_logs(deployment, NOW_MS - 3_600_000)
    assert failures == []
    edge = summary.functions["edge_resize"]
    assert edge.outcomes == {"made": 2, "found": 1}
    assert edge.regions == {"us-east-1": 1, "ap-southeast-2": 2}
    assert summary.functions["s3_trigger"].outcomes == {"current": 1}


@pytest.mark.parametrize(
    ("code", "regions_without_logs"),
    [
        ("AccessDeniedException", {"ap-southeast-2"}),
        ("UnrecognizedClientException", set()),  # a Region that is not enabled
    ],
)
def test_a_region_that_cannot_be_read_is_named(
    deployment: Deployment[Mapping[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    regions_without_logs: set[str],
) -> None:
    def refuse(client: object, group: str, since_ms: int) -> Iterator[dict[str, object]]:  # noqa: ARG001
        if client.meta.region_name == "ap-southeast-2":  # type: ignore[attr-defined]
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "FilterLogEvents")
        yield {"outcome": "made"}

    monkeypatch.setattr("tools.logs.reader._read_lines", refuse)
    summary, failures = read_logs(deployment, NOW_MS)
    assert {failure.group.region for failure in failures} == regions_without_logs
    assert summary.functions["edge_resize"].outcomes["made"] > 1


def test_groups_of_the_cheap_class_have_a_sentence_of_their_own(
    deployment: Deployment[Mapping[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The response of AWS, from https://github.com/aws/karpenter-provider-aws/pull/9567
    message = "The log group g is of log-group-class INFREQUENT_ACCESS. FilterLogEvents is not supported."

    def refuse(client: object, group: str, since_ms: int) -> Iterator[dict[str, object]]:  # noqa: ARG001
        if client.meta.region_name == "us-east-1":  # type: ignore[attr-defined]
            raise ClientError(
                {"Error": {"Code": "InvalidOperationException", "Message": message}}, "FilterLogEvents"
            )
        yield {"outcome": "made"}

    monkeypatch.setattr("tools.logs.reader._read_lines", refuse)
    _, failures = read_logs(deployment, NOW_MS)
    assert {failure.group.region for failure in failures} == {"us-east-1"}
    assert {failure.sentence.partition(" only: ")[0] for failure in failures} == {
        "Log groups of the class INFREQUENT_ACCESS can be read by CloudWatch Logs Insights"
    }


def test_credentials_that_the_home_region_refuses_are_an_error(
    deployment: Deployment[Mapping[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(client: object, group: str, since_ms: int) -> Iterator[dict[str, object]]:  # noqa: ARG001
        raise ClientError({"Error": {"Code": "ExpiredTokenException"}}, "FilterLogEvents")

    monkeypatch.setattr("tools.logs.reader._read_lines", refuse)
    _, failures = read_logs(deployment, NOW_MS)
    assert {failure.group.region for failure in failures} == {"us-east-1", "eu-central-1"}


def test_an_age_before_1970(
    deployment: Deployment[Mapping[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The first second of CloudWatch Logs is that of 1970."""
    monkeypatch.setattr("tools.logs.report.find_deployment", lambda *_, **__: deployment)
    show_logs(since="999999999d")
    assert capsys.readouterr().out == "No function logged a line in the last 999999999d.\n"


def test_an_unknown_arn_is_refused(session: boto3.Session) -> None:
    deployment = Deployment(session=session, endpoint_url=None, outputs={"edge_resize": "x"})
    with pytest.raises(ToolError, match=r"run \./invokew apply"):
        list_groups(deployment)
