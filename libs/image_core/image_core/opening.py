"""Recognise a file by its content, hold it against the limits, open it. Nothing is decoded yet."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from image_header import Format

# Only the decoders that are wanted. Pillow knows some sixty more, and looks for them all when it meets a
# WebP before this import (a third of a second).
from PIL import (
    BmpImagePlugin,  # noqa: F401 - importing a plugin registers it
    GifImagePlugin,  # noqa: F401
    Image,
    JpegImagePlugin,  # noqa: F401
    PngImagePlugin,  # noqa: F401
    WebPImagePlugin,  # noqa: F401
)
from PIL.ImageFile import ImageFile

from image_core import apng, gif
from image_core.colour import scale_clear_colour
from image_core.errors import ImageError, NotAnImage, TooManyBytes, TooManyPixels
from image_core.fit import layout_of
from image_core.orient import turn_of, upright_size
from image_core.recognise import format_of, webp_size
from image_core.reel import Reel
from image_core.resize import SourceBox, draft
from image_core.wish import Limits, Transform

_BROKEN = "The picture is damaged or incomplete."

# A frame of an animation counts for so many pixels at least: to begin one costs as much time as to decode
# those, and a short file can hold a million frames of one pixel.
_FRAME_PIXELS = 4_096


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """An opened file.

    Attributes:
        format: what the bytes are, whatever the name said.
        size: width and height as stored.
        frames: 1, or the frames of an animation where they are wanted.
        plays: how often the animation is shown; 0: without end.
        file: Pillow's, not loaded; or the patches of a GIF or an animated PNG.
        box: where the picture lies within the pixels that will be decoded, if not everywhere.
        palette: whether its pixels are numbers of colours.
        progressive: whether it is a JPEG of that kind.
        turn: what makes it upright, as far as the header says. A PNG may say it behind the pixels.
    """

    format: Format
    size: tuple[int, int]
    frames: int
    plays: int
    file: ImageFile | Reel
    box: SourceBox | None = None
    palette: bool = True
    progressive: bool = False
    turn: Image.Transpose | None = None


@contextmanager
def decoding() -> Iterator[None]:
    """Give every failure of a decoder the name of the file's fault.

    Decoders at work on foreign bytes raise OSError, SyntaxError, ValueError, EOFError, struct.error,
    zlib.error, KeyError, AttributeError and more: Pillow promises no set. So all are caught, and only the
    reading of files stands inside.

    Raises:
        NotAnImage: the decoder failed.
        TooManyPixels: it asked for more memory than there is, or than Pillow's own limit.
    """
    try:
        yield
    except ImageError:
        raise
    except (MemoryError, Image.DecompressionBombError) as error:
        raise TooManyPixels("The picture has too many pixels to be decoded.") from error
    except Exception as error:
        raise NotAnImage(_BROKEN) from error


def open_source(data: bytes, wish: Transform) -> Source:
    """Open a file that is within the limits.

    Counted are the pixels that will be decoded: of a large JPEG for a small box a fraction, and frames where
    the output can hold them. The pixels that will be written are counted too, since a box may enlarge.

    Args:
        data: the file.
        wish: the limits, and what decides how much is decoded.

    Raises:
        NotAnImage, TooManyBytes, TooManyPixels
    """
    if len(data) > wish.limits.max_bytes:
        raise TooManyBytes(f"The file has {len(data):,} bytes, the limit is {wish.limits.max_bytes:,}.")
    file_format = format_of(data)
    output = wish.output_format or file_format
    with decoding():
        source = _source(data, file_format, wish, animated=file_format.animates and output.animates)
        # A turn changes the sides and not the number of pixels.
        _check_pixels([layout_of(source.size, wish, output.longest_side).canvas], wish.limits, source.frames)
    return source


def _source(data: bytes, file_format: Format, wish: Transform, *, animated: bool) -> Source:
    reel = _reel(data, file_format, wish.limits, animated=animated)
    if reel:
        return _opened_reel(reel, file_format, wish.limits)
    if file_format is Format.WEBP:
        # Pillow allocates the canvas of a WebP when it opens it.
        _check_pixels([webp_size(data)], wish.limits)
    return _opened(data, file_format, wish, animated=animated)


def _reel(data: bytes, file_format: Format, limits: Limits, *, animated: bool) -> Reel | None:
    # One more than the limit allows is enough to refuse them all.
    most_frames = limits.max_pixels // _FRAME_PIXELS + 2
    if file_format is Format.GIF:
        # The first frame too is laid on a canvas, which it need not fill.
        return gif.parsed(data, most_frames if animated else 1)
    return apng.parsed(data, most_frames) if file_format is Format.PNG and animated else None


def _opened(data: bytes, file_format: Format, wish: Transform, *, animated: bool) -> Source:
    image = Image.open(BytesIO(data), formats=[file_format])
    scale_clear_colour(image)
    size, turn, progressive = image.size, turn_of(image), "progressive" in image.info
    frames: int = getattr(image, "n_frames", 1) if animated and file_format is Format.WEBP else 1
    output = wish.output_format or file_format
    layout = layout_of(upright_size(size, turn), wish, output.longest_side)
    box = draft(image, layout.turned(turn).scaled)
    # Of a progressive JPEG libjpeg holds all coefficients, at whatever scale it decodes.
    _check_pixels([size if progressive else image.size], wish.limits, frames)
    return Source(
        format=file_format,
        size=size,
        frames=frames,
        plays=image.info.get("loop") or 0,
        file=image,
        box=box,
        palette=image.mode == "P",
        progressive=progressive,
        turn=turn,
    )


def _opened_reel(reel: Reel, file_format: Format, limits: Limits) -> Source:
    canvas = (reel.width, reel.height)
    if not reel.patches or not _pixels(canvas):
        raise NotAnImage(_BROKEN)
    # A patch may be larger than the canvas, of which the rest is decoded in vain.
    larger = [max(canvas, (patch.width, patch.height), key=_pixels) for patch in reel.patches]
    _check_pixels(larger, limits)
    return Source(format=file_format, size=canvas, frames=len(reel.patches), plays=reel.plays, file=reel)


def _check_pixels(sizes: list[tuple[int, int]], limits: Limits, times: int = 1) -> None:
    pixels = sum(map(_pixels, sizes)) * times
    frames = len(sizes) * times
    if frames > 1:
        pixels = max(pixels, frames * _FRAME_PIXELS)
    if pixels > limits.max_pixels:
        raise TooManyPixels(f"The picture has {pixels:,} pixels, the limit is {limits.max_pixels:,}.")


def _pixels(size: tuple[int, int]) -> int:
    return size[0] * size[1]
