"""The failure of a check."""

from tools.deployment import Deployment
from tools.erase.outputs import Outputs


class CheckFailedError(Exception):
    """A check found something else than expected.

    Attributes:
        found: what was found.
        remedy: what to do, with `{apply}`, `{logs}` and `{purge}` for commands.
    """

    def __init__(self, found: str, remedy: str) -> None:
        super().__init__(found, remedy)
        self.found = found
        self.remedy = remedy

    def format(self, deployment: Deployment[Outputs]) -> str:
        """Return what was found and what to do, in one line, with the commands for a deployment."""
        remedy = self.remedy.format(
            apply=deployment.apply,
            logs=f"./invokew logs{deployment.option}",
            purge=f"./invokew purge '*'{deployment.option}",
        )
        return f"{self.found}: {remedy}"
