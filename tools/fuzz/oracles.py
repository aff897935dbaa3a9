"""Oracles for tests: the rendering of a file, and its metadata, by Pillow's decoders."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image, ImageSequence

_METADATA = {"exif", "xmp", "comment", "photoshop", "flashpix", "mp", "Raw profile type exif"}
_TRANSPOSED = 5  # the EXIF orientations from here on exchange width and height


@dataclass(frozen=True, kw_only=True)
class Rendering:
    """All that a viewer displays of a file.

    Attributes:
        size: width and height in pixels.
        frames: mode, pixels, palette and duration of each frame.
        loop: loop count as Pillow reports it.
        profile: ICC profile.
        transparency: transparency key or index.
        gamma: gamma value of a PNG.
    """

    size: tuple[int, int]
    frames: list[tuple[str, bytes, bytes | None, Any]]
    loop: Any
    profile: bytes | None
    transparency: Any
    gamma: Any


def render(data: bytes) -> Rendering:
    """Return the rendering of a file. An MPO is rendered as its first image."""
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


def displayed_size(image: Image.Image) -> tuple[int, int]:
    """Return width and height. The transforms of an AVIF, which Pillow reports, are applied."""
    turned = image.format == "AVIF" and image.getexif().get(ExifTags.Base.Orientation, 1) >= _TRANSPOSED
    return image.size[::-1] if turned else image.size


def find_metadata(data: bytes) -> set[str]:
    """Return the names of all metadata that Pillow finds, including the texts of a PNG."""
    with _open(data) as image:
        image.load()
        found = (_METADATA & set(image.info)) | set(getattr(image, "text", {}))
        # Pillow makes EXIF data of the transforms in the container.
        made_by_pillow = image.format == "AVIF" and set(image.getexif()) <= {ExifTags.Base.Orientation}
        return found - ({"exif"} if made_by_pillow else set())


@contextmanager
def _open(data: bytes) -> Iterator[Image.Image]:
    with warnings.catch_warnings():
        # Pillow warns about odd metadata, of which the test files are full.
        warnings.simplefilter("ignore")
        with Image.open(BytesIO(data)) as image:
            yield image


def _frame(frame: Image.Image) -> tuple[str, bytes, bytes | None, Any]:
    pixels = frame.tobytes()
    palette = bytes(frame.palette.palette) if frame.mode == "P" and frame.palette else None
    return frame.mode, pixels, palette, frame.info.get("duration")
