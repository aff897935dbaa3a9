"""Events that invoke the function: messages of SQS about originals, from EventBridge and from functions."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from derivatives import Kind

from purge.errors import EventError
from purge.settings import STORING


class Message(NamedTuple):
    """A message about an original.

    Version, ETag and time of the change are ignored: see `purge.work.delete_stale`.

    Attributes:
        message_id: ID in the response that makes SQS deliver the message again.
        key: key of the original.
        kind: reason of the message; None for a change of the original.
        variant: variant that the message is about; None for a change of the original, which concerns all.
        is_repeated: True if an earlier invocation with the message may have failed after its deletions.
    """

    message_id: str
    key: str
    kind: Kind | None
    variant: str | None
    is_repeated: bool

    def demands_invalidation(self, variant: str) -> bool:
        """Return whether CloudFront may have old copies although no stale derivative is found now.

        After a change of an original, this is so for a variant whose responses a function makes. A message
        about one variant demands the invalidation of its distribution, except one of the kind UNCERTAIN. A
        message that SQS delivers again demands both, because an earlier invocation may have deleted the
        derivatives.
        """
        if self.variant is None:
            return self.is_repeated or variant not in STORING
        return variant == self.variant and (self.is_repeated or self.kind is not Kind.UNCERTAIN)

    def demands_repetition(self, variant: str) -> bool:
        """Return whether the invalidation that the message demands is to be repeated later."""
        return variant in STORING and self.kind is not Kind.REPEATED and self.demands_invalidation(variant)


def list_records(event: Any) -> list[Any]:
    """Return the records of an event of SQS, not yet validated: see `parse_message`.

    Raises:
        EventError: the event has no records.
    """
    records = event.get("Records") if isinstance(event, Mapping) else None
    if not isinstance(records, list):
        raise EventError("the event is not from SQS")
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
        event = json.loads(record["body"])
        detail = event["detail"]
        if detail["bucket"]["name"] != bucket:
            raise EventError(f"the message is about another bucket than {bucket}")
        kind = next((kind for kind in Kind if kind == event.get("detail-type")), None)
        return Message(
            message_id=str(record["messageId"]),
            key=str(detail["object"]["key"]),
            kind=kind,
            variant=str(event["source"]) if kind else None,
            is_repeated=int(record["attributes"]["ApproximateReceiveCount"]) > 1,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EventError("the message names no object of S3") from error
