"""Start MiniStack on a socket that is already bound: `python -m tools.local.emulator_boot FILE_DESCRIPTOR`.

The one place where MiniStack 1.5.33 is bridged:

- A request counts as TLS. Inside this machine the emulator is reached over plain HTTP, AWS over TLS. A bucket
  policy that refuses plain HTTP (`aws:SecureTransport`) would lock out everybody, CloudFront included.
"""

import asyncio
import os
import signal
import sys
import threading

import ministack.app  # type: ignore[import-untyped]  # MiniStack has no type hints
from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.core import iam_evaluator  # type: ignore[import-untyped]  # MiniStack has no type hints


def _pin_origin_as_tls(source_ip: str, secure_transport: bool) -> None:  # noqa: ARG001, FBT001  MiniStack's signature
    iam_evaluator.pin_request_origin(source_ip, secure_transport=True)


def _end_with_parent() -> None:
    """Standard input is a pipe from the parent: it ends when the parent ends, however that happens."""
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGTERM)


def main() -> None:
    """Serve until SIGTERM. The caller bound the socket, so nobody can take the port in between."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    ministack.app.pin_request_origin = _pin_origin_as_tls
    config = Config()
    config.bind = [f"fd://{int(sys.argv[1])}"]
    config.keep_alive_timeout = 75  # as MiniStack's own start
    asyncio.run(serve(ministack.app.app, config))


if __name__ == "__main__":
    main()
