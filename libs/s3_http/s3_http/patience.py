"""How long to wait."""

from typing import NamedTuple


class Patience(NamedTuple):
    """How long S3 may be slow, within the deadline.

    `connect_seconds` is for a connection with its TLS handshake: three round trips, 0.3 s each between the
    farthest Regions. `silence_seconds` is the longest time without a byte; S3 needs 0.1 s for its first.
    """

    connect_seconds: float = 3.0
    silence_seconds: float = 3.0
    attempts: int = 3


DEFAULT_PATIENCE = Patience()
