"""Transforms of photographs by image_core, the documented original, sharp and pyvips."""

import statistics
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from tools.bench.environment import Peers
from tools.bench.originals import TWELVE_MEGAPIXELS
from tools.bench.ratios import Case, Measurement
from tools.bench.sides.protocol import Options
from tools.bench.worker import DOCUMENTED, FLOOR, Similarity, Worker, list_side_commands
from tools.console import step
from tools.paths import SAMPLES

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
RUNS = 2
MEMORY_RUNS = 2

type Measurements = dict[str, dict[Case, Measurement]]
"""Measurements by name of the side, then by case."""


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
        similarity = stack.enter_context(Similarity(peers))
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
    sides: dict[str, Worker], similarity: Similarity, photograph: Path, case: Case, folder: Path
) -> dict[str, Measurement]:
    _, size, output_format = case
    width, height = orient_box(SIZES[size], tall=similarity.is_tall(photograph))
    options = Options(width=width, height=height, format=output_format, quality=QUALITY)
    ssim = {}
    for name, side in sides.items():
        made = folder / name
        side.transform(photograph, options, made)
        # These sides ignore the orientation, so the reference must not be upright either.
        ssim[name] = similarity.measure(photograph, made, upright=name not in {DOCUMENTED, FLOOR})
    runs = [{name: side.transform(photograph, options) for name, side in sides.items()} for _ in range(RUNS)]
    return {
        name: Measurement(
            cpu_ms=min(run[name].cpu_ms for run in runs),
            size_bytes=runs[0][name].size_bytes,
            ssim=ssim[name],
            quality=QUALITY,
        )
        for name in sides
    }


def orient_box(box: tuple[int, int], *, tall: bool) -> tuple[int, int]:
    """Return the box, with width and height swapped for an image that is higher than wide."""
    return (box[1], box[0]) if tall else box


def measure_memory(peers: Peers, samples: Path) -> list[Memory]:
    """Measure the memory of a fresh process for a first image of 12 megapixels: medians, by output format."""
    width, height = SIZES["L"]
    return [
        Memory(
            case=f"12 megapixels to 1280 x 720 {output_format}",
            peak_mib={
                name: statistics.median(
                    measure_peak(
                        command,
                        samples / TWELVE_MEGAPIXELS,
                        Options(width=width, height=height, format=output_format, quality=QUALITY),
                    )
                    for _ in range(MEMORY_RUNS)
                )
                for name, command in list_side_commands(peers).items()
            },
        )
        for output_format in FORMATS
    ]


def measure_peak(command: Sequence[str], original: Path, options: Options) -> float:
    """Return the growth of the peak memory of a fresh process by its first large image, in MiB.

    Code that is loaded on first use counts as memory of the process, not of the image, so the process first
    makes a small image of a small original, of the same format if there is one.
    """
    small = SAMPLES / f"cat{original.suffix}"
    with Worker(command) as side:
        side.transform(
            small if small.is_file() else SAMPLES / "cat.jpg", replace(options, width=64, height=64)
        )
        return side.transform(original, options).memory_kib / 1024
