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

from image_core.errors import ImageError, NotAnImage, TooManyBytes, TooManyPixels
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """An opened file.

    Attributes:
        image: Pillow's, at its first frame, not loaded.
        format: what the bytes are, whatever the name said.
        first: number of the frame with which the animation begins.
        frames: how many frames follow from there; 1 for a still picture.
    """

    image: ImageFile
    format: Format
    first: int
    frames: int


@contextmanager
def decoding() -> Iterator[None]:
    """Give every failure of a decoder the name of the file's fault.

    Decoders at work on foreign bytes raise OSError, SyntaxError, ValueError, EOFError, struct.error,
    zlib.error, KeyError, AttributeError and more: Pillow promises no set. So all are caught, and only calls
    into a decoder stand inside.

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


def recognise(data: bytes) -> Format:
    """The format of a file by its first bytes.

    Raises:
        NotAnImage: none of the five.
    """
    for signature, found in _SIGNATURES.items():
        if data.startswith(signature):
            return found
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Format.WEBP
    raise NotAnImage(_NOT_AN_IMAGE)


def open_source(data: bytes, wish: Transform) -> Source:
    """Open a file that is within the limits. Frames count where the output can hold them.

    Args:
        data: the file.
        wish: the limits, and the output format.

    Raises:
        NotAnImage, TooManyBytes, TooManyPixels
    """
    limits = wish.limits
    if len(data) > limits.max_bytes:
        raise TooManyBytes(f"The file has {len(data):,} bytes, the limit is {limits.max_bytes:,}.")
    file_format = recognise(data)
    if file_format is Format.WEBP:
        # Pillow allocates the canvas of a WebP when it opens it.
        check_pixels(_webp_size(data), 1, limits)
    with decoding():
        image = Image.open(BytesIO(data), formats=[file_format])
        check_pixels(image.size, 1, limits)
        first, frames = _frames(image) if (wish.output_format or file_format).animates else (0, 1)
    check_pixels(image.size, frames, limits)
    return Source(image=image, format=file_format, first=first, frames=frames)


def check_pixels(size: tuple[int, int], frames: int, limits: Limits) -> None:
    """Hold the pixels of all frames against the limit.

    Raises:
        TooManyPixels
    """
    pixels = size[0] * size[1] * frames
    if pixels > limits.max_pixels:
        raise TooManyPixels(f"The picture has {pixels:,} pixels, the limit is {limits.max_pixels:,}.")


def _frames(image: ImageFile) -> tuple[int, int]:
    total: int = getattr(image, "n_frames", 1)
    # An APNG may begin with a picture for viewers that cannot animate, which is no part of the animation.
    first = 1 if getattr(image, "default_image", False) and total > 1 else 0
    return first, total - first


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height of a WebP canvas (RFC 9649, sections 2.5 to 2.7); 0 x 0 where the header is cut."""
    try:
        match data[12:16]:
            case b"VP8X":
                width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
            case b"VP8L":
                (bits,) = struct.unpack_from("<I", data, 21)
                width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
            case _:
                width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    except struct.error:
        return 0, 0
    return width, height
