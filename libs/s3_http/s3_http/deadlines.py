"""How long to wait."""

import time
from typing import NamedTuple


class Deadline(NamedTuple):
    """A moment on the clock of `time.monotonic()` after which nothing more is tried."""

    at_seconds: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """The moment that lies so many seconds ahead."""
        return cls(time.monotonic() + seconds)

    def no_later_than(self, seconds: float) -> "Deadline":
        """This moment, or the one so many seconds ahead, whichever comes first."""
        return min(self, Deadline.after(seconds), key=lambda deadline: deadline.at_seconds)

    def remaining_seconds(self) -> float:
        """The seconds that are left; zero when the deadline has come."""
        return max(0.0, self.at_seconds - time.monotonic())

    def timeout_seconds(self) -> float:
        """The seconds that are left, as the timeout of a socket: more than zero.

        Raises:
            TimeoutError: none are left.
        """
        seconds = self.remaining_seconds()
        if not seconds:
            raise TimeoutError("the deadline has come")
        return seconds


class Patience(NamedTuple):
    """How long S3 may be slow, within the deadline.

    `connect_seconds` is for a connection with its TLS handshake: three round trips, 0.3 s each between the
    farthest Regions. `silence_seconds` is the longest time without a byte; S3 needs 0.1 s for its first.
    """

    connect_seconds: float = 3.0
    silence_seconds: float = 3.0
    attempts: int = 3


DEFAULT_PATIENCE = Patience()
