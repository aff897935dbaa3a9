"""Run a function in a child process that is killed at the deadline.

Image decoders and encoders are C code, which neither a signal handler nor another thread can interrupt. Work
in a thread that missed its deadline would continue after the response and take processor time and memory
from the next invocation. A crash, or the kernel's out-of-memory killer, would end the sandbox without a
response. A child process can be killed at any instruction, a crash ends only the child, and its memory is
released at once.

A fork copies no data: the child reads the memory of the parent, and sends only the result back. Measured for
a process of 30 MB on Firecracker, on which Lambda runs: 2 ms for the fork, 3 ms for the memory pages that a
transform touches, and 0.8 ms for each megabyte of the result.
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

# Work that checks the deadline itself gets this time to raise a more specific error.
_GRACE_SECONDS = 0.25

# Names of modules that only children have imported. Each later child would import these modules again, so the
# parent imports them once, before the next fork.
_missing_modules: set[str] = set()
_fork_lock = threading.Lock()


class _Outcome(NamedTuple):
    """The message from a child to the parent: a result, or an error and its cause.

    Attributes:
        modules: names of the modules that the child had to import.
    """

    modules: set[str]
    result: Any = None
    error: Exception | None = None
    cause: BaseException | None = None


def run_in_child[Result](work: Callable[[], Result], deadline: Deadline) -> Result:
    """Run a function in a forked child process and return the result.

    The child has ended when this function returns or raises. No other thread may hold a lock that the work
    needs, such as the lock of an import: the child would inherit the lock and wait forever.

    Args:
        work: function to call in the child. Results and exceptions are pickled.
        deadline: time limit. A quarter of a second later the kernel ends the child, even within C code.

    Raises:
        OutOfTimeError: the work did not finish in time.
        ChildDiedError: the child ended without a result, after a crash or for lack of memory.
        Exception: any exception of the work, with `__cause__`, and a note with the traceback in the child.
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
        raise _exit_error(os.waitstatus_to_exitcode(status))
    with _fork_lock:
        _missing_modules.update(outcome.modules)
    if outcome.error:
        raise outcome.error from outcome.cause
    result: Result = outcome.result
    return result


def _fork(work: Callable[[], object], deadline: Deadline) -> tuple[int, int]:
    """Start a child; return its process id and the read end of the pipe for the outcome."""
    # One thread at a time: a child must inherit neither an import lock nor the pipe of another child.
    with _fork_lock:
        for name in _missing_modules:
            with contextlib.suppress(ImportError):
                import_module(name)
        _missing_modules.clear()
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            _run_child(work, writer, deadline)
        os.close(writer)
    return pid, reader


def _run_child(work: Callable[[], object], writer: int, deadline: Deadline) -> NoReturn:
    """Run the work in the child, write the outcome to the pipe, and exit."""
    try:
        # The default action of SIGALRM ends the process in the kernel. A Python handler would run only after
        # the C function returns.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, deadline.remaining_seconds() + _GRACE_SECONDS)
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump(_collect_outcome(work), pipe, protocol=pickle.HIGHEST_PROTOCOL)
        os._exit(0)
    finally:
        # Skip the exit handlers of the parent: they would flush inherited buffers a second time.
        os._exit(1)


def _collect_outcome(work: Callable[[], object]) -> _Outcome:
    before = set(sys.modules)
    try:
        result = work()
        return _Outcome(sys.modules.keys() - before, result)
    except Exception as error:  # noqa: BLE001 - the parent raises the error again
        error.add_note(f"In the child process:\n{traceback.format_exc()}")
        cause = error.__cause__ and _make_picklable(error.__cause__)
        return _Outcome(sys.modules.keys() - before, error=_make_picklable(error), cause=cause)


def _make_picklable[Error: BaseException](error: Error) -> Error | ChildDiedError:
    """Return the error, or a ChildDiedError with its text if pickle cannot restore the error."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - written in this line
    except Exception:  # noqa: BLE001 - for example an `__init__` with other arguments, or an open file
        return ChildDiedError(repr(error))
    return error


def _exit_error(exit_code: int) -> OutOfTimeError | ChildDiedError:
    """Return the error for the exit code of a child without an outcome; negative codes are signals."""
    if exit_code == -signal.SIGALRM:
        return OutOfTimeError("not finished in time")
    if exit_code == -signal.SIGKILL:
        return ChildDiedError("the child process was killed: most likely there was not enough memory")
    if exit_code < 0:
        return ChildDiedError(f"the child process crashed: {signal.Signals(-exit_code).name}")
    return ChildDiedError("the child process ended without a result")
