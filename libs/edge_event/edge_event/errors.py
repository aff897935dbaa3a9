"""The errors of this package."""


class EdgeEventError(Exception):
    """Root of the errors of this package."""


class EventError(EdgeEventError):
    """The event holds no request of CloudFront."""
