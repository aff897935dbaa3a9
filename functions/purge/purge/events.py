"""Events that invoke the function: messages of SQS about changed originals, and requests of a command."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from purge.errors import EventError


class Message(NamedTuple):
    """A message about a changed original.

    Version, ETag and time of the change are ignored: see `derivatives.head_original`.

    Attributes:
        message_id: ID in the response that makes SQS deliver the message again.
        key: key of the original.
        is_repeated: whether an earlier invocation with the message may have failed after its deletions.
    """

    message_id: str
    key: str
    is_repeated: bool


class PurgeRequest(NamedTuple):
    """A request to delete all derivatives, current ones too.

    Attributes:
        keys: keys of originals.
        prefix: first characters of the keys of further originals; None: there are none.
        dry_run: whether the derivatives are only counted.
    """

    keys: tuple[str, ...]
    prefix: str | None
    dry_run: bool


def is_purge_request(event: Any) -> bool:
    """Return whether an event is a request of a command."""
    return isinstance(event, Mapping) and "purge" in event


def parse_purge_request(event: Mapping[str, Any]) -> PurgeRequest:
    """Return the request in `{"purge": {"keys": [...]}}` or `{"purge": {"prefix": "..."}}`.

    Both may have `"dry_run": true`.

    Raises:
        EventError: the event has another format.
    """
    request = event["purge"]
    if isinstance(request, Mapping) and set(request) <= {"keys", "prefix", "dry_run"}:
        keys, prefix, dry_run = request.get("keys", []), request.get("prefix"), request.get("dry_run", False)
        is_valid = isinstance(keys, list) and all(isinstance(key, str) and key for key in keys)
        has_work = bool(keys) if prefix is None else isinstance(prefix, str)
        if is_valid and has_work and isinstance(dry_run, bool):
            return PurgeRequest(keys=tuple(keys), prefix=prefix, dry_run=dry_run)
    raise EventError('a purge needs "keys", a list of keys, or "prefix", a text, and may have "dry_run"')


def list_records(event: Any) -> list[Any]:
    """Return the records of an event of SQS, not yet validated: see `parse_message`.

    Raises:
        EventError: the event has no records.
    """
    records = event.get("Records") if isinstance(event, Mapping) else None
    if not isinstance(records, list):
        raise EventError("neither messages of SQS nor a request to purge")
    return records


def parse_message(record: Any, bucket: str) -> Message:
    """Return the message in a record, whose body is an event of EventBridge.

    Unlike in S3's own notifications, the key is not encoded (S3 user guide, "EventBridge event message
    structure").

    Args:
        record: a record of the event.
        bucket: bucket of the originals.

    Raises:
        EventError: the record names no object of the bucket.
    """
    try:
        detail = json.loads(record["body"])["detail"]
        if detail["bucket"]["name"] != bucket:
            raise EventError(f"a message about another bucket than {bucket}")
        return Message(
            message_id=str(record["messageId"]),
            key=str(detail["object"]["key"]),
            is_repeated=int(record["attributes"]["ApproximateReceiveCount"]) > 1,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EventError("a message that names no object of S3") from error
