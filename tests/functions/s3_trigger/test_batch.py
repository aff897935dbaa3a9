"""S3 Batch Operations: the same work, answered in its own words."""

from typing import Any

import pytest
from s3_trigger.errors import EventError
from s3_trigger.handler import lambda_handler

from tests.functions.s3_trigger.conftest import Trigger, picture
from tests.libs.s3_http.fault_proxy import status


@pytest.mark.parametrize("schema", ["1.0", "2.0"])
@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("a.png", "a.png"),
        ("two words.png", "two+words.png"),
        ("a+b.png", "a%2Bb.png"),
        ("ü.png", "%C3%BC.png"),
    ],
)
def test_a_task(trigger: Trigger, schema: str, name: str, encoded: str) -> None:
    trigger.upload(f"source-folder/{name}", picture())

    first = trigger.batch(f"source-folder/{encoded}", schema)
    again = trigger.batch(f"source-folder/{encoded}", schema, s3VersionId="x")

    assert (first["resultCode"], first["resultString"]) == ("Succeeded", "made")
    assert (again["resultCode"], again["resultString"]) == ("Succeeded", "current")
    assert trigger.derivative(name).size == (300, 300)
    assert trigger.writes() == 1


def test_the_arn_of_a_bucket_may_name_its_region(trigger: Trigger) -> None:
    trigger.upload("source-folder/a.png", picture())
    result = trigger.batch(
        "source-folder/a.png", s3BucketArn=f"arn:aws:s3:eu-west-1:123456789012:{trigger.source}"
    )
    assert result["resultString"] == "made"


@pytest.mark.parametrize(
    ("data", "metadata", "reason"),
    [
        (b"no picture", {}, "not a JPEG, PNG"),
        (picture(), {"width": "x"}, "its metadata width is 'x'"),
        (b"", {}, "not a JPEG, PNG"),
    ],
)
def test_what_never_works_is_permanent(
    trigger: Trigger, data: bytes, metadata: dict[str, str], reason: str
) -> None:
    trigger.upload("source-folder/a.png", data, Metadata=metadata)
    result = trigger.batch("source-folder/a.png")
    assert result["resultCode"] == "PermanentFailure"
    assert reason in result["resultString"]


@pytest.mark.parametrize(
    ("code", "error", "expected"),
    [
        (500, "InternalError", "TemporaryFailure"),
        (503, "SlowDown", "TemporaryFailure"),
        (400, "ExpiredToken", "TemporaryFailure"),
        (403, "AccessDenied", "PermanentFailure"),
    ],
)
def test_what_may_work_later_is_temporary(trigger: Trigger, code: int, error: str, expected: str) -> None:
    trigger.upload("source-folder/a.png", picture())
    trigger.proxy.inject(status(code, error=error), method="GET")
    result = trigger.batch("source-folder/a.png")
    assert result["resultCode"] == expected
    assert error in result["resultString"]


def test_a_deleted_object_is_nothing_to_do(trigger: Trigger) -> None:
    result = trigger.batch("source-folder/a.png")
    assert (result["resultCode"], result["resultString"]) == ("Succeeded", "gone")


@pytest.mark.parametrize(
    "event",
    [
        {"invocationSchemaVersion": "3.0", "invocationId": "x", "tasks": [{}]},
        {"invocationSchemaVersion": "1.0", "invocationId": "x", "tasks": []},
        {"invocationSchemaVersion": "1.0", "invocationId": "x", "tasks": [{}, {}]},
        {"invocationSchemaVersion": "1.0", "tasks": [{"taskId": "x"}]},
        {"invocationSchemaVersion": "1.0", "invocationId": "x", "tasks": [None]},
        {"invocationSchemaVersion": "1.0"},
    ],
)
def test_what_is_no_task(trigger: Trigger, event: Any) -> None:
    assert trigger
    with pytest.raises(EventError):
        lambda_handler(event, None)


def test_a_task_that_takes_too_long_is_tried_again(trigger: Trigger) -> None:
    trigger.upload("source-folder/a.png", picture())
    result = trigger.batch("source-folder/a.png", limit_seconds=3)
    assert result["resultCode"] == "TemporaryFailure"
    assert result["resultString"] == "The image takes too long to be made."
