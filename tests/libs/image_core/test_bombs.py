"""Small files that cost much: each results in an image or a named error, within its time and memory."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from image_core import Box, Format, Limits, Options
from PIL import Image

from tests.libs.image_core import bombs, files
from tests.libs.image_core.conftest import Measure, needs_proc
from tests.libs.image_core.images import file_of
from tools.fuzz.animations import gif_of_noise

SECONDS = 5
# Maximum time of a call into C after the deadline, in seconds.
GRACE_SECONDS = 2
MEMORY_MB = 1_769


class Bomb(NamedTuple):
    """A file, and its expected results: reduced as WebP, whole as JPEG. None: depends on the machine.

    Attributes:
        seconds: CPU time until the deadline, which a file that takes longer on every machine uses up.
    """

    make: Callable[[], bytes]
    smaller: str | None
    whole: str | None
    seconds: float = SECONDS


def describe_image(width: int, height: int, frames: int = 1) -> str:
    return f"{width} x {height}, {frames} frames"


BOMBS = {
    "GIF, 15,798 frames": Bomb(lambda: bombs.gif_frames((64, 64), 15_800), None, describe_image(64, 64)),
    # No machine encodes 65 megapixels of noise within the deadline.
    "GIF, 2,000 frames of noise": Bomb(
        lambda: gif_of_noise(180, 2_000), "TransformTooSlow", describe_image(180, 180), seconds=1
    ),
    "GIF, huge canvas": Bomb(
        lambda: files.gif((8000, 8000), [(0, 0, 0)], files.gif_frame((0, 0, 1, 1), 0)),
        describe_image(600, 600),
        describe_image(8000, 8000),
    ),
    "GIF, stray bytes": Bomb(lambda: bombs.gif_of_stray_bytes(60_000_000), "NotAnImage", "NotAnImage"),
    "GIF, 30,000,000 sub-blocks": Bomb(
        lambda: bombs.gif_of_sub_blocks(60_000_000), "NotAnImage", "NotAnImage"
    ),
    "APNG, 15,800 frames": Bomb(lambda: bombs.apng_frames((64, 64), 15_800), None, describe_image(64, 64)),
    "APNG, 12,000 frames that share 200 kB": Bomb(
        lambda: bombs.apng_frames((1, 1), 12_000, (b"eXIf", bytes(200_000))), None, describe_image(1, 1)
    ),
    "WebP, 15,800 frames": Bomb(lambda: bombs.webp_frames((64, 64), 15_800), None, describe_image(64, 64)),
    "WebP, a million frames": Bomb(
        lambda: bombs.webp_frames((64, 64), 1_000_000), "TooManyPixels", describe_image(64, 64)
    ),
    "WebP, 65,536 groups of codes": Bomb(
        lambda: bombs.webp_of_groups(1024), describe_image(600, 600), describe_image(1024, 1024)
    ),
    "WebP, 65,536 groups of codes for alpha": Bomb(
        lambda: bombs.webp_of_alpha_groups(1024), describe_image(600, 600), describe_image(1024, 1024)
    ),
    "JPEG, 85 scans": Bomb(lambda: bombs.jpeg_of_scans(6000, 80), None, None),
    "JPEG, 20,000 scans": Bomb(lambda: bombs.jpeg_of_scans(6000, 20_000), "TooManyScans", "TooManyScans"),
    "JPEG, 16,000,000 segments": Bomb(lambda: bombs.jpeg_of_segments(64_000_000), "NotAnImage", "NotAnImage"),
    "JPEG, EXIF that overlaps": Bomb(
        lambda: bombs.jpeg_with_exif(bombs.overlapping_exif(65_535, 60_000_000)),
        describe_image(8, 8),
        describe_image(8, 8),
    ),
    "PNG, EXIF that overlaps": Bomb(
        lambda: bombs.png_with((b"eXIf", bombs.overlapping_exif(65_535, 60_000_000)[6:])),
        describe_image(1, 1),
        describe_image(1, 1),
    ),
    "PNG, a text of 500 MB": Bomb(
        lambda: bombs.png_with((b"zTXt", b"a\0\0" + bombs.zeros(500_000_000))),
        describe_image(1, 1),
        describe_image(1, 1),
    ),
    "PNG, 3,000 texts of 0.9 MB": Bomb(
        lambda: bombs.png_with(*[(b"zTXt", b"a\0\0" + bombs.zeros(900_000))] * 3_000),
        describe_image(1, 1),
        describe_image(1, 1),
    ),
    "PNG, a profile of 500 MB": Bomb(
        lambda: bombs.png_with((b"iCCP", b"a\0\0" + bombs.zeros(500_000_000))),
        describe_image(1, 1),
        describe_image(1, 1),
    ),
    "PNG, 5,000,000 chunks": Bomb(lambda: bombs.png_of_empty_chunks(60_000_000), "NotAnImage", "NotAnImage"),
    "PNG, interlaced, 30 megapixels": Bomb(
        lambda: bombs.png_of_zeros(5500, 5500, 2, interlaced=True),
        describe_image(600, 600),
        describe_image(5500, 5500),
    ),
    "PNG, RGBA, 64 megapixels": Bomb(
        lambda: bombs.png_of_zeros(8000, 8000, 6), describe_image(600, 600), describe_image(8000, 8000)
    ),
    "BMP, 16 million runs": Bomb(
        lambda: bombs.rle_bmp(4000, 4000, 1), "TransformTooSlow", "TransformTooSlow", seconds=1
    ),
    "BMP, long runs": Bomb(
        lambda: bombs.rle_bmp(4000, 4000, 250), describe_image(600, 600), describe_image(4000, 4000)
    ),
}


def options_of(output: str, size: str) -> Options:
    """Return options with the memory of a function of AWS Lambda, "smaller" or "whole"."""
    box = Box(width=800, height=600) if size == "smaller" else None
    return Options(box=box, output_format=Format(output), limits=Limits.within(MEMORY_MB))


@needs_proc
@pytest.mark.parametrize("name", BOMBS)
def test_bomb(name: str, measure: Measure, record_property: Callable[[str, object], None]) -> None:
    bomb = BOMBS[name]
    data = bomb.make()
    for output, size, wanted in (("WEBP", "smaller", bomb.smaller), ("JPEG", "whole", bomb.whole)):
        result, seconds, peak_bytes, _ = measure(data, options_of(output, size), bomb.seconds)
        peak_mb = peak_bytes // 1024**2
        record_property(
            "measured",
            f"{name:32}{len(data):>12,} B {output:5}{seconds:6.2f} s {peak_mb:4} MB  {result}",
        )
        assert wanted in {result, None}
        assert seconds < bomb.seconds + GRACE_SECONDS
        assert peak_mb < MEMORY_MB


def noise() -> bytes:
    """Return a JPEG of 25 megapixels, for which each encoder takes longest."""
    samples = np.random.default_rng(1).integers(0, 256, (5000, 5000, 3), dtype=np.uint8)
    return file_of(Image.fromarray(samples), "JPEG", quality=50)


def palette() -> bytes:
    """Return a PNG of 16 megapixels with a palette."""
    samples = np.random.default_rng(1).integers(0, 256, (4000, 4000), dtype=np.uint8)
    image = Image.fromarray(samples, "P")
    image.putpalette(np.random.default_rng(2).integers(0, 256, 768, dtype=np.uint8).tobytes())
    return file_of(image, "PNG", compress_level=1)


LONG_STEPS: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "encode WebP": (noise, "WEBP", "whole"),
    "take a palette for GIF": (noise, "GIF", "whole"),
    "encode JPEG": (palette, "JPEG", "whole"),
    "take a palette for PNG": (palette, "PNG", "smaller"),
    "decode 100 scans": (lambda: bombs.jpeg_of_scans(8000, 94), "JPEG", "smaller"),
}


@needs_proc
@pytest.mark.parametrize("name", LONG_STEPS)
def test_no_step_goes_on_long_after_the_deadline(
    name: str, measure: Measure, record_property: Callable[[str, object], None]
) -> None:
    make, output, size = LONG_STEPS[name]
    data = make()
    for deadline in (0.3, 1.5):
        result, seconds, *_ = measure(data, options_of(output, size), deadline)
        record_property("measured", f"{name:32}{deadline:4} s {seconds:6.2f} s  {result}")
        assert seconds < deadline + GRACE_SECONDS
