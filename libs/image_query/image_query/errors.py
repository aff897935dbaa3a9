"""The errors of this package."""

from collections.abc import Sequence


class ImageQueryError(Exception):
    """Root of the errors of this package; the message is one sentence that a viewer may read."""


class QueryError(ImageQueryError):
    """A parameter has an unknown value, or two different ones."""


class SizesError(ImageQueryError):
    """A table of sizes cannot be used; `problems` names everything that is wrong with it."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)
