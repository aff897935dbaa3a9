"""From an opened file to pixels, as a viewer sees them."""

from collections.abc import Iterator
from typing import NamedTuple

from PIL import Image
from PIL.ImageFile import ImageFile

from image_core.animation import Animation, compose
from image_core.clock import Clock
from image_core.colour import to_averageable
from image_core.orient import transpose_for_orientation
from image_core.source import Source, decoding

_GREY = frozenset({"1", "L", "LA", "I;16"})
# libwebp tells the end of each frame, in a number that begins anew; Pillow takes the difference.
_WEBP_TIMES = 2**32


class Decoded(NamedTuple):
    """A loaded image.

    Attributes:
        image: L, LA, RGB, RGBA or CMYK, not yet upright.
        turn: what makes it upright.
        duration_ms: how long it is shown; 0 for a still image.
    """

    image: Image.Image
    transpose: Image.Transpose | None
    duration_ms: float


def decode(source: Source) -> Iterator[Decoded]:
    """The image, or all frames of the animation: the earlier ones disposed of, the next one laid over.

    Raises:
        NotAnImage, TooLarge, DerivationTooSlow
    """
    if isinstance(source.file, Animation):
        return _decode_animation(source.file, source.clock)
    return _sequence(source.file, source)


def _sequence(image: ImageFile, source: Source) -> Iterator[Decoded]:
    for number in range(source.frames):
        source.clock.check(source.decoding_seconds)
        with decoding():
            image.seek(number)
            image.load()
            seen = to_averageable(image if source.frames == 1 else image.copy())
        yield _decoded_frame(seen, image, image.info.get("duration", 0) % _WEBP_TIMES)


def _decode_animation(animation: Animation, clock: Clock) -> Iterator[Decoded]:
    canvases = compose(animation, clock)
    for frame in animation.frames:
        with decoding():
            canvas, still = next(canvases)
            # Only of a PNG every patch is grey if one is, and a profile for grey may tell what it means.
            if still.format == "PNG" and still.mode in _GREY:
                canvas = canvas.convert("LA")
        yield _decoded_frame(canvas, still, frame.duration_ms)


def _decoded_frame(seen: Image.Image, file: Image.Image, duration_ms: float) -> Decoded:
    return Decoded(
        image=seen,
        transpose=transpose_for_orientation(file),
        duration_ms=duration_ms,
    )
