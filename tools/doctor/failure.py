"""The failure of a check."""


class CheckFailedError(Exception):
    """A check found something else than expected.

    Attributes:
        found: what was found.
        remedy: what to do.
    """

    def __init__(self, found: str, remedy: str) -> None:
        super().__init__(found, remedy)
        self.found = found
        self.remedy = remedy

    def __str__(self) -> str:
        """Return what was found and what to do, in one line."""
        return f"{self.found}: {self.remedy}"
