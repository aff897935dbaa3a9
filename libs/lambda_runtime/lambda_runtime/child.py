"""Work in a child process, which ends at its deadline whatever the work is doing.

Decoders and encoders are C code, which neither a signal handler nor another thread can stop. In a thread,
work that missed its deadline would go on after the response, with the processor and the memory of the next
invocation. A crash, or the kernel's end of a process that takes too much memory, would end the sandbox
without a response. A child process can be ended at any instruction, crashes alone, and returns its memory
at once.

A fork copies no data: the child reads the memory of its parent, and only its result is sent back. Measured
for a process of 30 MB on Firecracker, on which Lambda runs: 2 ms for the fork, 3 ms for the memory pages
that a transform touches, and 0.8 ms for each megabyte of the result.
"""

import contextlib
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple, NoReturn

from lambda_runtime.deadline import Deadline
from lambda_runtime.errors import ChildDiedError, OutOfTimeError

# Work that checks the deadline itself gets this long to raise its own error, which says more than a timeout.
_GRACE_SECONDS = 0.25

# Modules that children had to import. Each later child would import them again, so the parent does it once.
_missing_modules: set[str] = set()
_forking = threading.Lock()


class _Outcome(NamedTuple):
    """What a child sends: the result, or the error and its cause."""

    modules: set[str]
    result: Any = None
    error: Exception | None = None
    cause: BaseException | None = None


def run_in_child[Result](work: Callable[[], Result], deadline: Deadline) -> Result:
    """Do work in a forked child process; the child is gone when this function returns or raises.

    The caller must not fork while another thread holds a lock that the work needs, such as that of an import.

    Args:
        work: called in the child. Its result, and every error it raises, must be pickable.
        deadline: a quarter of a second later the kernel ends the child, in the middle of C code if need be.

    Raises:
        OutOfTimeError: the work was not finished in time.
        ChildDiedError: the child ended without a result: a crash, or more memory than there is.
        Exception: what the work raised, with its cause; a note has the traceback of the child.
    """
    pid, reader = _fork(work, deadline)
    try:
        with os.fdopen(reader, "rb") as pipe:
            outcome: _Outcome | None = pickle.load(pipe)  # noqa: S301 - written by our own child
    except (EOFError, pickle.UnpicklingError):
        outcome = None
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        raise
    finally:
        _, status = os.waitpid(pid, 0)
    if outcome is None:
        raise _cause_of_death(os.waitstatus_to_exitcode(status))
    with _forking:
        _missing_modules.update(outcome.modules)
    if outcome.error:
        raise outcome.error from outcome.cause
    result: Result = outcome.result
    return result


def _fork(work: Callable[[], object], deadline: Deadline) -> tuple[int, int]:
    """Start a child; return its process id and the end of the pipe from which its outcome is read."""
    # One thread at a time: a child must inherit neither the lock of an import nor the pipe of another child.
    with _forking:
        for name in _missing_modules:
            with contextlib.suppress(ImportError):
                import_module(name)
        _missing_modules.clear()
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            _be_child(work, writer, deadline)
        os.close(writer)
    return pid, reader


def _be_child(work: Callable[[], object], writer: int, deadline: Deadline) -> NoReturn:
    try:
        # The default action of this signal ends the process without a line of Python.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, deadline.remaining_seconds() + _GRACE_SECONDS)
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump(_do(work), pipe, protocol=pickle.HIGHEST_PROTOCOL)
        os._exit(0)
    finally:
        # No handler of the parent may run: they would flush its buffers a second time.
        os._exit(1)


def _do(work: Callable[[], object]) -> _Outcome:
    before = set(sys.modules)
    try:
        result = work()
        return _Outcome(sys.modules.keys() - before, result)
    except Exception as error:  # noqa: BLE001 - raised again in the parent
        error.add_note(f"In the child process:\n{traceback.format_exc()}")
        cause = error.__cause__ and _pickable(error.__cause__)
        return _Outcome(sys.modules.keys() - before, error=_pickable(error), cause=cause)


def _pickable[Error: BaseException](error: Error) -> Error | ChildDiedError:
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - written in this line
    except Exception:  # noqa: BLE001 - an error with arguments of its own, or with something open in it
        return ChildDiedError(repr(error))
    return error


def _cause_of_death(exit_code: int) -> OutOfTimeError | ChildDiedError:
    if exit_code == -signal.SIGALRM:
        return OutOfTimeError("not finished in time")
    if exit_code == -signal.SIGKILL:
        return ChildDiedError("the child process was killed: most likely there was not enough memory")
    if exit_code < 0:
        return ChildDiedError(f"the child process crashed: {signal.Signals(-exit_code).name}")
    return ChildDiedError("the child process ended without a result")
