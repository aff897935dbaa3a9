"""What wakes the function: events of S3, and tasks of S3 Batch Operations."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from s3_trigger.errors import EventError

BATCH_SCHEMAS = frozenset({"1.0", "2.0"})


class Item(NamedTuple):
    """An object that something was said about.

    No event says how it is now: events come late, twice and in any order. So the event's own version, ETag
    and sequencer are left where they are, and S3 is asked, which is strongly consistent.
    """

    bucket: str
    key: str


class BatchTask(NamedTuple):
    """The one task of an invocation by S3 Batch Operations, with what the answer repeats."""

    schema: str
    invocation_id: str
    task_id: str
    item: Item


def is_batch(event: Any) -> bool:
    """Whether S3 Batch Operations speaks."""
    return isinstance(event, Mapping) and "invocationSchemaVersion" in event


def is_test(event: Any) -> bool:
    """Whether S3 tries a notification that was just set up."""
    return isinstance(event, Mapping) and event.get("Event") == "s3:TestEvent"


def records_of(event: Any) -> list[Any]:
    """The records of an event of S3, as they came: see `parse_record`.

    Raises:
        EventError: it has none.
    """
    records = event.get("Records") if isinstance(event, Mapping) else None
    if not isinstance(records, list):
        raise EventError("neither an event of S3 nor a task of S3 Batch Operations")
    return records


def parse_record(record: Any) -> Item:
    """The object of a record. Its key is encoded like a form (S3 user guide, "Event message structure").

    Raises:
        EventError: it names no object.
    """
    try:
        return Item(
            bucket=str(record["s3"]["bucket"]["name"]), key=unquote_plus(record["s3"]["object"]["key"])
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise EventError("a record that names no object of S3") from error


def parse_batch(event: Mapping[str, Any]) -> BatchTask:
    """The task of S3 Batch Operations, one in each invocation. Its key is encoded as in a manifest.

    Schema 1.0 names the bucket by its ARN, 2.0 by its name.

    Raises:
        EventError: another schema, or no task.
    """
    schema = event["invocationSchemaVersion"]
    if schema not in BATCH_SCHEMAS:
        raise EventError(f"schema {schema!r} of S3 Batch Operations is not known")
    try:
        [task] = event["tasks"]
        bucket = task["s3Bucket"] if schema == "2.0" else task["s3BucketArn"].rpartition(":")[2]
        return BatchTask(
            schema=schema,
            invocation_id=event["invocationId"],
            task_id=task["taskId"],
            item=Item(bucket=bucket, key=unquote_plus(task["s3Key"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EventError("not one task of S3 Batch Operations") from error
