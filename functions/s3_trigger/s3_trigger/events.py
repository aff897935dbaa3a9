"""S3 event notifications that invoke the function."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from s3_trigger.errors import EventError


class ObjectRef(NamedTuple):
    """The S3 object an event refers to.

    Version, ETag and sequencer of the event are ignored. Events arrive late, twice and in any order, so no
    event describes the current object. HEAD does: S3 is strongly consistent.
    """

    bucket: str
    key: str


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
        raise EventError("the event is neither from S3 nor from S3 Batch Operations")
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
        raise EventError("the record names no object of S3") from error
