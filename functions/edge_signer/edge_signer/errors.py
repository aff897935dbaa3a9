"""The errors of this package."""


class UnsignableError(Exception):
    """The path or the query string of the viewer has no form that can be signed and sent."""
