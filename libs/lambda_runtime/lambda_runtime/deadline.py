"""The time limit of a piece of work, as a point in time."""

import time
from typing import Any, NamedTuple


class Deadline(NamedTuple):
    """A point in time after which no further work is started.

    A deadline, unlike a timeout, can be passed to several calls: each of them uses the time that is left.

    Attributes:
        at_seconds: seconds on the clock of `time.monotonic()`, which no change of the system time affects.
    """

    at_seconds: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """Return the deadline in the given number of seconds from now."""
        return cls(time.monotonic() + seconds)

    @classmethod
    def of_invocation(cls, context: Any, *, margin_seconds: float) -> "Deadline":
        """Return the deadline a margin before Lambda ends the invocation.

        Args:
            context: context object of the invocation, the second argument of the handler.
            margin_seconds: seconds to reserve for the work that follows, such as the response.
        """
        return cls.after(context.get_remaining_time_in_millis() / 1000 - margin_seconds)

    def no_later_than(self, seconds: float) -> "Deadline":
        """Return the earlier of this deadline and the one in the given number of seconds from now."""
        return min(self, Deadline.after(seconds), key=lambda deadline: deadline.at_seconds)

    def remaining_seconds(self) -> float:
        """Return the seconds until the deadline; zero after the deadline."""
        return max(0.0, self.at_seconds - time.monotonic())

    def timeout_seconds(self) -> float:
        """Return the seconds until the deadline as a timeout for a socket.

        A socket takes a timeout of zero as "do not block", so the result is always positive.

        Raises:
            TimeoutError: the deadline has passed.
        """
        seconds = self.remaining_seconds()
        if not seconds:
            raise TimeoutError("the deadline has passed")
        return seconds
