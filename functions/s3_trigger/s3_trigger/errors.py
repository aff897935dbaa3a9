"""The errors of this package."""

from collections.abc import Mapping


class TriggerError(Exception):
    """Root of the errors of this package.

    Attributes:
        transient: whether it may be gone when the same work is tried again by itself.
    """

    transient = False


class EventError(TriggerError):
    """The event, or a record of it, is none that this function answers."""


class MetadataError(TriggerError):
    """The original's own width or height is no number of pixels."""


class StoreError(TriggerError):
    """S3 refused a call, or did not answer."""

    def __init__(self, message: str, *, transient: bool) -> None:
        super().__init__(message)
        self.transient = transient


class OvertakenError(TriggerError):
    """Whenever the derivative was ready somebody else had written it, or the original had been replaced."""

    transient = True


class RecordsFailedError(TriggerError):
    """Some records of an event failed, after all were tried; `reasons` has them by key."""

    def __init__(self, reasons: Mapping[str, str], records: int) -> None:
        listed = "; ".join(f"{key}: {reason}" for key, reason in reasons.items())
        super().__init__(f"{len(reasons)} of {records} records failed: {listed}")
        self.reasons = dict(reasons)
