"""Ports for local stacks in tests."""

import contextlib
import random
import socket


def free_port() -> int:
    """Return a free port below the ephemeral range."""
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311 - no secret
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
