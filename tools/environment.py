"""Virtual environments for packages that conflict with those of the tools, each with its own lock."""

import shutil
import sys
from pathlib import Path

from tools.process import run

_STAMP = "lock.txt"  # a copy of the lock that the environment was installed from


def is_installed(environment: Path, lock: Path) -> bool:
    """Return True if an environment was installed from the current lock."""
    return is_stamped(environment / _STAMP, lock)


def is_stamped(stamp: Path, lock: Path) -> bool:
    """Return True if a stamp, which is the copy of a lock, equals the current lock."""
    return stamp.is_file() and stamp.read_bytes() == lock.read_bytes()


def install(environment: Path, lock: Path) -> None:
    """Install a virtual environment from a lock, unless the environment is up to date.

    Raises:
        CommandError: uv failed.
    """
    if is_installed(environment, lock):
        return
    uv = [sys.executable, "-m", "uv"]
    run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, environment])
    run([*uv, "pip", "sync", "--quiet", "--require-hashes", "--python", environment, lock])
    shutil.copyfile(lock, environment / _STAMP)
