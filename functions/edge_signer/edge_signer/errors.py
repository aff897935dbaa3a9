"""The errors of this package."""


class UnsignableError(Exception):
    """The path or the query string of the viewer cannot be signed and sent: it is not UTF-8, or too long."""
