"""What a run of the tests says at its end: how much was tested, and what was measured meanwhile."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

# No deadline, and the same examples in every run: `invoke fuzz` is what looks for others.
settings.load_profile("ci")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was tested: the tests that passed, by the part of the project they belong to.

    What a test recorded as "measured" (`record_property`) gets a line of its own.
    """
    reports = terminalreporter.getreports("passed")
    files = Counter(Path(report.nodeid.partition("::")[0]) for report in reports)
    passed: Counter[str] = Counter()
    for file, count in files.items():
        passed[file.parent.as_posix()] += count
    if passed:
        terminalreporter.section("passed")
        for part, count in sorted(passed.items()):
            terminalreporter.line(f"{count:5} {part}")
    cells = sum(count for file, count in files.items() if file.name == "test_matrix.py")
    if cells:
        terminalreporter.line(f"{cells:5} cells of the matrix of formats, modes and sizes")
    measured = [text for report in reports for name, text in report.user_properties if name == "measured"]
    if measured:
        terminalreporter.section("measured")
        for text in measured:
            terminalreporter.line(str(text))
