"""The one door to the five formats."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from image_format import Format, for_every_format, require_format
from image_format.tiff import read_orientation

from image_metadata import bmp, gif, jpeg, png, webp
from image_metadata.exif import Json, as_json
from image_metadata.parts import Parts

_SPLITTERS: Mapping[Format, Callable[[bytes], Parts]] = for_every_format(
    {
        Format.JPEG: jpeg.split,
        Format.PNG: png.split,
        Format.GIF: gif.split,
        Format.BMP: bmp.split,
        Format.WEBP: webp.split,
    }
)


class Cleaned(NamedTuple):
    """A file without metadata.

    Attributes:
        data: the file. Its coded pixels are byte for byte those of the original.
        format: its format.
        orientation: how the picture lies by the camera's note, 1 to 8 as EXIF numbers it. The note is gone
            from `data`: unless it was 1, upright, the picture has to be turned, beginning with the original.
        frames: 1, or the frames of an animation.
    """

    data: bytes
    format: Format
    orientation: int
    frames: int


def clean(data: bytes) -> Cleaned:
    """Take metadata out of a picture, and leave what decoding and colour need.

    What stays is listed for each format. Everything else goes: EXIF, XMP, IPTC, comments and other text,
    thumbnails, the further pictures of a file that shows one, private and unknown parts, bytes between the
    parts and behind the end. ICC profiles stay. What lies within coded pixels is not looked at.

    Nothing that cannot be taken apart is passed on. So a truncated file is refused, though many decoders
    would show some of it: the image cannot be told from bytes that were appended. Only two ends may be
    missing: the trailer of a GIF that ends with a frame, and metadata behind the image in a WebP. All other
    damaged files can still be decoded and encoded anew.

    Args:
        data: a JPEG (also as MPO), PNG (also as APNG), GIF, BMP or WebP, whatever its name says.

    Raises:
        NotAnImage: it is none of these, or no well-formed one.
    """
    found = require_format(data)
    parts = _SPLITTERS[found](data)
    return Cleaned(
        data=b"".join(parts.kept),
        format=found,
        orientation=read_orientation(parts.exif),
        frames=parts.frames,
    )


def read_exif(data: bytes) -> dict[str, Json]:
    """The EXIF data of a picture, ready for `json.dumps(..., allow_nan=False)`.

    It comes from the APP1 segments of a JPEG, the eXIf chunk or a raw profile of a PNG, the EXIF chunk of a
    WebP. How it looks: see `image_metadata.exif.as_json`.

    Args:
        data: as for `clean`; the same files are refused.

    Returns:
        Tags by section; nothing where there is no EXIF.

    Raises:
        NotAnImage
    """
    parts = _SPLITTERS[require_format(data)](data)
    return as_json(parts.exif or parts.hidden_exif)
