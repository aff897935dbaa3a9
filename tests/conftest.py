"""What a run of the tests says at its end."""

from collections import Counter
from pathlib import Path

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was tested: the tests that passed, by the part of the project they belong to."""
    passed = Counter(
        Path(report.nodeid.partition("::")[0]).parent.as_posix()
        for report in terminalreporter.getreports("passed")
    )
    if passed:
        terminalreporter.section("passed")
        for part, count in sorted(passed.items()):
            terminalreporter.line(f"{count:5} {part}")
