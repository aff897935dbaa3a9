"""CPU time and memory of crafted ICC profiles and animations, each measured in a process of its own.

`python -m tools.fuzz.crafted` tries 200 profiles and 50 animations under the limits of the product and a
deadline of 2 s, and prints the worst case of each kind. The exit code is 1 if a file exceeds its bounds.
"""

import itertools
import json
import os
import re
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from tools.fuzz import profiles
from tools.fuzz.animations import apng_of_noise, apng_of_translucent_noise, gif_of_noise
from tools.fuzz.limits import peak_bytes, reset_peak
from tools.fuzz.samples import file_of, sample_image
from tools.fuzz.supervisor import environment
from tools.paths import PROJECT
from tools.process import CommandError, run

PROFILES, ANIMATIONS = 200, 50
DEADLINE_SECONDS, MAX_CPU_SECONDS = 2.0, 3.0
# The limit of a transform in a function with 1,769 MB.
MAX_MEMORY_MB = 1_619
_MB = 2**20
_MODES = {b"GRAY": "L", b"RGB ": "RGB", b"CMYK": "CMYK"}
_ANIMATED = ("WEBP", "WEBP", "PNG", "GIF")
_SIDES = (64, 84, 128, 180, 300, 640)
_OUTPUTS = ("JPEG", "BMP", "GIF", "WEBP", "PNG")


class Crafted(NamedTuple):
    """A file, the kind of its crafting, and the output format."""

    kind: str
    data: bytes
    output: str


class Cost(NamedTuple):
    """CPU seconds and peak memory of a transform, and its result: number of frames, or name of the error."""

    cpu_seconds: float
    peak_bytes: int
    result: str


def crafted_profiles(count: int) -> Iterator[Crafted]:
    """Yield images whose profiles are crafted to cost much."""
    for number, (kind, profile) in enumerate(profiles.costly(count)):
        data = file_of(sample_image(_MODES[profile[16:20]]), "JPEG", icc_profile=profile[:16_000_000])
        yield Crafted(kind, data, _OUTPUTS[number % len(_OUTPUTS)])


def crafted_animations(count: int) -> Iterator[Crafted]:
    """Yield animations of noise with up to 9,000 frames, within the limit of pixels."""
    for number in range(count):
        side = _SIDES[number % len(_SIDES)]
        frames = min(9_000, 64_000_000 // (side * side)) // (1 + number % 3)
        output = _ANIMATED[number % len(_ANIMATED)]
        if number % 5 == 1:
            few = 6_300_000 // (side * side)  # these files are as large as their pixels
            yield Crafted("translucent noise", apng_of_translucent_noise(side, few), "WEBP")
        elif number % 5:
            yield Crafted(f"noise, {side} x {side}", apng_of_noise(side, frames), output)
        else:
            yield Crafted("noise of a GIF", gif_of_noise(side, frames // 2), output)


def measure(crafted: Crafted) -> Cost:
    """Transform a file in a process of its own and return the cost."""
    with tempfile.NamedTemporaryFile(prefix="crafted-") as file:
        file.write(crafted.data)
        file.flush()
        command = [sys.executable, "-m", "tools.fuzz.crafted", file.name, crafted.output]
        try:
            printed = run(command, cwd=PROJECT, environment=environment())
        except CommandError as error:
            return Cost(float("inf"), 0, f"ended with {error.returncode}")
    return Cost(*json.loads(printed))


def is_within_bounds(cost: Cost) -> bool:
    """Return True if a transform took at most 3 s of CPU time, and at most the memory of its limit."""
    return cost.cpu_seconds <= MAX_CPU_SECONDS and cost.peak_bytes <= MAX_MEMORY_MB * _MB


def _transform_here(path: Path, output: str) -> Cost:
    # Only the environment of this process has the libraries on its path.
    from image_core import Box, Format, ImageError, Options, transform  # noqa: PLC0415

    data = path.read_bytes()
    transform(file_of(Image.new("RGB", (8, 8)), "PNG"), Options(box=None, output_format=Format(output)))
    # The kernel ends a process after 30 s of CPU time, so that no bomb occupies the machine.
    resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
    before_bytes, began = reset_peak(), time.process_time()
    end = began + DEADLINE_SECONDS
    options = Options(box=Box(width=640, height=640), output_format=Format(output))
    try:
        image = transform(data, options, lambda: end - time.process_time())
        result = f"{image.frames} frames"
    except ImageError as error:
        result = type(error).__name__
    return Cost(time.process_time() - began, peak_bytes() - before_bytes, result)


def main() -> None:
    """Measure all files; or, with arguments, one file in this process."""
    if len(sys.argv) > 1:
        print(json.dumps(_transform_here(Path(sys.argv[1]), sys.argv[2])))
        return
    worst: dict[str, list[Cost]] = {}
    files = itertools.chain(crafted_profiles(PROFILES), crafted_animations(ANIMATIONS))
    with ThreadPoolExecutor(os.process_cpu_count()) as pool:
        for batch in itertools.batched(files, 20, strict=False):
            for crafted, cost in zip(batch, pool.map(measure, batch), strict=True):
                worst.setdefault(crafted.kind, []).append(cost)
    for kind, costs in worst.items():
        results = ", ".join(sorted({re.sub(r"^\d+", "n", cost.result) for cost in costs}))
        cpu, peak = max(cost.cpu_seconds for cost in costs), max(cost.peak_bytes for cost in costs) / _MB
        print(f"{kind:36} {len(costs):4} {cpu:6.2f} s {peak:6.0f} MB  {results}", flush=True)
    over = sum(not is_within_bounds(cost) for costs in worst.values() for cost in costs)
    print(f"{over} over {MAX_CPU_SECONDS} s of CPU or the limit of memory.")
    sys.exit(over > 0)


if __name__ == "__main__":
    main()
