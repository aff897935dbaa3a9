"""Metadata of files of any supported format: remove it, or read EXIF."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from image_format import Format, load_for_every_format, require_format
from image_format.tiff import read_orientation

from image_metadata.exif import Json, to_json
from image_metadata.parts import Parts

_SPLITTERS: Mapping[Format, Callable[[bytes], Parts]] = load_for_every_format("image_metadata", "split")


class CleanImage(NamedTuple):
    """A file without metadata.

    Attributes:
        data: bytes of the file. The coded pixels are byte for byte those of the original.
        format: format of the file.
        orientation: EXIF orientation of the original, 1 to 8. `data` has no EXIF: unless the value is 1,
            upright, transpose the original instead of using `data`. For an AVIF the value is 1, because the
            container, which is kept, has the rotation.
        frames: 1, or the number of frames of an animation.
    """

    data: bytes
    format: Format
    orientation: int
    frames: int


def clean(data: bytes) -> CleanImage:
    """Remove metadata from an image without decoding the pixels.

    The module of each format lists the parts that are kept: those for decoding and colour, and ICC profiles.
    Everything else is dropped: EXIF, XMP, IPTC, comments and other text, thumbnails, images that viewers do
    not show, private and unknown parts, bytes between the parts and behind the end. Coded pixels are copied
    without being decoded.

    Files that break the rules of their format are refused. So are truncated files, although many decoders
    would show a part of the image: nothing separates their pixels from appended bytes. There are two
    exceptions: the trailer of a GIF that ends with a frame may be missing, and metadata behind the image in a
    WebP may be truncated. The caller may still decode a refused file and encode it again.

    Args:
        data: a JPEG (also as MPO), PNG (also as APNG), GIF, BMP, WebP or AVIF file under any name.

    Raises:
        NotAnImage: the format is not supported, or the file breaks its rules.
    """
    found = require_format(data)
    parts = _SPLITTERS[found](data)
    return CleanImage(
        data=b"".join(parts.kept),
        format=found,
        orientation=read_orientation(parts.exif),
        frames=parts.frames,
    )


def read_exif(data: bytes) -> dict[str, Json]:
    """Return the EXIF data of an image, ready for `json.dumps(..., allow_nan=False)`.

    Sources are the APP1 segments of a JPEG, the eXIf chunk or a raw profile of a PNG, the EXIF chunk of a
    WebP, and the Exif item of an AVIF. `image_metadata.exif.to_json` describes the result.

    Args:
        data: a file as for `clean`, which refuses the same files.

    Returns:
        Tags by section; empty if the image has no EXIF.

    Raises:
        NotAnImage: as for `clean`.
    """
    parts = _SPLITTERS[require_format(data)](data)
    return to_json(parts.exif or parts.hidden_exif)
