"""The state of a worker, in a memory-mapped file that outlives the process."""

import json
import mmap
import struct
import time
from collections import Counter
from pathlib import Path

MAX_FILE_BYTES = 1 << 20
"""Maximum length of a file to try, in bytes."""

# Start of the execution, number of executions, and lengths of the counts and of the file.
_HEAD = struct.Struct("<dQII")
_COUNTS_AT = 64
_DATA_AT = 8_192


class Record:
    """State of a worker, written by the worker.

    The supervisor reads `executions`, `began` and `data` at any time, but the counts only after the worker
    has ended: a running worker may be about to write them.

    Args:
        path: path of the memory-mapped file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.exists():
            path.write_bytes(bytes(_DATA_AT + MAX_FILE_BYTES))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)

    def begin(self, data: bytes) -> None:
        """Record that an execution starts with this file."""
        _, executions, counts_bytes, _ = self._head()
        self._map[_DATA_AT : _DATA_AT + len(data)] = data
        _HEAD.pack_into(self._map, 0, time.monotonic(), executions, counts_bytes, len(data))

    def end(self, counts: Counter[str]) -> None:
        """Record that the execution has ended, and the number of executions by outcome."""
        encoded = json.dumps(counts).encode()
        self._map[_COUNTS_AT : _COUNTS_AT + len(encoded)] = encoded
        _HEAD.pack_into(self._map, 0, 0.0, counts.total(), len(encoded), 0)

    @property
    def executions(self) -> int:
        """Number of executions so far."""
        return self._head()[1]

    @property
    def counts(self) -> Counter[str]:
        """Number of executions by outcome."""
        counts_bytes = self._head()[2]
        return Counter(json.loads(self._map[_COUNTS_AT : _COUNTS_AT + counts_bytes] or b"{}"))

    @property
    def data(self) -> bytes | None:
        """The file that is being tried, or was when the process died; None between executions."""
        began, _, _, data_bytes = self._head()
        return self._map[_DATA_AT : _DATA_AT + data_bytes] if began else None

    @property
    def began(self) -> float | None:
        """Start of the execution in seconds of `time.monotonic()`; None between executions."""
        return self._head()[0] or None

    def _head(self) -> tuple[float, int, int, int]:
        began, executions, counts_bytes, data_bytes = _HEAD.unpack_from(self._map)
        return began, executions, counts_bytes, data_bytes
