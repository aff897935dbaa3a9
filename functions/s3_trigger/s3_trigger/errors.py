"""Errors of this package."""

from collections.abc import Mapping


class TriggerError(Exception):
    """Root of the errors of this package.

    Attributes:
        transient: whether a retry may succeed without any change to the objects or permissions.
    """

    transient = False


class EventError(TriggerError):
    """The event, or one of its records, has an unsupported format."""


class MetadataError(TriggerError):
    """The `width` or `height` in the metadata of an original is not a valid number of pixels."""


class StoreError(TriggerError):
    """S3 or SQS rejected a request, or did not respond."""

    def __init__(self, message: str, *, transient: bool) -> None:
        super().__init__(message)
        self.transient = transient


class ConcurrentWriteError(TriggerError):
    """Another writer replaced the original or the derivative in every round, before the conditional write."""

    transient = True


class RecordsFailedError(TriggerError):
    """Some records of an event failed. All records were processed.

    Attributes:
        reasons: error messages by key.
    """

    def __init__(self, reasons: Mapping[str, str], records: int) -> None:
        listed = "; ".join(f"{key}: {reason}" for key, reason in reasons.items())
        super().__init__(f"{len(reasons)} of {records} records failed: {listed}")
        self.reasons = dict(reasons)
