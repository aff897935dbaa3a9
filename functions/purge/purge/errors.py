"""Errors of this package."""


class PurgeError(Exception):
    """Root of the errors of this package."""


class EventError(PurgeError):
    """The event, or one of its messages, has an unsupported format."""


class InvalidationError(PurgeError):
    """CloudFront rejects an invalidation, for instance because too many are in progress."""


class BudgetError(PurgeError):
    """The counter of the month could not be written, because another invocation was first in every round."""
