"""The errors of this package."""

from collections.abc import Sequence


class QueryError(Exception):
    """A parameter is invalid or contradicts another one. The message is a sentence for the viewer."""


class DerivativeNameError(Exception):
    """A text is not the name of a derivative."""


class DerivativePathError(Exception):
    """A text is not the path of a derivative, or a key cannot have derivatives.

    The message is a sentence for the viewer.
    """


class SizesError(Exception):
    """The table of sizes is invalid.

    Attributes:
        problems: one sentence for each fault of the table.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)
