"""Processes of the measured sides, which respond to one request at a time."""

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self

from tools.bench.environment import PEERS, Peers
from tools.bench.sides.protocol import Options
from tools.console import ToolError
from tools.paths import PROJECT
from tools.process import PIPE, clean_environment, last_words, start

LIBRARIES = sorted(str(path) for path in (PROJECT / "libs").iterdir())

DOCUMENTED, IMAGE_CORE, SHARP, PYVIPS = "documented original", "image_core", "sharp", "pyvips"
FLOOR = "decoder and encoder alone"


def list_side_commands(peers: Peers) -> dict[str, list[str]]:
    """Return the command of each side. sharp needs the npm packages."""
    commands = {
        DOCUMENTED: _module(peers.python, "documented_side"),
        # In the environment of the tools, which has the packages of the functions.
        IMAGE_CORE: [*_module(sys.executable, "image_core_side"), *LIBRARIES],
        PYVIPS: _module(peers.python, "pyvips_side"),
        FLOOR: _module(peers.python, "floor_side"),
    }
    node = shutil.which("node")
    if node and peers.packages:
        commands[SHARP] = [node, "--expose-gc", str(PEERS / "sharp_side.mjs")]
    return commands


def _module(python: str | Path, name: str) -> list[str]:
    return [str(python), "-E", "-s", "-m", f"tools.bench.sides.{name}"]


@dataclass(frozen=True, kw_only=True)
class Made:
    """Cost of a derivative.

    Attributes:
        cpu_ms: processor time in milliseconds.
        memory_kib: growth of the peak memory.
        size_bytes: size of the file.
    """

    cpu_ms: float
    memory_kib: int
    size_bytes: int


class Worker:
    """The process of a side, as a context."""

    def __init__(self, command: Sequence[str]) -> None:
        # All sides get one thread. libvips and the libraries below numpy would use every core.
        one_thread = {"VIPS_CONCURRENCY": "1", "OMP_NUM_THREADS": "1", "UV_THREADPOOL_SIZE": "1"}
        # A file, since a side would wait for the reader of a pipe that is full of warnings.
        self._errors = TemporaryFile()  # noqa: SIM115 - closed at the end of the context
        self._process = start(
            command,
            cwd=PROJECT,
            environment=clean_environment() | one_thread,
            stdin=PIPE,
            stdout=PIPE,
            stderr=self._errors,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def transform(self, original: Path, options: Options, to: Path | None = None) -> Made:
        """Make a derivative, and write the derivative if there is a path for it.

        Raises:
            ToolError: the process ended without a response.
        """
        response = self.request(path=str(original), options=asdict(options), to=str(to) if to else None)
        return Made(
            cpu_ms=response["cpu_ms"], memory_kib=response["memory_kib"], size_bytes=response["bytes"]
        )

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
            process.communicate()
            self._errors.seek(0)
            words = self._errors.read().decode(errors="replace")
            raise ToolError(f"A side of the benchmark failed: {last_words(words)}")
        response: dict[str, Any] = json.loads(line)
        return response


class Similarity(Worker):
    """The process that compares derivatives with their originals."""

    def __init__(self, peers: Peers) -> None:
        super().__init__(_module(peers.python, "similarity_side"))

    def is_tall(self, original: Path) -> bool:
        """Return True if an image is higher than wide, as displayed."""
        return bool(self.request(tall=str(original))["tall"])

    def measure(self, original: Path, made: Path, *, upright: bool = True) -> float:
        """Return the SSIM of a derivative; 1 is identical.

        Args:
            original: path of the original.
            made: path of the derivative.
            upright: False if the derivative was made without regard to the orientation.
        """
        return float(self.request(original=str(original), made=str(made), upright=upright)["ssim"])
