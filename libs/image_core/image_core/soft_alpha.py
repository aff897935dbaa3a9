"""One palette for several images, in which each colour has an alpha value, as a PNG allows."""

import sys
from collections.abc import Sequence
from typing import Protocol, cast

from PIL import Image

from image_core.limits import TimeLimit

type Rgba = tuple[int, int, int, int]

_MAX_COLOURS = 256
_STRIP_PIXELS = 250_000
_OPAQUE = 255


def quantize_soft_alpha(images: Sequence[Image.Image], time_limit: TimeLimit) -> list[Image.Image]:
    """Return the images in mode P with one palette for all, whose colours have an alpha value each.

    Images with up to 256 colours together keep them. Otherwise transparent pixels stay transparent and opaque
    pixels opaque.

    Args:
        images: in modes that Pillow converts to RGBA.
        time_limit: time until the deadline.

    Raises:
        TransformTooSlow: the time is up.
    """
    palette: _Palette
    if few := _all_colours(images):
        palette = _ExactPalette(few)
    else:
        # Most images need no clusters, and each cold start would pay 0.5 ms for the module.
        from image_core.clusters import ClusteredPalette  # noqa: PLC0415

        palette = ClusteredPalette(images, time_limit)
    return [_index(image, palette, time_limit) for image in images]


class _Palette(Protocol):
    """The colours of a palette, and the one for each pixel."""

    @property
    def colours(self) -> Sequence[Rgba]:
        """Red, green, blue and alpha of each colour, 0 to 255 and not premultiplied."""

    def keys(self, image: Image.Image) -> bytes:
        """Return four bytes for each pixel, equal for pixels that get the same colour."""

    def number(self, key: int) -> int:
        """Return the index of the colour for a key, as an integer in the byte order of the machine."""


class _ExactPalette:
    """A palette that holds every colour of the images."""

    def __init__(self, colours: Sequence[Rgba]) -> None:
        self.colours = colours
        self._numbers = {int.from_bytes(bytes(colour), sys.byteorder): n for n, colour in enumerate(colours)}

    def keys(self, image: Image.Image) -> bytes:
        """Return the four samples of each pixel."""
        return image.convert("RGBA").tobytes()

    def number(self, key: int) -> int:
        """Return the index of a colour; see `_Palette`."""
        return self._numbers[key]


def _index(image: Image.Image, palette: _Palette, time_limit: TimeLimit) -> Image.Image:
    numbers: dict[int, int] = {}
    rows = max(1, _STRIP_PIXELS // image.width)
    indices = bytearray()
    for top in range(0, image.height, rows):
        time_limit.check()
        strip = image.crop((0, top, image.width, min(image.height, top + rows)))
        keys = memoryview(palette.keys(strip)).cast("I")
        numbers |= {key: palette.number(key) for key in set(keys).difference(numbers)}
        indices += bytes(map(numbers.__getitem__, keys))
    result = Image.frombytes("P", image.size, bytes(indices))
    opaque = all(colour[3] == _OPAQUE for colour in palette.colours)
    bands = "RGB" if opaque else "RGBA"
    result.putpalette(bytes(band for colour in palette.colours for band in colour[: len(bands)]), bands)
    return result


def _all_colours(images: Sequence[Image.Image]) -> list[Rgba] | None:
    """Return all colours of the images; None if there are more than a palette holds."""
    found: set[Rgba] = set()
    for image in images:
        rgba = image if image.mode == "RGBA" else image.convert("RGBA")
        colours = rgba.getcolors(_MAX_COLOURS)
        if colours is None:
            return None
        found.update(cast("Rgba", colour) for _, colour in colours)
        if len(found) > _MAX_COLOURS:
            return None
    return sorted(found)
