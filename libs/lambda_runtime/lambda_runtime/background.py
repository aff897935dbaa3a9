"""Run a piece of work in a background thread."""

import threading
from collections.abc import Callable

from lambda_runtime.deadline import Deadline
from lambda_runtime.errors import OutOfTimeError


class Task[Result](threading.Thread):
    """A function call that runs in a daemon thread. The thread starts on construction.

    A thread of `concurrent.futures` is not enough: the interpreter waits for such threads before it exits, so
    abandoned work would keep the process alive.
    """

    def __init__(self, work: Callable[[], Result]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._results: list[Result] = []
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        """Run the function and keep the result or exception for `result`."""
        try:
            self._results.append(self._work())
        except BaseException as error:  # noqa: BLE001 - `result` raises the exception in the thread that waits
            self._error = error

    def result(self, deadline: Deadline | None = None) -> Result:
        """Wait for the function; return the result or raise the exception.

        Args:
            deadline: end of the wait. None: no limit.

        Raises:
            OutOfTimeError: not finished in time. The thread continues, and the result is discarded.
        """
        self.join(deadline and deadline.remaining_seconds())
        if self.is_alive():
            raise OutOfTimeError("not finished in time")
        if self._error:
            raise self._error
        return self._results[0]
