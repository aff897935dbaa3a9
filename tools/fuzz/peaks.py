"""Peak memory of random transforms against the estimate of `image_core`.

`python -m tools.fuzz.peaks 500 1` makes 500 images and options from the seed 1, measures each transform in a
process of its own, and prints those that take more memory than the estimate. The exit code is 1 if there are
any. Equal seeds result in equal images.
"""

import argparse
import contextlib
import gc
import heapq
import importlib
import json
import os
import re
import resource
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from tools.fuzz import samples, tiff
from tools.fuzz.limits import peak_bytes, reset_peak
from tools.paths import use_packages

_MB = 2**20
_MAX_SIDE, _MAX_THIN_SIDE = 1_500, 4
_MAX_FRAMES, _MAX_FRAME_SIZE = 12, (500, 500)
_SMALL_SIZE = (24, 16)
_RARE, _FEW, _MOST = 0.1, 0.3, 0.7
_CPU_SECONDS = 120
_NEAREST = 5
_OVER, _DIED = "over the estimate", "died"
_ORIENTATIONS = 8
_FORMATS = {
    "1": ("PNG", "BMP", "GIF"),
    "L": ("JPEG", "PNG", "BMP", "WEBP", "GIF", "AVIF"),
    "LA": ("PNG", "WEBP", "AVIF"),
    "P": ("PNG", "BMP", "GIF"),
    "RGB": ("JPEG", "PNG", "BMP", "WEBP", "GIF", "AVIF"),
    "RGBA": ("PNG", "WEBP", "AVIF", "GIF", "BMP"),
    "CMYK": ("JPEG",),
    "I;16": ("PNG",),
}
_ANIMATED = {"PNG", "GIF", "WEBP", "AVIF"}
_FAST: dict[str, dict[str, Any]] = {
    "PNG": {"compress_level": 1},
    "WEBP": {"method": 0},
    "AVIF": {"speed": 10, "max_threads": 1},
}


class Case(NamedTuple):
    """A file to transform.

    Attributes:
        data: the file.
        small: a small file of the same kind, transformed first so that code loaded for it does not count.
        options: arguments of `Options`, as values of JSON.
        description: content, mode, format, size, number of frames and options.
    """

    data: bytes
    small: bytes
    options: dict[str, Any]
    description: str


class Measured(NamedTuple):
    """Result of a transform.

    Attributes:
        peak_bytes: peak memory of the transform.
        estimate_bytes: estimate for one step or for all, the first one that exceeds the peak if any does.
        error: name of the error if there is no image.
    """

    peak_bytes: int
    estimate_bytes: int
    error: str

    @property
    def is_over(self) -> bool:
        """True if the transform took more than the estimate."""
        return not self.error and self.peak_bytes > self.estimate_bytes


def _make_case(random: Random) -> Case:
    """Return a random image with random options."""
    mode = random.choice(tuple(_FORMATS))
    file_format = random.choice(_FORMATS[mode])
    content, image = _random_image(random, mode, (_random_side(random), _random_side(random)))
    frames = 1
    if file_format in _ANIMATED and mode != "I;16" and random.random() < _FEW:
        frames = random.randint(2, _MAX_FRAMES)
        image.thumbnail(_MAX_FRAME_SIZE, Image.Resampling.NEAREST)
    save_options = dict(_FAST.get(file_format, {}))
    if file_format == "JPEG":
        save_options |= {"quality": random.choice((50, 90)), "progressive": random.random() < _FEW}
    if file_format in {"JPEG", "PNG", "WEBP"} and random.random() < _FEW:
        save_options["exif"] = tiff.block([tiff.orientation(random.randint(1, _ORIENTATIONS))])
    data, small = (
        _file_of(each, file_format, frames, save_options)
        for each in (image, image.resize(_SMALL_SIZE, Image.Resampling.NEAREST))
    )
    options = _random_options(random, image.size)
    description = f"{content} {mode} {file_format} {image.width} x {image.height} x {frames}, {options}"
    return Case(data, small, options, description)


