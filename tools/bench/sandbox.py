"""Run the zip of a function with AWS's own runtime client and a local Runtime API.

The Runtime API is specified in the Lambda developer guide, "Using the Lambda runtime API".
"""

import json
import os
import queue
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple, Self

from tools.bench.processes import list_processes, measure_cpu_seconds, measure_resident_bytes
from tools.console import ToolError
from tools.process import DEVNULL, STDOUT, Process, start

_API = "/2018-06-01/runtime"
# Generous, for a busy machine: only a function that hangs takes so long.
_TIMEOUT_SECONDS = 60.0


class Outcome(NamedTuple):
    """The response of the function, or an error with `errorType`, `errorMessage` and `stackTrace`."""

    invocation_id: str
    is_error: bool
    body: Any


class Sandbox:
    """A function in a process that waits for events."""

    def __init__(self, process: Process, api: "_RuntimeApi", log: Path) -> None:
        self._api = api
        self._log = log
        self.pid = process.pid

    def invoke(self, event: Any, *, limit_seconds: float = 30.0) -> Outcome:
        """Invoke the function and return the outcome.

        Args:
            event: any JSON value.
            limit_seconds: timeout of the function in the context object. The timeout is not enforced.

        Raises:
            ToolError: there is no outcome after 60 seconds, or it belongs to another invocation.
        """
        invocation_id = str(uuid.uuid4())
        self._api.events.put((invocation_id, json.dumps(event).encode(), limit_seconds))
        outcome = self._api.next_outcome()
        if outcome.invocation_id != invocation_id:
            raise ToolError("The function responded to another invocation.")
        return outcome

    def lines(self) -> list[str]:
        """Return all log lines, including those of the runtime client."""
        return self._log.read_text(encoding="utf-8").splitlines()

    def log(self) -> list[dict[str, Any]]:
        """Return the log lines of the function, without those of the runtime client."""
        return [json.loads(line) for line in self.lines() if line.startswith('{"timestamp"')]

    def processes(self) -> set[int]:
        """Return the ids of the function's process and of all descendants."""
        return list_processes(self.pid)

    def cpu_seconds(self) -> float:
        """Return the processor time of all processes of the function, including ended children."""
        return measure_cpu_seconds(self.pid)

    def resident_bytes(self) -> int:
        """Return the resident memory of all processes of the function."""
        return measure_resident_bytes(self.pid)


@contextmanager
def run_function(
    code: Path, handler: str, environment: Mapping[str, str], *, folder: Path, extra_path: Path | None = None
) -> Iterator[Sandbox]:
    """Start a function, and kill the process at the end of the context.

    Args:
        code: folder of the unpacked zip, `/var/task` in Lambda.
        handler: module and name, such as `edge_resize.handler.lambda_handler`.
        environment: variables that Lambda and Terraform set, including credentials.
        folder: folder for the log.
        extra_path: folder of further modules, such as a handler that wraps the one in the zip.

    Raises:
        ToolError: the start took over 60 s or failed; the message has the error from the runtime client.
    """
    log = folder / f"{uuid.uuid4()}.log"
    with _RuntimeApi() as api, log.open("wb") as output:
        process = start(
            [sys.executable, "-m", "awslambdaric", handler],
            cwd=code,
            environment={
                "AWS_LAMBDA_RUNTIME_API": api.address,
                "LAMBDA_TASK_ROOT": str(code),
                "PATH": os.defpath,
                "PYTHONPATH": os.pathsep.join(map(str, filter(None, (code, extra_path)))),
                **environment,
            },
            stdin=DEVNULL,
            stdout=output,
            stderr=STDOUT,
        )
        try:
            api.wait_until_ready()
            yield Sandbox(process, api, log)
        finally:
            process.kill()
            process.wait()


class _RuntimeApi(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"127.0.0.1:{self.server_port}"
        self.events: queue.Queue[tuple[str, bytes, float] | None] = queue.Queue()
        self._outcomes: queue.Queue[Outcome] = queue.Queue()
        self._started: queue.Queue[Any] = queue.Queue()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.events.put(None)
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore the error: a killed function resets its connection."""

    def wait_until_ready(self) -> None:
        """Wait until the function requests its first event: its start is complete then."""
        error = self._wait_for(self._started)
        if error is not None:
            raise ToolError(f"The function did not start: {error}")

    def next_outcome(self) -> Outcome:
        """Return the next outcome."""
        return self._wait_for(self._outcomes)

    @staticmethod
    def _wait_for[T](results: "queue.Queue[T]") -> T:
        try:
            return results.get(timeout=_TIMEOUT_SECONDS)
        except queue.Empty:
            raise ToolError(f"The function did not respond within {_TIMEOUT_SECONDS:.0f} s.") from None

    def next_event(self) -> tuple[str, bytes, float] | None:
        """Return id, body and timeout in seconds of the next event; None at the end."""
        self._started.put(None)
        return self.events.get()

    def receive(self, path: str, body: Any) -> None:
        """Store an outcome, or an error of the start."""
        match path.removeprefix(f"{_API}/").split("/"):
            case ["init", "error"]:
                self._started.put(body)
            case ["invocation", invocation_id, kind]:
                self._outcomes.put(Outcome(invocation_id, kind == "error", body))


class _Handler(BaseHTTPRequestHandler):
    server: _RuntimeApi
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        event = self.server.next_event()
        if event is None:
            self.close_connection = True
            return
        invocation_id, body, limit_seconds = event
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Lambda-Runtime-Aws-Request-Id", invocation_id)
        self.send_header("Lambda-Runtime-Deadline-Ms", str(round(1000 * (time.time() + limit_seconds))))
        self.send_header(
            "Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:x"
        )
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = self._chunks() if self.headers.get("Transfer-Encoding") else self._body()
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.receive(self.path, json.loads(body))

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def _chunks(self) -> bytes:
        chunks = []
        while length := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(length))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """Write nothing."""
