"""Events that invoke the function: S3 event notifications and tasks of S3 Batch Operations."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from s3_trigger.errors import EventError

BATCH_SCHEMAS = frozenset({"1.0", "2.0"})


class ObjectRef(NamedTuple):
    """The S3 object an event refers to.

    Version, ETag and sequencer of the event are ignored. Events arrive late, twice and in any order, so none
    describes the current object. HEAD does: S3 is strongly consistent.
    """

    bucket: str
    key: str


class BatchTask(NamedTuple):
    """The single task of an invocation by S3 Batch Operations.

    Attributes:
        schema: version of the event, which the response repeats, like both ids.
        ref: the object to process.
    """

    schema: str
    invocation_id: str
    task_id: str
    ref: ObjectRef


def is_batch_event(event: Any) -> bool:
    """Return whether an event comes from S3 Batch Operations."""
    return isinstance(event, Mapping) and "invocationSchemaVersion" in event


def is_test_event(event: Any) -> bool:
    """Return whether an event is the test that S3 sends when a notification is configured."""
    return isinstance(event, Mapping) and event.get("Event") == "s3:TestEvent"


def list_records(event: Any) -> list[Any]:
    """Return the records of an S3 event, not yet validated: see `parse_record`.

    Raises:
        EventError: the event has no records.
    """
    records = event.get("Records") if isinstance(event, Mapping) else None
    if not isinstance(records, list):
        raise EventError("neither an event of S3 nor a task of S3 Batch Operations")
    return records


def parse_record(record: Any) -> ObjectRef:
    """Return the object of a record.

    The key is form-encoded, with `+` for a space (S3 user guide, "Event message structure").

    Raises:
        EventError: the record names no object.
    """
    try:
        return ObjectRef(
            bucket=str(record["s3"]["bucket"]["name"]), key=unquote_plus(record["s3"]["object"]["key"])
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise EventError("a record that names no object of S3") from error


def parse_batch(event: Mapping[str, Any]) -> BatchTask:
    """Return the task of an event from S3 Batch Operations, which sends one task per invocation.

    The key is encoded as in the manifest of the job. Schema 1.0 has the ARN of the bucket, schema 2.0 the
    name (S3 user guide, "Invoke AWS Lambda function").

    Raises:
        EventError: the schema is unsupported, or the event does not have exactly one task.
    """
    schema = event["invocationSchemaVersion"]
    if schema not in BATCH_SCHEMAS:
        raise EventError(f"schema {schema!r} of S3 Batch Operations is not supported")
    try:
        [task] = event["tasks"]
        bucket = task["s3Bucket"] if schema == "2.0" else task["s3BucketArn"].rpartition(":")[2]
        return BatchTask(
            schema=schema,
            invocation_id=event["invocationId"],
            task_id=task["taskId"],
            ref=ObjectRef(bucket=bucket, key=unquote_plus(task["s3Key"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EventError("not one task of S3 Batch Operations") from error
