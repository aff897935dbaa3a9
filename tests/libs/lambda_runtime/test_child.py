"""Work in a child process: what comes back, and what is left when nothing comes back."""

import os
import re
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import pytest
from lambda_runtime import ChildDiedError, Deadline, OutOfTimeError, run_in_child

from tests.libs.lambda_runtime.processes import children, end_with, hang_in_c, needs_proc

PATIENT = Deadline.after(3_600)
# For a busy machine: without the deadline each of these would take minutes.
BUSY_SECONDS = 20


class OwnArgumentsError(Exception):
    """An error that pickle cannot make again: `__init__` takes other arguments than `args`."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")


@pytest.mark.parametrize(
    "result", [7, None, b"x" * 3_000_000, ("a", 1.5)], ids=["int", "None", "3 MB", "tuple"]
)
def test_a_result_comes_back(result: object) -> None:
    assert run_in_child(lambda: result, PATIENT) == result


def test_the_work_is_done_in_another_process() -> None:
    assert run_in_child(os.getpid, PATIENT) != os.getpid()


def test_an_error_comes_back_with_its_cause_and_its_traceback() -> None:
    def fail() -> None:
        try:
            int("seven")
        except ValueError as error:
            raise KeyError("x") from error

    with pytest.raises(KeyError, match="x") as caught:
        run_in_child(fail, PATIENT)
    assert repr(caught.value.__cause__) == """ValueError("invalid literal for int() with base 10: 'seven'")"""
    assert "in fail" in caught.value.__notes__[0]


def test_an_error_that_pickle_refuses_is_named() -> None:
    def fail() -> NoReturn:
        raise OwnArgumentsError(404, "There is none.")

    with pytest.raises(ChildDiedError, match=r"OwnArgumentsError\('404: There is none.'\)"):
        run_in_child(fail, PATIENT)


@pytest.mark.parametrize(
    "hang",
    [
        hang_in_c,
        lambda: re.fullmatch(r"(a|a)+b", "a" * 40),
        lambda: time.sleep(600),
    ],
    ids=["C without the interpreter's lock", "C with it", "sleep"],
)
def test_work_that_hangs_is_ended(hang: Callable[[], object]) -> None:
    started = time.monotonic()
    with pytest.raises(OutOfTimeError):
        run_in_child(hang, Deadline.after(0.3))
    assert time.monotonic() - started < BUSY_SECONDS


def test_work_that_checks_the_deadline_itself_raises_its_own_error() -> None:
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
        (lambda: os._exit(3), "without a result"),
        (lambda: lambda: 1, "without a result"),
    ],
    ids=["abort", "crash", "out of memory", "exit", "a result that pickle refuses"],
)
def test_a_child_that_dies_alone(end: Callable[[], object], message: str) -> None:
    with pytest.raises(ChildDiedError, match=message):
        run_in_child(end, PATIENT)


@needs_proc
def test_no_child_is_left() -> None:
    before = children()
    run_in_child(lambda: 1, PATIENT)
    with pytest.raises(OutOfTimeError):
        run_in_child(lambda: time.sleep(600), Deadline.after(0.1))
    with pytest.raises(ChildDiedError):
        run_in_child(partial(end_with, signal.SIGABRT), PATIENT)
    assert children() == before


@needs_proc
def test_a_parent_that_is_interrupted_leaves_no_child() -> None:
    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    def hang() -> None:
        while " S " not in Path(f"/proc/{parent}/stat").read_text():
            time.sleep(0.01)  # the parent does not wait for the result yet
        os.kill(parent, signal.SIGUSR1)
        time.sleep(600)

    before, previous = children(), signal.signal(signal.SIGUSR1, interrupt)
    parent = os.getpid()
    try:
        with pytest.raises(KeyboardInterrupt):
            run_in_child(hang, PATIENT)
    finally:
        signal.signal(signal.SIGUSR1, previous)
    assert children() == before


def test_a_module_is_imported_once_and_not_by_each_child(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "colorsys"
    monkeypatch.delitem(sys.modules, name, raising=False)

    def is_imported() -> bool:
        was_there = name in sys.modules
        import_module(name)
        return was_there

    assert [run_in_child(is_imported, PATIENT) for _ in range(3)] == [False, True, True]
