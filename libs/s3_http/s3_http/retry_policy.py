"""Timeouts and number of attempts."""

from typing import NamedTuple


class RetryPolicy(NamedTuple):
    """Timeouts of one attempt, and the number of attempts. The deadline of a request limits all of them.

    Attributes:
        connect_timeout_seconds: longest time to connect, with the TLS handshake. That takes three round
            trips, of 0.3 s each between the most distant Regions.
        read_timeout_seconds: longest wait for the next bytes. The first byte of S3 takes about 0.1 s.
        attempts: number of attempts, the first included.
    """

    connect_timeout_seconds: float = 3.0
    read_timeout_seconds: float = 3.0
    attempts: int = 3


DEFAULT_RETRY_POLICY = RetryPolicy()
