"""From finished frames to the bytes of a file, which hold pixels, an ICC profile, timing and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image

from image_core.frames import Frame
from image_core.palette import paletted
from image_core.wish import Format

_KEEP, _CLEAR_BEFORE_NEXT = 1, 2  # disposal methods of GIF89a, section 23


@dataclass(frozen=True, kw_only=True, slots=True)
class Encoding:
    """How the frames are written.

    Attributes:
        format: of the file.
        quality: 1 to 100, for JPEG and WebP.
        progressive: for JPEG.
        plays: how often an animation is shown; 0: without end.
    """

    format: Format
    quality: int
    progressive: bool
    plays: int


def encoded(frames: Sequence[Frame], encoding: Encoding) -> bytes:
    """The file."""
    options = _options(encoding)
    if encoding.format.keeps_icc_profile:
        options["icc_profile"] = frames[0].icc_profile
    images = [frame.image for frame in frames]
    if encoding.format is Format.GIF:
        images = [paletted(image) for image in images]
    if len(images) > 1:
        options |= _animation(frames, images, encoding)
    for image in images:
        # Pillow's writers copy comments, and more, from here.
        image.info = {key: value for key, value in image.info.items() if key == "transparency"}
    file = BytesIO()
    images[0].save(file, format=encoding.format, **options)
    return file.getvalue()


def _options(encoding: Encoding) -> dict[str, Any]:
    match encoding.format:
        case Format.JPEG:
            return {"quality": encoding.quality, "optimize": True, "progressive": encoding.progressive}
        case Format.WEBP:
            return {"quality": encoding.quality, "method": 4}
        case Format.GIF:
            return {"interlace": 0}
        case _:
            return {}


def _animation(frames: Sequence[Frame], images: Sequence[Image.Image], encoding: Encoding) -> dict[str, Any]:
    options: dict[str, Any] = {
        "save_all": True,
        "append_images": images[1:],
        "duration": [frame.duration_ms for frame in frames],
        "loop": encoding.plays,
    }
    if encoding.format is Format.GIF:
        clear = any("transparency" in image.info for image in images)
        options["disposal"] = _CLEAR_BEFORE_NEXT if clear else _KEEP
        # Played once is the absence of the number; otherwise it counts what comes after the first time.
        options["loop"] = {0: 0, 1: None}.get(encoding.plays, encoding.plays - 1)
    return options
