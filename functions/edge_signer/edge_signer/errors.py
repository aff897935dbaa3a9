"""The errors of this package."""


class EdgeSignerError(Exception):
    """Root of the errors of this package."""


class UnsignableError(EdgeSignerError):
    """The viewer's path or query string has no form that can be signed and sent."""
