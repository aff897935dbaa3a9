"""Seeds of the fuzzer: reduced sample photographs, and the sample files full of metadata."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageSequence

from tools.fuzz import samples
from tools.fuzz.animations import apng_of_noise
from tools.fuzz.profile_mutations import SOUND, with_profile

_SIDE = 40
_MAX_BYTES = 10_000
_FRAMES = 4


def seeds(project: Path) -> Iterator[bytes]:
    """Yield some dozens of files of every format, short enough for a thousand executions per second."""
    yield from (data for data in samples.FILES.values() if len(data) <= _MAX_BYTES)
    images = project / "tests" / "images"
    for path in sorted([*images.glob("*.*"), *images.glob("orientation/*.*")]):
        if path.suffix != ".md":
            yield _small(path)
    for mode, profile in zip(("RGB", "L", "CMYK", "RGB"), SOUND, strict=True):
        yield with_profile(samples.file_of(samples.sample_image(mode), "JPEG"), profile)
    yield apng_of_noise(300, 60)
    yield from (path.read_bytes() for path in sorted((project / "tests/libs/regressions").iterdir()))


def _small(path: Path) -> bytes:
    """Return the image reduced to 40 pixels, encoded like the original."""
    with Image.open(path) as image:
        frames = [_reduce(frame) for frame in ImageSequence.Iterator(image)][:_FRAMES]
        kept: dict[str, Any] = {
            name: image.info[name]
            for name in ("exif", "icc_profile", "xmp", "progressive", "loop", "transparency")
            if name in image.info and len(str(image.info[name])) < 4 * _MAX_BYTES
        }
        output = "JPEG" if image.format == "MPO" else image.format
    if len(frames) > 1 and output != "JPEG":
        kept |= {"save_all": True, "append_images": frames[1:], "duration": 50}
    buffer = BytesIO()
    frames[0].save(buffer, format=output, **kept)
    return b"".join(samples.avif(buffer.getvalue())) if output == "AVIF" else buffer.getvalue()


def _reduce(frame: Image.Image) -> Image.Image:
    # Palette indices and 1-bit samples cannot be averaged.
    method = Image.Resampling.NEAREST if frame.mode in {"P", "1", "I;16"} else Image.Resampling.BOX
    factor = max(frame.size) / _SIDE
    return frame.resize((max(1, round(frame.width / factor)), max(1, round(frame.height / factor))), method)
