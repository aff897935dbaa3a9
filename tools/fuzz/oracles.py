"""What a viewer sees of a file, through Pillow's decoders."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image, ImageSequence

_METADATA = {"exif", "xmp", "comment", "photoshop", "flashpix", "mp", "Raw profile type exif"}


@dataclass(frozen=True, kw_only=True)
class Rendering:
    """A file as it is shown.

    Attributes:
        frames: of each its mode, pixels, palette and duration.
    """

    size: tuple[int, int]
    frames: list[tuple[str, bytes, bytes | None, Any]]
    loop: Any
    profile: bytes | None
    transparency: Any
    gamma: Any


def render(data: bytes) -> Rendering:
    """Everything that is shown. Of an MPO the first image is."""
    with _open(data) as image:
        shown = [image] if image.format == "MPO" else ImageSequence.Iterator(image)
        frames = [_frame(frame) for frame in shown]
        image.seek(0)
        return Rendering(
            size=image.size,
            frames=frames,
            loop=image.info.get("loop"),
            profile=image.info.get("icc_profile") or None,
            transparency=image.info.get("transparency"),
            gamma=image.info.get("gamma"),
        )


def find_metadata(data: bytes) -> set[str]:
    """What Pillow finds of metadata, the texts of a PNG included."""
    with _open(data) as image:
        image.load()
        return (_METADATA & set(image.info)) | set(getattr(image, "text", {}))


@contextmanager
def _open(data: bytes) -> Iterator[Image.Image]:
    with warnings.catch_warnings():
        # Pillow warns of files full of odd metadata, which is what the tests are made of.
        warnings.simplefilter("ignore")
        with Image.open(BytesIO(data)) as image:
            yield image


def _frame(frame: Image.Image) -> tuple[str, bytes, bytes | None, Any]:
    pixels = frame.tobytes()
    palette = bytes(frame.palette.palette) if frame.mode == "P" and frame.palette else None
    return frame.mode, pixels, palette, frame.info.get("duration")
