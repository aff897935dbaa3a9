"""Errors of this package."""


class EventError(Exception):
    """The event is neither from a function URL nor a task of S3 Batch Operations for this deployment."""
