"""Tasks of S3 Batch Operations, and the responses to them. test_batch.py of s3_trigger has more of both."""

from typing import Any

import pytest
from batch_operations import BatchEventError, ResultCode, is_batch_event, make_response, parse_task

EVENT: dict[str, Any] = {
    "invocationSchemaVersion": "2.0",
    "invocationId": "i",
    "job": {"id": "j", "userArguments": {"a": "b"}},
    "tasks": [{"taskId": "t", "s3Bucket": "images", "s3Key": "a+b%2B%C3%BC.jpg", "s3VersionId": None}],
}


def test_a_task_and_its_response() -> None:
    task = parse_task(EVENT)
    assert (task.bucket, task.key, task.arguments) == ("images", "a b+ü.jpg", {"a": "b"})
    assert make_response(task, ResultCode.TEMPORARY_FAILURE, "x" * 2_000) == {
        "invocationSchemaVersion": "2.0",
        "treatMissingKeysAs": "PermanentFailure",
        "invocationId": "i",
        "results": [{"taskId": "t", "resultCode": "TemporaryFailure", "resultString": "x" * 1_000}],
    }


@pytest.mark.parametrize("job", [{}, {"id": "j"}, {"id": "j", "userArguments": None}])
def test_a_job_without_arguments(job: dict[str, Any]) -> None:
    assert parse_task({**EVENT, "job": job}).arguments == {}


def test_another_schema() -> None:
    with pytest.raises(BatchEventError, match=r"schema '3\.0'"):
        parse_task({**EVENT, "invocationSchemaVersion": "3.0"})


@pytest.mark.parametrize("event", [None, [], {}, {"Records": []}])
def test_other_events(event: Any) -> None:
    assert not is_batch_event(event)