def _measure(data: bytes, small: bytes, arguments: dict[str, Any]) -> Measured:
    """Return peak and estimate of a transform in this process.

    The libraries are imported, and the code for this kind of file is in memory after that for a small one.
    """
    core = importlib.import_module("image_core")
    options = _make_options(arguments)
    with contextlib.suppress(core.ImageError):
        core.transform(small, options._replace(box=core.Box(*_SMALL_SIZE)))
    gc.collect()
    before_bytes = reset_peak()
    try:
        core.transform(data, options)
    except core.ImageError as error:
        return Measured(0, 0, type(error).__name__)
    grown_bytes = peak_bytes() - before_bytes
    estimate_bytes = _estimate(data, options, max(1, grown_bytes))
    if estimate_bytes is not None:
        return Measured(grown_bytes, estimate_bytes, "")
    # The estimate of decoding alone is checked first: the limit has to grow to that of all steps.
    limit_bytes = 1
    while (estimate_bytes := _estimate(data, options, limit_bytes)) is not None:
        limit_bytes = estimate_bytes
    return Measured(grown_bytes, limit_bytes, "")


def _estimate(data: bytes, options: Any, limit_bytes: int) -> int | None:
    """Transform with a memory limit, and return the estimate in bytes that exceeds it; None if none does."""
    core = importlib.import_module("image_core")
    try:
        core.transform(data, options._replace(limits=options.limits._replace(max_memory_bytes=limit_bytes)))
    except core.TooMuchMemory as error:
        found = re.search(r"take ([\d,]+) bytes", error.reason)
        if found:
            return int(found[1].replace(",", ""))
        raise
    return None


def _make_options(arguments: dict[str, Any]) -> Any:
    """Return the `Options` of a case."""
    core = importlib.import_module("image_core")
    box = arguments["box"]
    output = arguments["output_format"]
    choices = {each.value: each for each in (*core.Format, *core.AutoFormat)}
    return core.Options(
        **arguments
        | {
            "box": box and core.Box(*box),
            "fit": core.Fit(arguments["fit"]),
            "output_format": choices[output] if output else None,
        }
    )


