"""Errors of this package."""

from collections.abc import Sequence


class LambdaRuntimeError(Exception):
    """Root of the errors of this package.

    Attributes:
        transient: whether a retry may succeed.
    """

    transient = False


class OutOfTimeError(LambdaRuntimeError):
    """The work did not finish before its deadline."""

    transient = True


class ChildDiedError(LambdaRuntimeError):
    """A child process ended without a result. A retry would most likely end the same way."""


class SettingsError(LambdaRuntimeError):
    """The settings of a deployment are invalid.

    Attributes:
        problems: one sentence for each invalid setting.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)
