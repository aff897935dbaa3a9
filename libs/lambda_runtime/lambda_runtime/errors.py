"""The errors of this package."""


class LambdaRuntimeError(Exception):
    """Root of the errors of this package."""


class OutOfTimeError(LambdaRuntimeError):
    """The work is not finished in the time it was given."""
