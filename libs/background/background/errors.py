"""The errors of this package."""


class BackgroundError(Exception):
    """Root of the errors of this package."""


class OutOfTimeError(BackgroundError):
    """The work is not finished in the time it was given."""
