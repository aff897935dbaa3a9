"""From an opened file to pixels, as a viewer sees them."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from PIL import Image
from PIL.ImageFile import ImageFile

from image_core import gif
from image_core.opening import Source, decoding
from image_core.orient import turn_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Decoded:
    """A loaded picture.

    Attributes:
        image: in the mode of the file, not yet upright.
        turn: what makes it upright.
        duration_ms: how long it is shown; 0 for a still picture.
    """

    image: Image.Image
    turn: Image.Transpose | None = None
    duration_ms: float = 0


def decoded(source: Source) -> Iterator[Decoded]:
    """The picture, or all frames of the animation: the earlier ones disposed of, the next one laid over.

    Raises:
        NotAnImage, TooManyPixels
    """
    if isinstance(source.file, gif.Gif):
        yield from _composed(source.file, source.frames)
    elif source.frames == 1:
        yield _still(source.file)
    else:
        yield from _sequence(source.file, source.frames)


def _still(image: ImageFile) -> Decoded:
    with decoding():
        image.load()
    return Decoded(image=image, turn=turn_of(image))


def _sequence(image: ImageFile, frames: int) -> Iterator[Decoded]:
    first = 1 if getattr(image, "default_image", False) else 0
    for number in range(first, first + frames):
        with decoding():
            image.seek(number)
            image.load()
            seen = image.convert("RGBA")
        yield Decoded(image=seen, turn=turn_of(image), duration_ms=image.info.get("duration", 0))


def _composed(file: gif.Gif, frames: int) -> Iterator[Decoded]:
    canvas = Image.new("RGBA", (file.width, file.height))
    for number, frame in enumerate(file.frames[:frames], 1):
        before = canvas.copy() if frame.disposal == gif.RESTORE_AFTER else None
        with decoding():
            patch = Image.open(BytesIO(frame.data), formats=["GIF"]).convert("RGBA")
        corner = (frame.left, frame.top)
        canvas.paste(patch, corner, patch)
        if number == frames:
            yield Decoded(image=canvas, duration_ms=frame.duration_ms)
            return
        yield Decoded(image=canvas.copy(), duration_ms=frame.duration_ms)
        if frame.disposal == gif.CLEAR_AFTER:
            canvas.paste((0, 0, 0, 0), (*corner, frame.left + frame.width, frame.top + frame.height))
        elif before is not None:
            canvas = before
