"""One piece of work in a thread of its own."""

import threading
from collections.abc import Callable

from lambda_runtime.deadline import Deadline
from lambda_runtime.errors import OutOfTimeError


class Task[Result](threading.Thread):
    """Work that goes on beside the caller's."""

    def __init__(self, work: Callable[[], Result]) -> None:
        # A daemon: work that was given up does not keep the process alive.
        super().__init__(daemon=True)
        self._work = work
        self._results: list[Result] = []
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        """Do the work; what it raises is kept for `result`."""
        try:
            self._results.append(self._work())
        except BaseException as error:  # noqa: BLE001 - raised again where somebody handles it
            self._error = error

    def result(self, deadline: Deadline | None = None) -> Result:
        """Wait for what the work returns or raises.

        Raises:
            OutOfTimeError: the work is not finished in time. It keeps running; its result is discarded.
        """
        self.join(deadline and deadline.remaining_seconds())
        if self.is_alive():
            raise OutOfTimeError("not finished in time")
        if self._error:
            raise self._error
        return self._results[0]