def _random_side(random: Random) -> int:
    if random.random() < _RARE:
        return random.randint(1, _MAX_THIN_SIDE)
    return random.choice((random.randint(1, _MAX_SIDE), random.randint(_MAX_SIDE // 2, _MAX_SIDE)))


def _random_image(random: Random, mode: str, size: tuple[int, int]) -> tuple[str, Image.Image]:
    """Return the name of the content, and the image."""
    width, height = size
    numbers = np.random.default_rng(random.getrandbits(32))
    pixels = numbers.integers(0, 256, (height, width, 4), dtype=np.uint8)
    content = random.choice(("noise", "noise", "gradient", "half", "few", "flat"))
    if content == "gradient":
        row = np.linspace(0, 255, width).astype(np.uint8)
        pixels = np.broadcast_to(row[None, :, None], pixels.shape).copy()
    elif content == "half":
        pixels[:, width // 3 :] = 255
    elif content == "few":
        pixels = pixels // 64 * 64
        pixels[:, width // 4 :] = 128
    elif content == "flat":
        pixels[:] = (200, 100, 50, 128)
    image = Image.fromarray(pixels, "RGBA")
    if mode == "I;16":
        return content, Image.fromarray(numbers.integers(0, 2**16, (height, width), dtype=np.uint16))
    if mode == "P":
        source = image if random.random() < _FEW else image.convert("RGB")
        return content, source.quantize(random.choice((16, 256)), Image.Quantize.FASTOCTREE)
    return content, image.convert("RGB").convert(mode) if mode in {"CMYK", "1"} else image.convert(mode)


def _file_of(image: Image.Image, file_format: str, frames: int, save_options: dict[str, Any]) -> bytes:
    if frames > 1:
        others = [image.transpose(tuple(Image.Transpose)[number % 2]) for number in range(1, frames)]
        save_options = save_options | {"save_all": True, "append_images": others, "duration": 70}
    return samples.file_of(image, file_format, **save_options)


def _random_options(random: Random, size: tuple[int, int]) -> dict[str, Any]:
    side = (*size, 1, 100, 640, 1280, random.randint(1, _MAX_SIDE))
    box = random.choice(side), random.choice(side), random.choice((True, False))
    outputs = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF", "auto", "auto-webp", "auto-avif", None)
    return {
        "box": box if random.random() > _RARE else None,
        "fit": random.choice(("inside", "cover", "contain", "fill")),
        "output_format": random.choice(outputs),
        "quality": random.choice((30, 80, 80, 100)),
        "gravity": (random.random(), random.random()),
        "enlarge": random.random() < _MOST,
    }


def _warm() -> None:
    """Transform small images from and to all formats, so that libraries are loaded and their buffers made."""
    core = importlib.import_module("image_core")
    importlib.import_module("image_metadata")
    for file_format in core.Format:
        image = samples.sample_image("RGB" if file_format in {"JPEG", "BMP"} else "RGBA")
        data = samples.file_of(image, file_format)
        for output in (*core.Format, *core.AutoFormat):
            core.transform(data, core.Options(box=core.Box(20, 20), output_format=output))


def _in_child[T](function: Callable[[], T]) -> T | None:
    """Return the result of a function in a forked child; None if the child died. The result is JSON."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        code = 1
        try:
            os.close(reading)
            resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
            with os.fdopen(writing, "w", encoding="utf-8") as pipe:
                json.dump(function(), pipe)
            code = 0
        except Exception:  # noqa: BLE001 - the parent reports that the child died
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    return json.loads(text) if not status else None


def measure_many(count: int, seed: int) -> Iterator[tuple[str, Measured]]:
    """Yield description and measurement of each image.

    One child makes the files and another one measures: memory left over from making them would hide the peak.
    """
    _warm()
    with tempfile.TemporaryDirectory(prefix="peaks-") as folder:
        for number in range(count):
            random = Random(f"{seed}/{number}")  # noqa: S311 - for variety, not for secrets
            made = _in_child(partial(_make_files, Path(folder), random))
            description, arguments = made or ("no file", {})
            found = made and _in_child(partial(_measure_files, Path(folder), arguments))
            yield f"{seed}/{number} {description}", Measured(*(found or (0, 0, _DIED)))


def _make_files(folder: Path, random: Random) -> tuple[str, dict[str, Any]]:
    case = _make_case(random)
    (folder / "data").write_bytes(case.data)
    (folder / "small").write_bytes(case.small)
    return case.description, case.options


def _measure_files(folder: Path, arguments: dict[str, Any]) -> Measured:
    return _measure((folder / "data").read_bytes(), (folder / "small").read_bytes(), arguments)


def _describe(description: str, measured: Measured) -> str:
    peak_mb, estimate_mb = measured.peak_bytes / _MB, measured.estimate_bytes / _MB
    return f"{peak_mb:7.1f} of {estimate_mb:7.1f} MB: {description} {measured.error}"


def main() -> None:
    """Measure the images, print those over the estimate, and those whose process died."""
    use_packages()
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int, nargs="?", default=500)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    arguments = parser.parse_args()
    outcomes: Counter[str] = Counter()
    nearest: list[tuple[float, str]] = []
    for description, measured in measure_many(arguments.count, arguments.seed):
        outcome = measured.error or (_OVER if measured.is_over else "within the estimate")
        outcomes[outcome] += 1
        line = _describe(description, measured)
        if outcome in {_OVER, _DIED}:
            print(line, flush=True)
        if not measured.error:
            nearest = heapq.nlargest(
                _NEAREST, [*nearest, (measured.peak_bytes / measured.estimate_bytes, line)]
            )
    counts = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
    print(f"{outcomes.total()} images: {counts}. Nearest to the estimate:")
    print(*(f"{share:.2f} {line}" for share, line in nearest), sep="\n", flush=True)
    sys.exit(bool(outcomes[_OVER] or outcomes[_DIED]))


if __name__ == "__main__":
    main()
