"""The errors of this package."""


class EventError(Exception):
    """The event is not an origin-request event of CloudFront."""
