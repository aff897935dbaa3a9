"""Transforms in processes of their own, whose memory and time are measured."""

import math
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from image_core import Options
from PIL import Image

from tests.libs.image_core.images import file_of
from tools.paths import PACKAGES

PROGRAM = Path(__file__).with_name("measured.py")


class Measured(NamedTuple):
    """The result of a transform, and its cost.

    Attributes:
        result: size in pixels and number of frames, or the name of the error.
        seconds: CPU time.
        peak_bytes: maximum memory of the process.
        own_bytes: maximum memory, less the memory of the process before the transform.
    """

    result: str
    seconds: float
    peak_bytes: int
    own_bytes: int


type Measure = Callable[..., Measured]

_NEEDED = ("clear_refs", "pagemap", "smaps_rollup", "status")

needs_proc = pytest.mark.skipif(
    not all(Path("/proc/self", name).exists() for name in _NEEDED),
    reason="the peak of memory is read from /proc",
)


@pytest.fixture(scope="session")
def measure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measure]:
    """Transform a file with options in a process of its own, within some seconds of CPU time."""
    path = tmp_path_factory.mktemp("measured") / "file"
    tiny = {name: file_of(Image.new("RGBA", (8, 8)), name) for name in ("PNG", "AVIF")}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, PACKAGES))}
    with subprocess.Popen(  # noqa: S603 - this Python, this program
        [sys.executable, PROGRAM], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as program:
        jobs, results = program.stdin, program.stdout
        assert jobs
        assert results

        def measure(data: bytes, options: Options, seconds: float = math.inf) -> Measured:
            path.write_bytes(data)
            # The first use of the decoder of AVIF loads code, which would hide its buffers.
            before = tiny["PNG" if data[4:8] != b"ftyp" else "AVIF"]
            pickle.dump((path, options, seconds, before), jobs)
            jobs.flush()
            measured = pickle.load(results)  # noqa: S301 - written by our own program
            assert measured, "The process crashed: its error is on the standard error."
            return Measured(*measured)

        yield measure
