"""Transforms of photographs by image_core, the documented original, sharp and pyvips."""

import statistics
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.bench.environment import Peers
from tools.bench.photographs import TWELVE_MEGAPIXELS
from tools.bench.ratios import Case, Measurement
from tools.bench.worker import DOCUMENTED, FLOOR, Worker, list_side_commands, make_similarity_command
from tools.console import step

# Width and height of the boxes in pixels; for tall photographs, the two are swapped.
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

type Measurements = dict[str, dict[Case, Measurement]]
"""By side and case."""


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Growth of the peak memory of a fresh process in one case (MiB), by side."""

    case: str
    peak_mib: dict[str, float]


def measure_images(
    peers: Peers, photographs: Sequence[Path], formats: Sequence[str] = FORMATS
) -> Measurements:
    """Measure every side in every case. The sides take turns, since the speed of a machine drifts.

    The first run of each case warms up and is not measured. Its derivative is compared with the reference.

    Raises:
        ToolError: a side failed.
    """
    measurements: Measurements = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        similarity = stack.enter_context(Worker(make_similarity_command(peers)))
        commands = list_side_commands(peers)
        sides = {name: stack.enter_context(Worker(command)) for name, command in commands.items()}
        for photograph in photographs:
            with step(photograph.name):
                for size in SIZES:
                    for output_format in formats:
                        case = (photograph.name, size, output_format)
                        found = _measure_case(sides, similarity, photograph, case, folder)
                        for name, measurement in found.items():
                            measurements.setdefault(name, {})[case] = measurement
    return measurements


def _measure_case(
    sides: dict[str, Worker], similarity: Worker, photograph: Path, case: Case, folder: Path
) -> dict[str, Measurement]:
    parameters = _make_parameters(similarity, photograph, case)
    ssim = {}
    for name, side in sides.items():
        made = str(folder / name)
        side.request(**parameters, to=made)
        # These sides ignore the orientation, so the reference must not be upright either.
        upright = name not in {DOCUMENTED, FLOOR}
        ssim[name] = similarity.request(original=str(photograph), made=made, upright=upright)["ssim"]
    runs = [{name: side.request(**parameters, to=None) for name, side in sides.items()} for _ in range(RUNS)]
    return {
        name: Measurement(
            cpu_ms=statistics.median(run[name]["cpu_ms"] for run in runs),
            size_bytes=runs[0][name]["bytes"],
            ssim=ssim[name],
        )
        for name in sides
    }


def _make_parameters(similarity: Worker, photograph: Path, case: Case) -> dict[str, Any]:
    _, size, output_format = case
    width, height = SIZES[size]
    if similarity.request(tall=str(photograph))["tall"]:
        width, height = height, width
    return {
        "path": str(photograph),
        "width": width,
        "height": height,
        "format": output_format,
        "quality": QUALITY,
    }


def measure_memory(peers: Peers, samples: Path) -> list[Memory]:
    """Measure the memory of a fresh process for a first image of 12 megapixels: medians, by output format."""
    return [
        Memory(
            case=f"12 megapixels to 1280 x 720 {output_format}",
            peak_mib=_measure_peaks(peers, samples, output_format),
        )
        for output_format in FORMATS
    ]


def _measure_peaks(peers: Peers, samples: Path, output_format: str) -> dict[str, float]:
    width, height = SIZES["L"]
    large = {"width": width, "height": height, "format": output_format, "quality": QUALITY, "to": None}
    peaks: dict[str, list[float]] = {}
    for name, command in list(list_side_commands(peers).items()) * MEMORY_RUNS:
        with Worker(command) as side:
            # Code that is loaded on first use counts as memory of the process, not of the image.
            side.request(**large | {"path": str(samples / "cat.jpg"), "width": 64, "height": 64})
            kib = side.request(**large | {"path": str(samples / TWELVE_MEGAPIXELS)})["memory_kib"]
            peaks.setdefault(name, []).append(kib / 1024)
    return {name: statistics.median(values) for name, values in peaks.items()}
