"""Recognise a file by its content, hold it against the limits, open it. Nothing is decoded yet."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

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

from image_core import gif
from image_core.errors import ImageError, NotAnImage, TooManyBytes, TooManyPixels
from image_core.orient import turn_of
from image_core.wish import Format, Limits, Transform

_NOT_AN_IMAGE = "This is not a JPEG, PNG, GIF, BMP or WebP picture."
_BROKEN = "The picture is damaged or incomplete."
_SIGNATURES = {
    b"\xff\xd8\xff": Format.JPEG,
    b"\x89PNG\r\n\x1a\n": Format.PNG,
    b"GIF87a": Format.GIF,
    b"GIF89a": Format.GIF,
    b"BM": Format.BMP,
}

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
        file: Pillow's, not loaded; or the frames of a GIF.
        palette: whether its pixels are numbers of colours.
        progressive: whether it is a JPEG of that kind.
        turn: what makes it upright, as far as the header says. A PNG may say it behind the pixels.
    """

    format: Format
    size: tuple[int, int]
    frames: int
    plays: int
    file: ImageFile | gif.Gif
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
    """Open a file that is within the limits. Frames count where the output can hold them.

    Args:
        data: the file.
        wish: the limits, and the output format.

    Raises:
        NotAnImage, TooManyBytes, TooManyPixels
    """
    if len(data) > wish.limits.max_bytes:
        raise TooManyBytes(f"The file has {len(data):,} bytes, the limit is {wish.limits.max_bytes:,}.")
    file_format = _recognised(data)
    animated = file_format.animates and (wish.output_format or file_format).animates
    with decoding():
        if file_format is Format.GIF:
            return _opened_gif(data, wish.limits, animated=animated)
        if file_format is Format.WEBP:
            # Pillow allocates the canvas of a WebP when it opens it.
            _check_pixels([_webp_size(data)], wish.limits)
        return _opened(data, file_format, wish.limits, animated=animated)


def _recognised(data: bytes) -> Format:
    for signature, found in _SIGNATURES.items():
        if data.startswith(signature):
            return found
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Format.WEBP
    raise NotAnImage(_NOT_AN_IMAGE)


def _opened(data: bytes, file_format: Format, limits: Limits, *, animated: bool) -> Source:
    image = Image.open(BytesIO(data), formats=[file_format])
    frames: int = getattr(image, "n_frames", 1) if animated else 1
    if getattr(image, "default_image", False) and frames > 1:
        frames -= 1  # An APNG may begin with a picture for viewers that cannot animate.
    _check_pixels([image.size], limits, frames)
    return Source(
        format=file_format,
        size=image.size,
        frames=frames,
        plays=image.info.get("loop") or 0,
        file=image,
        palette=image.mode == "P",
        progressive="progressive" in image.info,
        turn=turn_of(image),
    )


def _opened_gif(data: bytes, limits: Limits, *, animated: bool) -> Source:
    file = gif.parsed(data)
    if not file.frames:
        raise NotAnImage(_BROKEN)
    frames = file.frames if animated else file.frames[:1]
    canvas = (file.width, file.height)
    # A frame may be larger than the canvas, of which the rest is decoded in vain.
    larger = [max(canvas, (frame.width, frame.height), key=_pixels) for frame in frames]
    _check_pixels(larger, limits)
    return Source(format=Format.GIF, size=canvas, frames=len(frames), plays=file.plays, file=file)


def _check_pixels(sizes: list[tuple[int, int]], limits: Limits, times: int = 1) -> None:
    pixels = sum(map(_pixels, sizes)) * times
    frames = len(sizes) * times
    if frames > 1:
        pixels = max(pixels, frames * _FRAME_PIXELS)
    if pixels > limits.max_pixels:
        raise TooManyPixels(f"The picture has {pixels:,} pixels, the limit is {limits.max_pixels:,}.")


def _pixels(size: tuple[int, int]) -> int:
    return size[0] * size[1]


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height of a WebP canvas (RFC 9649, sections 2.5 to 2.7)."""
    match data[12:16]:
        case b"VP8X":
            return _uint24(data, 24) + 1, _uint24(data, 27) + 1
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", data, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case _:
            width, height = struct.unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF


def _uint24(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 3], "little")
