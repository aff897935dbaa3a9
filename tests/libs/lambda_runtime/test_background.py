"""Work beside the caller's."""

import threading
import time

import pytest
from lambda_runtime import Deadline, OutOfTimeError, Task


def test_a_result_comes_back() -> None:
    assert Task(lambda: 7).result() == 7


def test_an_error_comes_back() -> None:
    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError, match="x"):
        Task(fail).result()


def test_work_that_is_not_finished_in_time_is_left() -> None:
    go_on = threading.Event()
    task = Task(go_on.wait)
    started = time.monotonic()
    with pytest.raises(OutOfTimeError):
        task.result(Deadline.after(0.05))
    assert time.monotonic() - started < 1
    go_on.set()
    assert task.result() is True
