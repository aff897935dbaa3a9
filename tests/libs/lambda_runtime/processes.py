"""Functions that hang or end their process, and a list of child processes, for tests."""

import contextlib
import ctypes
import faulthandler
import os
import signal
import time
from pathlib import Path
from typing import Any, NoReturn

import pytest

needs_proc = pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are read from /proc")


def hang_in_c(*_: Any) -> NoReturn:
    """Stay in one C function, like a decoder on a crafted file, but without using the processor.

    A thread that locks a mutex twice waits forever, and no signal handler interrupts the wait.
    """
    library, mutex = ctypes.CDLL(None), ctypes.create_string_buffer(64)
    library.pthread_mutex_init(mutex, None)
    library.pthread_mutex_lock(mutex)
    library.pthread_mutex_lock(mutex)
    raise AssertionError


def crash(*_: Any) -> NoReturn:
    """End this process by a segmentation fault, like a decoder that writes out of bounds."""
    end_with(signal.SIGSEGV)


def end_with(number: signal.Signals) -> NoReturn:
    """End this process by a signal."""
    faulthandler.disable()  # or pytest reports a failure
    signal.raise_signal(number)
    raise AssertionError


def children(pid: int | None = None) -> set[int]:
    """Return the ids of a process's children, including zombies.

    Args:
        pid: the parent; None for this process.
    """
    found = set()
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # the process has ended meanwhile
            # proc(5): after the name in parentheses come the state and the id of the parent.
            _, parent, *_ = file.read_text().rpartition(")")[2].split()
            if int(parent) == (pid or os.getpid()):
                found.add(int(file.parent.name))
    return found


def remaining_children(before: set[int]) -> set[int]:
    """Return the children of this process that are not in `before` and still exist after 3 seconds."""
    end = time.monotonic() + 3
    while (left := children() - before) and time.monotonic() < end:
        time.sleep(0.05)
    return left
