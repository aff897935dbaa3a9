"""Folders of the project."""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
DIST = PROJECT / "dist"
"""The zips of the functions and their manifest."""
FUNCTIONS = PROJECT / "functions"
LIBS = PROJECT / "libs"
TERRAFORM = PROJECT / "terraform"
"""The root module."""
SAMPLES = PROJECT / "tests" / "images"
"""Sample images, which are also the default images of the local stack."""
STATE = PROJECT / ".local"
"""State folder of the stack of `invoke up`."""
PACKAGES = tuple(
    path.parent
    for part in ("functions", "libs")
    for path in sorted((PROJECT / part).glob("*/pyproject.toml"))
)
"""Folders of the functions and the libraries, which go on `sys.path`: each has one package."""


def use_packages() -> None:
    """Make the functions and the libraries importable.

    Tools import them in the functions that need them, so that no other command pays for Pillow.
    """
    sys.path[:0] = [path for path in map(str, PACKAGES) if path not in sys.path]


@contextmanager
def lock_folder(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """Lock a folder against other processes of the tools; the kernel releases the lock of one that ends.

    Raises:
        BlockingIOError: another process has the lock, and this one does not wait.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
