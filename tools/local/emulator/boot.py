"""Program of the emulator's process: `python -m tools.local.emulator.boot FILE_DESCRIPTOR`.

Serves MiniStack, with all bridges, on a socket that the parent process has bound.
"""

import asyncio
import logging
import os
import signal
import sys
import threading
from pathlib import Path

import ministack.app  # type: ignore[import-untyped]  # MiniStack has no type hints
from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.core import iam_evaluator  # type: ignore[import-untyped]  # MiniStack has no type hints

from tools.local.emulator import (
    cloudfront,
    deliveries,
    events,
    limits,
    logs,
    object_lambda,
    s3,
    sandboxes,
    terraform_requests,
)
from tools.local.emulator.names import REQUEST_LOG
from tools.local.logs import open_log


def main() -> None:
    """Serve until SIGTERM. No other process can take the port, since the parent has bound the socket."""
    threading.Thread(target=_end_with_guard, daemon=True).start()
    ministack.app.pin_request_origin = _pin_origin_as_tls
    for bridge in (s3, cloudfront, deliveries, object_lambda, events, limits, logs, sandboxes):
        bridge.install()
    config = Config()
    config.bind = [f"fd://{int(sys.argv[1])}"]
    config.keep_alive_timeout = 75  # as when MiniStack starts itself
    config.accesslog = _log_requests(Path(os.environ[REQUEST_LOG]))
    config.access_log_format = "%(m)s %({host}i)s %(U)s"
    app = s3.read_plus_as_space(ministack.app.app)
    app = object_lambda.accept_proxy_requests(terraform_requests.validate_requests(app))
    app = terraform_requests.delay_responses(app)
    asyncio.run(serve(app, config))


def _log_requests(path: Path) -> logging.Logger:
    logger = logging.getLogger("tools.local.emulator.requests")
    logger.addHandler(open_log(path, "[%(asctime)s] [%(process)d] [%(levelname)s] %(message)s"))
    logger.setLevel(logging.INFO)
    logger.propagate = False
    return logger


def _end_with_guard() -> None:
    """Kill the process group when standard input, a pipe from the guard, ends: the guard was killed."""
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


def _pin_origin_as_tls(source_ip: str, secure_transport: bool) -> None:  # noqa: ARG001, FBT001  MiniStack's signature
    iam_evaluator.pin_request_origin(source_ip, secure_transport=True)


if __name__ == "__main__":
    main()
