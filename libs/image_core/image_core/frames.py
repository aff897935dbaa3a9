"""From an opened file to finished frames: decoded, resized, upright, in colours for the output."""

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from image_core.colour import for_format, resizable
from image_core.errors import NotAnImage
from image_core.fit import fitted_size
from image_core.opening import Source, check_pixels, decoding
from image_core.orient import turn_of, upright, upright_size
from image_core.resize import draft, resized
from image_core.wish import Format, Transform


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """One finished picture.

    Attributes:
        image: L, LA, RGB or RGBA.
        icc_profile: what its numbers mean; None: sRGB.
        duration_ms: how long it is shown; 0 for a still picture.
    """

    image: Image.Image
    icc_profile: bytes | None
    duration_ms: float = 0


def still_frame(source: Source, wish: Transform, output: Format) -> Frame:
    """The first picture of the file.

    Raises:
        NotAnImage, TooManyPixels
    """
    image, size = source.image, source.image.size
    with decoding():
        box = draft(image, _stored_size(size, turn_of(image), wish, output))
        image.load()
    turn = turn_of(image)
    small = resized(resizable(image), _stored_size(size, turn, wish, output), box)
    finished, profile = for_format(small, image.info.get("icc_profile"), output)
    return Frame(image=upright(finished, turn), icc_profile=profile)


def animation_frames(source: Source, wish: Transform, output: Format) -> Iterator[Frame]:
    """Every frame of the animation, as a viewer sees it: the earlier ones disposed of and blended.

    Raises:
        NotAnImage, TooManyPixels
    """
    image, canvas = source.image, source.image.size
    for number in range(source.first, source.first + source.frames):
        with decoding():
            image.seek(number)
            # A frame of a GIF may reach beyond the canvas; Pillow enlarges the picture, browsers cut it off.
            check_pixels(image.size, 1, wish.limits)
            image.load()
            seen = image.convert("RGBA")
        if seen.size != canvas:
            seen = seen.crop((0, 0, *canvas))
        turn = turn_of(image)
        small = resized(seen, _stored_size(canvas, turn, wish, output))
        finished, profile = for_format(small, image.info.get("icc_profile"), output)
        duration_ms = image.info.get("duration", 0)
        yield Frame(image=upright(finished, turn), icc_profile=profile, duration_ms=duration_ms)


def plays_of(source: Source) -> int:
    """How often the animation is shown; 0: without end.

    A GIF without the NETSCAPE2.0 block is shown once, one with it once more than its number says. WebP
    (RFC 9649, section 2.7.1.1) and APNG (PNG 3rd edition, acTL) hold the number itself.
    """
    loop: int | None = source.image.info.get("loop")
    if source.format is Format.GIF:
        return 1 if loop is None else 0 if loop == 0 else loop + 1
    return loop or 0


def _stored_size(
    size: tuple[int, int], turn: Image.Transpose | None, wish: Transform, output: Format
) -> tuple[int, int]:
    seen = fitted_size(upright_size(size, turn), wish.box, output.longest_side)
    return upright_size(seen, turn)


def frames_of(source: Source, wish: Transform, output: Format) -> list[Frame]:
    """All that is to be written.

    Raises:
        NotAnImage, TooManyPixels
    """
    if source.frames == 1:
        return [still_frame(source, wish, output)]
    frames = list(animation_frames(source, wish, output))
    if not frames:
        raise NotAnImage("The animation holds no frame.")
    return frames
