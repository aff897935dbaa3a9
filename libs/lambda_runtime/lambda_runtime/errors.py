"""The errors of this package."""


class LambdaRuntimeError(Exception):
    """Root of the errors of this package.

    Attributes:
        passing: whether it may be gone when the same work is tried again.
    """

    passing = False


class OutOfTimeError(LambdaRuntimeError):
    """The work is not finished in the time it was given."""

    passing = True


class ChildDiedError(LambdaRuntimeError):
    """A child process ended without a result; doing the same work again would most likely end alike."""
