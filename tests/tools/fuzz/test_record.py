"""The supervisor reads the record of a worker while the worker writes."""

import struct
from collections import Counter
from pathlib import Path

import pytest

from tools.fuzz import record
from tools.fuzz.record import Record


class Interrupted:
    """The moment after the counts are written, and before their length."""

    def __init__(self, head: struct.Struct) -> None:
        self.unpack_from = head.unpack_from

    def pack_into(self, *_: object) -> None:
        raise InterruptedError


def test_executions_are_counted_while_the_counts_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, supervisor = Record(tmp_path / "record"), Record(tmp_path / "record")
    worker.begin(b"GIF")
    worker.end(Counter(image=9))
    monkeypatch.setattr(record, "_HEAD", Interrupted(record._HEAD))  # noqa: SLF001
    with pytest.raises(InterruptedError):
        worker.end(Counter(image=10))

    assert supervisor.executions == 9


def test_state_of_an_execution(tmp_path: Path) -> None:
    worker, supervisor = Record(tmp_path / "record"), Record(tmp_path / "record")
    assert (supervisor.executions, supervisor.counts, supervisor.data, supervisor.began) == (
        0,
        {},
        None,
        None,
    )
    worker.begin(b"GIF")
    assert supervisor.data == b"GIF"
    worker.end(Counter(image=1, NotAnImage=2))
    assert supervisor.counts == {"image": 1, "NotAnImage": 2}
    assert (supervisor.executions, supervisor.began) == (3, None)
