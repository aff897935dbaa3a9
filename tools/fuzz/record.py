"""What a worker is at and what it has counted, in a file that outlives it."""

import json
import mmap
import struct
import time
from collections import Counter
from pathlib import Path

LONGEST = 1 << 20
"""The most bytes of a file that is tried."""

_HEAD = struct.Struct("<dII")  # when the execution began, lengths of the counts and of the file
_COUNTS_AT = 64
_DATA_AT = 8_192


class Record:
    """Written by one process, read by another at any time.

    Attributes:
        counts: executions by what came out of them.
        data: the file that is being tried, or was when the process died; None between two files.
        began: when, on the clock of `time.monotonic`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.exists():
            path.write_bytes(bytes(_DATA_AT + LONGEST))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)

    def begin(self, data: bytes) -> None:
        """A file is going to be tried."""
        _, counts, _ = self._head()
        self._map[_DATA_AT : _DATA_AT + len(data)] = data
        _HEAD.pack_into(self._map, 0, time.monotonic(), counts, len(data))

    def end(self, counts: Counter[str]) -> None:
        """It has been tried, and counted."""
        told = json.dumps(counts).encode()
        self._map[_COUNTS_AT : _COUNTS_AT + len(told)] = told
        _HEAD.pack_into(self._map, 0, 0.0, len(told), 0)

    @property
    def counts(self) -> Counter[str]:
        _, length, _ = self._head()
        return Counter(json.loads(self._map[_COUNTS_AT : _COUNTS_AT + length] or b"{}"))

    @property
    def data(self) -> bytes | None:
        began, _, length = self._head()
        return self._map[_DATA_AT : _DATA_AT + length] if began else None

    @property
    def began(self) -> float | None:
        return self._head()[0] or None

    def _head(self) -> tuple[float, int, int]:
        began, counts, data = _HEAD.unpack_from(self._map)
        return began, counts, data
