"""From an opened file to pixels, as a viewer sees them."""

from collections.abc import Iterator
from typing import NamedTuple

from PIL import Image
from PIL.ImageFile import ImageFile

from image_core.clock import Clock
from image_core.colour import averageable
from image_core.orient import turn_of
from image_core.reel import Reel, composed
from image_core.source import Source, decoding

_GREY = frozenset({"1", "L", "LA", "I;16"})
# libwebp tells the end of each frame, in a number that begins anew; Pillow takes the difference.
_WEBP_TIMES = 2**32


class Decoded(NamedTuple):
    """A loaded picture.

    Attributes:
        image: L, LA, RGB, RGBA or CMYK, not yet upright.
        turn: what makes it upright.
        duration_ms: how long it is shown; 0 for a still picture.
    """

    image: Image.Image
    turn: Image.Transpose | None
    duration_ms: float


def decoded(source: Source) -> Iterator[Decoded]:
    """The picture, or all frames of the animation: the earlier ones disposed of, the next one laid over.

    Raises:
        NotAnImage, TooLarge, DerivationTooSlow
    """
    if isinstance(source.file, Reel):
        return _patched(source.file, source.clock)
    return _sequence(source.file, source)


def _sequence(image: ImageFile, source: Source) -> Iterator[Decoded]:
    for number in range(source.frames):
        source.clock.check(source.decoding_seconds)
        with decoding():
            image.seek(number)
            image.load()
            seen = averageable(image if source.frames == 1 else image.copy())
        yield _decoded(seen, image, image.info.get("duration", 0) % _WEBP_TIMES)


def _patched(reel: Reel, clock: Clock) -> Iterator[Decoded]:
    canvases = composed(reel, clock)
    for patch in reel.patches:
        with decoding():
            canvas, still = next(canvases)
            # Only of a PNG every patch is grey if one is, and a profile for grey may tell what it means.
            if still.format == "PNG" and still.mode in _GREY:
                canvas = canvas.convert("LA")
        yield _decoded(canvas, still, patch.duration_ms)


def _decoded(seen: Image.Image, file: Image.Image, duration_ms: float) -> Decoded:
    return Decoded(
        image=seen,
        turn=turn_of(file),
        duration_ms=duration_ms,
    )
