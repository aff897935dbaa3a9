"""A shorter file that shows the same."""

import time
from collections.abc import Callable

_SECONDS = 20.0


def minimise(data: bytes, shows: Callable[[bytes], bool], seconds: float = _SECONDS) -> bytes:
    """Leave out blocks, halved again and again, as long as the rest shows the same.

    Args:
        data: what shows it.
        shows: whether other bytes do.
        seconds: after which it is left as short as it is by then.
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
