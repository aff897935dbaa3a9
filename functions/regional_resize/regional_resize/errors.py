"""Errors of this package."""


class EventError(Exception):
    """The event is not from a function URL."""
