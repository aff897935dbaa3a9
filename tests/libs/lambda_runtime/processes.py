"""Work that never ends, work that ends its process, and a look at the child processes that are left."""

import contextlib
import faulthandler
import hashlib
import os
import signal
import time
from pathlib import Path
from typing import Any, NoReturn

import pytest

needs_proc = pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are read from /proc")


def hang_in_c(*_: Any) -> NoReturn:
    """Stay in one C function for about an hour, as a decoder does with a crafted file."""
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)
    raise AssertionError


def crash(*_: Any) -> NoReturn:
    """End this process as a decoder does that writes where it must not."""
    end_with(signal.SIGSEGV)


def end_with(number: signal.Signals) -> NoReturn:
    """End this process by a signal."""
    faulthandler.disable()  # pytest's own report would be taken for a failure
    signal.raise_signal(number)
    raise AssertionError


def children(pid: int | None = None) -> set[int]:
    """Return the ids of a process's children; ended ones are among them until their parent waits for them."""
    found = set()
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            # proc(5): after the name in parentheses come the state and the id of the parent.
            _, parent, *_ = file.read_text().rpartition(")")[2].split()
            if int(parent) == (pid or os.getpid()):
                found.add(int(file.parent.name))
    return found


def remaining_children(before: set[int]) -> set[int]:
    """Return the children of this process that came after `before` and are still there in 3 seconds."""
    end = time.monotonic() + 3
    while (left := children() - before) and time.monotonic() < end:
        time.sleep(0.05)
    return left
