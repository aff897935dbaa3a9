"""A function in a background thread: result, exception, deadline."""

import threading
import time

import pytest
from lambda_runtime import Deadline, OutOfTimeError, Task


def test_result_returns_the_result_of_the_work() -> None:
    assert Task(lambda: 7).result() == 7


def test_result_raises_the_exception_of_the_work() -> None:
    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError, match="x"):
        Task(fail).result()


def test_result_stops_waiting_at_the_deadline() -> None:
    release = threading.Event()
    task = Task(release.wait)
    started = time.monotonic()
    with pytest.raises(OutOfTimeError):
        task.result(Deadline.after(0.05))
    assert time.monotonic() - started < 1
    release.set()
    assert task.result() is True
