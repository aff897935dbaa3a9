"""The errors of this package."""

from collections.abc import Sequence


class EdgeResizeError(Exception):
    """Root of the errors of this package."""


class SettingsError(EdgeResizeError):
    """The origin's custom headers are no settings; `problems` names everything that is wrong with them."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)
