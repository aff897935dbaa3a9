"""Processes of the measured sides, which respond to one request at a time."""

import json
import shutil
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from tools.bench.environment import PEERS, Peers
from tools.console import ToolError
from tools.paths import PROJECT
from tools.process import PIPE, clean_environment, last_words, start

LIBRARIES = sorted(str(path) for path in (PROJECT / "libs").iterdir())

DOCUMENTED, IMAGE_CORE, SHARP, PYVIPS = "documented original", "image_core", "sharp", "pyvips"
FLOOR = "decoder and encoder alone"


def list_side_commands(peers: Peers) -> dict[str, list[str]]:
    """Return the command of each side. sharp needs the npm packages."""
    commands = {
        DOCUMENTED: _module(peers, "documented_side"),
        IMAGE_CORE: [*_module(peers, "image_core_side"), *LIBRARIES],
        PYVIPS: _module(peers, "pyvips_side"),
        FLOOR: _module(peers, "floor_side"),
    }
    node = shutil.which("node")
    if node and peers.packages:
        commands[SHARP] = [node, "--expose-gc", str(PEERS / "sharp_side.mjs")]
    return commands


def make_similarity_command(peers: Peers) -> list[str]:
    """Return the command of the process that compares images."""
    return _module(peers, "similarity_side")


def _module(peers: Peers, name: str) -> list[str]:
    return [str(peers.python), "-E", "-s", "-m", f"tools.bench.sides.{name}"]


class Worker:
    """The process of a side, as a context."""

    def __init__(self, command: Sequence[str]) -> None:
        # All sides get one thread. libvips and the libraries below numpy would use every core.
        one_thread = {"VIPS_CONCURRENCY": "1", "OMP_NUM_THREADS": "1", "UV_THREADPOOL_SIZE": "1"}
        self._process = start(
            command,
            cwd=PROJECT,
            environment=clean_environment() | one_thread,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def request(self, **parameters: Any) -> dict[str, Any]:
        """Send a request and return the response.

        Raises:
            ToolError: the process ended without a response.
        """
        process = self._process
        assert process.stdin is not None  # noqa: S101 - PIPE above
        assert process.stdout is not None  # noqa: S101
        try:
            process.stdin.write(json.dumps(parameters).encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            _, words = process.communicate()
            raise ToolError(f"A side of the benchmark failed: {last_words(words.decode())}")
        response: dict[str, Any] = json.loads(line)
        return response
