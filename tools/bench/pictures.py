"""image_core beside the documented original, sharp and pyvips, on photographs."""

import statistics
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.bench.environment import Peers
from tools.bench.photographs import TWELVE_MEGAPIXELS
from tools.bench.ratios import Case, Made
from tools.bench.worker import DOCUMENTED, FLOOR, Worker, commands, likeness_command
from tools.console import step

# Width and height of the boxes, given for wide photographs.
SIZES = {
    "XS": (427, 240),
    "S": (854, 480),
    "M": (1200, 628),
    "L": (1280, 720),
    "SXS": (180, 180),
    "SS": (360, 360),
    "SM": (540, 540),
    "SL": (1080, 1080),
}
FORMATS = ("JPEG", "WEBP")
QUALITY = 80
RUNS = 3
MEMORY_RUNS = 3

type Results = dict[str, dict[Case, Made]]
"""By side and case."""


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What a fresh process holds more at its peak than before (MiB), by side."""

    what: str
    peak_mib: dict[str, float]


def measure(peers: Peers, photographs: Sequence[Path], formats: Sequence[str] = FORMATS) -> Results:
    """Let every side make every case. The sides take turns in each run, so a slower minute slows all.

    A first run of each case warms up: it is not measured, and its picture is compared with the reference.

    Raises:
        ToolError: a side failed.
    """
    results: Results = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        likeness = stack.enter_context(Worker(likeness_command(peers)))
        sides = {name: stack.enter_context(Worker(command)) for name, command in commands(peers).items()}
        for photograph in photographs:
            with step(photograph.name):
                for size in SIZES:
                    for output_format in formats:
                        case = (photograph.name, size, output_format)
                        for name, made in _case(sides, likeness, photograph, case, folder).items():
                            results.setdefault(name, {})[case] = made
    return results


def _case(
    sides: dict[str, Worker], likeness: Worker, photograph: Path, case: Case, folder: Path
) -> dict[str, Made]:
    order = _order(likeness, photograph, case)
    ssim = {}
    for name, side in sides.items():
        made = str(folder / name)
        side.ask(**order, to=made)
        # These leave pictures as they lie: they are held against one that lies too.
        upright = name not in {DOCUMENTED, FLOOR}
        ssim[name] = likeness.ask(original=str(photograph), made=made, upright=upright)["ssim"]
    runs = [{name: side.ask(**order, to=None) for name, side in sides.items()} for _ in range(RUNS)]
    return {
        name: Made(
            cpu_ms=statistics.median(run[name]["cpu_ms"] for run in runs),
            length=runs[0][name]["bytes"],
            ssim=ssim[name],
        )
        for name in sides
    }


def _order(likeness: Worker, photograph: Path, case: Case) -> dict[str, Any]:
    _, size, output_format = case
    width, height = SIZES[size]
    if likeness.ask(tall=str(photograph))["tall"]:
        width, height = height, width
    return {
        "path": str(photograph),
        "width": width,
        "height": height,
        "format": output_format,
        "quality": QUALITY,
    }


def memory(peers: Peers, samples: Path) -> list[Memory]:
    """The memory of a fresh process for a first picture of 12 megapixels, medians, by output format."""
    return [
        Memory(
            what=f"12 megapixels to 1280 x 720 {output_format}",
            peak_mib=_peaks(peers, samples, output_format),
        )
        for output_format in FORMATS
    ]


def _peaks(peers: Peers, samples: Path, output_format: str) -> dict[str, float]:
    width, height = SIZES["L"]
    large = {"width": width, "height": height, "format": output_format, "quality": QUALITY, "to": None}
    peaks: dict[str, list[float]] = {}
    for name, command in list(commands(peers).items()) * MEMORY_RUNS:
        with Worker(command) as side:
            # What is loaded on first use belongs to the process, not to the picture.
            side.ask(**large | {"path": str(samples / "cat.jpg"), "width": 64, "height": 64})
            kib = side.ask(**large | {"path": str(samples / TWELVE_MEGAPIXELS)})["memory_kib"]
            peaks.setdefault(name, []).append(kib / 1024)
    return {name: statistics.median(values) for name, values in peaks.items()}
