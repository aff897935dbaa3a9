"""Environments beside that of the tools, for what does not fit into it, each made from its own lock."""

import shutil
import sys
from pathlib import Path

from tools.process import run

_STAMP = "lock.txt"  # a copy of the lock the environment was made from


def is_installed(environment: Path, lock: Path) -> bool:
    """Tell whether the environment was made from the lock as it is now."""
    return is_stamped(environment / _STAMP, lock)


def is_stamped(stamp: Path, lock: Path) -> bool:
    """Tell whether what lies around the stamp, a copy of a lock, was made from the lock as it is now."""
    return stamp.is_file() and stamp.read_bytes() == lock.read_bytes()


def install(environment: Path, lock: Path) -> None:
    """Make the virtual environment, if it is missing or stale.

    Raises:
        CommandError: uv could not.
    """
    if is_installed(environment, lock):
        return
    uv = [sys.executable, "-m", "uv"]
    run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, environment])
    run([*uv, "pip", "sync", "--quiet", "--require-hashes", "--python", environment, lock])
    shutil.copyfile(lock, environment / _STAMP)
