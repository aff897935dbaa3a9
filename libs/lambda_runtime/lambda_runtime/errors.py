"""The errors of this package."""

from collections.abc import Sequence


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


class SettingsError(LambdaRuntimeError):
    """The settings of a deployment are invalid; `problems` has one sentence for each of its faults."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)
