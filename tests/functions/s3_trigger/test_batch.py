"""Tasks of S3 Batch Operations and their results."""

from typing import Any

import pytest
from batch_operations import BatchEventError
from s3_trigger.handler import lambda_handler

from tests.functions.s3_trigger.conftest import Trigger, make_image
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
def test_tasks_with_encoded_keys(trigger: Trigger, schema: str, name: str, encoded: str) -> None:
    trigger.upload(f"source-folder/{name}", make_image())

    first = trigger.batch(f"source-folder/{encoded}", schema)
    again = trigger.batch(f"source-folder/{encoded}", schema, s3VersionId="x")

    assert (first["resultCode"], first["resultString"]) == ("Succeeded", "made")
    assert (again["resultCode"], again["resultString"]) == ("Succeeded", "current")
    assert trigger.derivative(name).size == (300, 300)
    assert trigger.writes() == 1


def test_the_arn_of_a_bucket_may_name_its_region(trigger: Trigger) -> None:
    trigger.upload("source-folder/a.png", make_image())
    result = trigger.batch(
        "source-folder/a.png", s3BucketArn=f"arn:aws:s3:eu-west-1:123456789012:{trigger.source}"
    )
    assert result["resultString"] == "made"


@pytest.mark.parametrize(
    ("data", "metadata", "reason"),
    [
        (b"no image", {}, "not a JPEG, PNG"),
        (make_image(), {"width": "x"}, "its metadata width is 'x'"),
        (b"", {}, "not a JPEG, PNG"),
    ],
)
def test_permanent_failures(trigger: Trigger, data: bytes, metadata: dict[str, str], reason: str) -> None:
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
def test_failures_of_s3_are_temporary_unless_access_is_denied(
    trigger: Trigger, code: int, error: str, expected: str
) -> None:
    trigger.upload("source-folder/a.png", make_image())
    trigger.proxy.inject(status(code, error=error), method="GET")
    result = trigger.batch("source-folder/a.png")
    assert result["resultCode"] == expected
    assert error in result["resultString"]


def test_a_deleted_object_succeeds(trigger: Trigger) -> None:
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
def test_invalid_events(trigger: Trigger, event: Any) -> None:
    assert trigger
    with pytest.raises(BatchEventError):
        lambda_handler(event, None)


@pytest.mark.usefixtures("patient_parent")
def test_a_missed_deadline_is_temporary(trigger: Trigger) -> None:
    trigger.upload("source-folder/a.png", make_image())
    result = trigger.batch("source-folder/a.png", limit_seconds=3)
    assert result["resultCode"] == "TemporaryFailure"
    assert result["resultString"] == "The image takes too long to be made."
