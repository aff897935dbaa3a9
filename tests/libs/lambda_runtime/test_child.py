"""A function in a child process: result, exception, deadline, crash, and no process left afterwards."""

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import pytest
from lambda_runtime import ChildDiedError, Deadline, OutOfTimeError, run_in_child

from tests.libs.lambda_runtime.processes import children, end_with, hang_in_c, needs_proc

FAR_DEADLINE = Deadline.after(3_600)
# Generous, for a busy machine: without the deadline each test would take minutes.
MAX_SECONDS = 20


@contextmanager
def bounded() -> Iterator[None]:
    """Raise TimeoutError in a block that waits for more than MAX_SECONDS."""

    def give_up(*_: object) -> NoReturn:
        raise TimeoutError("the child was not killed at its deadline")

    previous = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, MAX_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


class OwnArgumentsError(Exception):
    """An exception that pickle cannot restore: `__init__` takes other arguments than `args`."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")


@pytest.mark.parametrize(
    "result", [7, None, b"x" * 3_000_000, ("a", 1.5)], ids=["int", "None", "3 MB", "tuple"]
)
def test_the_result_is_returned(result: object) -> None:
    assert run_in_child(lambda: result, FAR_DEADLINE) == result


def test_the_work_runs_in_another_process() -> None:
    assert run_in_child(os.getpid, FAR_DEADLINE) != os.getpid()


def test_an_exception_keeps_cause_and_traceback() -> None:
    def fail() -> None:
        try:
            int("seven")
        except ValueError as error:
            raise KeyError("x") from error

    with pytest.raises(KeyError, match="x") as caught:
        run_in_child(fail, FAR_DEADLINE)
    assert repr(caught.value.__cause__) == """ValueError("invalid literal for int() with base 10: 'seven'")"""
    assert "in fail" in caught.value.__notes__[0]


def test_an_exception_that_cannot_be_pickled_keeps_its_text() -> None:
    def fail() -> NoReturn:
        raise OwnArgumentsError(404, "There is none.")

    def fail_because() -> NoReturn:
        raise KeyError("x") from OwnArgumentsError(404, "There is none.")

    with pytest.raises(ChildDiedError, match=r"OwnArgumentsError\('404: There is none.'\)"):
        run_in_child(fail, FAR_DEADLINE)
    with pytest.raises(KeyError, match="x") as caught:
        run_in_child(fail_because, FAR_DEADLINE)
    assert "There is none." in repr(caught.value.__cause__)


@pytest.mark.parametrize(
    "hang",
    [
        hang_in_c,
        lambda: re.fullmatch(r"(a|a)+b", "a" * 40),
        lambda: time.sleep(600),
    ],
    ids=["C code without the GIL", "C code with the GIL", "sleep"],
)
def test_work_that_hangs_is_killed(hang: Callable[[], object]) -> None:
    with bounded(), pytest.raises(OutOfTimeError):
        run_in_child(hang, Deadline.after(0.3))


def test_work_that_checks_the_deadline_raises_its_own_error() -> None:
    def give_up() -> NoReturn:
        time.sleep(0.1)
        raise TimeoutError

    with pytest.raises(TimeoutError):
        run_in_child(give_up, Deadline.after(0.1))


@pytest.mark.parametrize(
    ("end", "message"),
    [
        (partial(end_with, signal.SIGABRT), "crashed: SIGABRT"),
        (partial(end_with, signal.SIGSEGV), "crashed: SIGSEGV"),
        (partial(end_with, signal.SIGKILL), "not enough memory"),
        (lambda: os._exit(0), "without a result"),
        (lambda: os._exit(3), "without a result"),
        (lambda: lambda: 1, "without a result"),
    ],
    ids=[
        "abort",
        "segmentation fault",
        "out of memory",
        "success",
        "exit",
        "a result that cannot be pickled",
    ],
)
def test_a_child_that_dies_is_an_error_in_the_parent(end: Callable[[], object], message: str) -> None:
    with pytest.raises(ChildDiedError, match=message):
        run_in_child(end, FAR_DEADLINE)


@needs_proc
def test_no_child_process_is_left() -> None:
    before = children()
    run_in_child(lambda: 1, FAR_DEADLINE)
    with bounded(), pytest.raises(OutOfTimeError):
        run_in_child(lambda: time.sleep(600), Deadline.after(0.1))
    with pytest.raises(ChildDiedError):
        run_in_child(partial(end_with, signal.SIGABRT), FAR_DEADLINE)
    assert children() == before


@needs_proc
def test_an_interrupted_parent_leaves_no_child_process() -> None:
    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    def hang() -> None:
        while " S " not in Path(f"/proc/{parent}/stat").read_text():
            time.sleep(0.01)  # until the parent waits for the result
        os.kill(parent, signal.SIGUSR1)
        time.sleep(600)

    before, previous = children(), signal.signal(signal.SIGUSR1, interrupt)
    parent = os.getpid()
    try:
        with pytest.raises(KeyboardInterrupt):
            run_in_child(hang, FAR_DEADLINE)
    finally:
        signal.signal(signal.SIGUSR1, previous)
    assert children() == before


def test_the_parent_imports_what_a_child_had_to_import(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "colorsys"
    monkeypatch.delitem(sys.modules, name, raising=False)

    def is_imported() -> bool:
        was_imported = name in sys.modules
        import_module(name)
        return was_imported

    assert [run_in_child(is_imported, FAR_DEADLINE) for _ in range(3)] == [False, True, True]
