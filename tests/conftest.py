"""Paths of the packages under test, and a summary of each run: what was tested, and what was measured."""

import ctypes
import gc
import os
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer

from tests.interruption import pytest_sessionfinish, pytest_sessionstart
from tests.scheduling import Scheduling, rank
from tools.paths import PACKAGES

__all__ = ["pytest_sessionfinish", "pytest_sessionstart"]

_HUGE_PAGE_BYTES = 2**21
_MADV_COLLAPSE = 25  # linux/mman.h

sys.path[:0] = map(str, PACKAGES)
if "PYTEST_XDIST_WORKER" in os.environ:
    # Collection creates 700,000 objects and no garbage worth a search: a fifth of its CPU time.
    gc.disable()
# No deadline, and the same examples in every run: `invoke fuzz` tries others.
settings.load_profile("ci")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the order
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that wait first, as the scheduling requires."""
    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """Exempt the tests from garbage collection, which would copy their memory in each forked child.

    From here on, garbage is collected.
    """
    gc.freeze()
    gc.enable()
    _collapse_memory()


def _collapse_memory() -> None:
    """Move the memory of this process into huge pages: a fork copies a page table of a 500th of the size.

    Linux can do so since 6.1. Elsewhere each call fails, and nothing changes.
    """
    maps = Path("/proc/self/maps")
    if not maps.exists():
        return
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for line in maps.read_text().splitlines():
        addresses, permissions, _, _, _, *file = line.split()
        if permissions == "rw-p" and file in ([], ["[heap]"]):
            start, end = (int(address, 16) for address in addresses.split("-"))
            first = -(-start // _HUGE_PAGE_BYTES) * _HUGE_PAGE_BYTES
            for page in range(first, end - _HUGE_PAGE_BYTES + 1, _HUGE_PAGE_BYTES):
                madvise(page, _HUGE_PAGE_BYTES, _MADV_COLLAPSE)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """Distribute the tests over the workers."""
    return Scheduling(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the number of passed tests in each folder, and each text that a test recorded as "measured".

    Tests record with the fixture `record_property`.
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
