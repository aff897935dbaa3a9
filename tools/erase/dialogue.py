"""Output of the commands: what will be deleted, the question, and what was deleted."""

import sys
from collections.abc import Iterable, Mapping, Sequence

from tools.console import printable
from tools.erase.locations import Location
from tools.erase.objects import Tally
from tools.erase.outputs import Distribution


def print_counts(counts: Iterable[tuple[Location, Tally]]) -> int:
    """Print one line for each location, and return the number of all versions and delete markers."""
    total = 0
    for location, tally in counts:
        print(f"  {location.title}: {tally} in {printable(str(location))}")
        total += tally.total
    return total


def print_paths(paths: Mapping[Distribution, Sequence[str]]) -> None:
    """Print the paths to invalidate, one line for each distribution."""
    for distribution, each in paths.items():
        if each:
            print(f"  CloudFront, {distribution.variant} {distribution.distribution_id}: {' '.join(each)}")


def confirm(question: str, command: str) -> bool:
    """Ask a question on the terminal, and return True if the user confirms.

    Otherwise, and without a terminal, print the command that does not ask.
    """
    if sys.stdin.isatty():
        print(f"{question} [y/N] ", end="", flush=True)
        if sys.stdin.readline().strip().lower() in {"y", "yes"}:
            return True
    print(f"Nothing was deleted. Run it with: {printable(command)}")
    return False
