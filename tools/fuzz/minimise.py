"""Shorten a file that shows a fault."""

import time
from collections.abc import Callable

_SECONDS = 20.0


def minimise(data: bytes, shows: Callable[[bytes], bool], seconds: float = _SECONDS) -> bytes:
    """Return a shorter file that still shows the fault, by omitting blocks of decreasing size.

    Args:
        data: bytes of the file.
        shows: returns True if other bytes show the same fault.
        seconds: time limit in seconds, after which the shortest file so far is returned.
    """
    until = time.monotonic() + seconds
    size = len(data) // 2
    while size:
        at = 0
        while at < len(data):
            if time.monotonic() > until:
                return data
            shorter = data[:at] + data[at + size :]
            if shows(shorter):
                data = shorter
            else:
                at += size
        size //= 2
    return data
