"""The moment until which work may take."""

import time
from typing import Any, NamedTuple


class Deadline(NamedTuple):
    """A moment on the clock of `time.monotonic()` after which nothing more is tried."""

    at_seconds: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """Return the moment that lies so many seconds ahead."""
        return cls(time.monotonic() + seconds)

    @classmethod
    def of_invocation(cls, context: Any, *, margin_seconds: float) -> "Deadline":
        """Return the moment that lies so many seconds before Lambda ends the invocation.

        Args:
            context: what Lambda hands to the handler beside the event.
            margin_seconds: what the response needs after the work.
        """
        return cls.after(context.get_remaining_time_in_millis() / 1000 - margin_seconds)

    def no_later_than(self, seconds: float) -> "Deadline":
        """Return this moment, or the one so many seconds ahead, whichever comes first."""
        return min(self, Deadline.after(seconds), key=lambda deadline: deadline.at_seconds)

    def remaining_seconds(self) -> float:
        """Return the seconds that are left; zero when the deadline has come."""
        return max(0.0, self.at_seconds - time.monotonic())

    def timeout_seconds(self) -> float:
        """Return the seconds that are left, as the timeout of a socket: more than zero.

        Raises:
            TimeoutError: none are left.
        """
        seconds = self.remaining_seconds()
        if not seconds:
            raise TimeoutError("the deadline has come")
        return seconds
