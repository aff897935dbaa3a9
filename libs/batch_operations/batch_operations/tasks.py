"""Events of S3 Batch Operations and the responses to them (S3 user guide, "Invoke AWS Lambda function")."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

_SCHEMAS = frozenset({"1.0", "2.0"})
# Keeps the CSV report of a job short. The log has the whole text.
_MAX_RESULT_CHARACTERS = 1_000


class BatchEventError(Exception):
    """The event has an unsupported schema, or not exactly one task."""


class BatchTask(NamedTuple):
    """The single task of an invocation by S3 Batch Operations.

    Attributes:
        schema: version of the event. The response repeats it and both ids.
        invocation_id: id of the request that the function responds to.
        task_id: id of the task within the request.
        bucket: name of the bucket.
        key: key of the object.
        arguments: arguments of the job; empty for an event of schema 1.0.
    """

    schema: str
    invocation_id: str
    task_id: str
    bucket: str
    key: str
    arguments: Mapping[str, str]


def is_batch_event(event: Any) -> bool:
    """Return whether an event comes from S3 Batch Operations."""
    return isinstance(event, Mapping) and "invocationSchemaVersion" in event


def parse_task(event: Mapping[str, Any]) -> BatchTask:
    """Return the task of an event from S3 Batch Operations, which sends one task per invocation.

    The key is encoded as in the manifest of the job. Schema 1.0 has the ARN of the bucket, schema 2.0 the
    name.

    Raises:
        BatchEventError: the schema is unsupported, or the event does not have exactly one task.
    """
    schema = event["invocationSchemaVersion"]
    if schema not in _SCHEMAS:
        raise BatchEventError(f"schema {schema!r} of S3 Batch Operations is not supported")
    try:
        [task] = event["tasks"]
        bucket = task["s3Bucket"] if schema == "2.0" else task["s3BucketArn"].rpartition(":")[2]
        return BatchTask(
            schema=schema,
            invocation_id=event["invocationId"],
            task_id=task["taskId"],
            bucket=bucket,
            key=unquote_plus(task["s3Key"]),
            arguments=event.get("job", {}).get("userArguments") or {},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BatchEventError("the event does not have exactly one task of S3 Batch Operations") from error


class ResultCode(StrEnum):
    """The code of a result. S3 Batch Operations retries a task after a temporary failure."""

    SUCCEEDED = "Succeeded"
    TEMPORARY_FAILURE = "TemporaryFailure"
    PERMANENT_FAILURE = "PermanentFailure"


def make_response(task: BatchTask, code: ResultCode, text: str) -> dict[str, Any]:
    """Return the function's response for a task.

    Args:
        task: the task.
        code: code of the result.
        text: outcome or reason, for the report. Characters after the first 1,000 are omitted.
    """
    result = {
        "taskId": task.task_id,
        "resultCode": code.value,
        "resultString": text[:_MAX_RESULT_CHARACTERS],
    }
    return {
        "invocationSchemaVersion": task.schema,
        "treatMissingKeysAs": ResultCode.PERMANENT_FAILURE.value,
        "invocationId": task.invocation_id,
        "results": [result],
    }
