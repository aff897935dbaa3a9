"""The headers of a BMP.

The rules are those of BITMAPFILEHEADER, BITMAPINFOHEADER and BITMAPV5HEADER in Microsoft's documentation of
Windows GDI. Numbers are little-endian.
"""

import struct
from typing import NamedTuple

from image_format.errors import NotAnImage
from image_format.pieces import take

FILE_HEADER_BYTES = 14
CORE_HEADER_BYTES, INFO_HEADER_BYTES, OS2_HEADER_BYTES = 12, 40, 64
V4_HEADER_BYTES, V5_HEADER_BYTES = 108, 124
_LARGER_HEADERS = frozenset({INFO_HEADER_BYTES, 52, 56, OS2_HEADER_BYTES, V4_HEADER_BYTES, V5_HEADER_BYTES})

COLOURS_USED_AT, COLOUR_SPACE_AT, PROFILE_AT = 32, 56, 112
"""Offsets in the second header, which follows the file header."""

EMBEDDED_PROFILE, LINKED_PROFILE, SRGB = b"DEBM", b"KNIL", b"BGRs"
"""Colour spaces: PROFILE_EMBEDDED, PROFILE_LINKED and LCS_sRGB."""


RGB, RLE8, RLE4, BIT_FIELDS = range(4)
"""Kinds of compression."""


class Header(NamedTuple):
    """The second header, which describes the pixels and follows the file header.

    Attributes:
        whole: all bytes of the header.
        width: in pixels.
        height: in pixels; negative if the rows are stored downwards.
        depth: bits per pixel.
        compression: `RGB` to `BIT_FIELDS`, or another kind.
        coded_bytes: length of the pixels; may be 0 if they are not compressed.
        colours: number of colours in the palette; 0: all that the depth allows.
    """

    whole: memoryview
    width: int
    height: int
    depth: int
    compression: int = RGB
    coded_bytes: int = 0
    colours: int = 0

    @property
    def colour_space(self) -> bytes:
        """The colour space of a BITMAPV5HEADER; empty for other headers."""
        is_v5 = len(self.whole) == V5_HEADER_BYTES
        return bytes(self.whole[COLOUR_SPACE_AT : COLOUR_SPACE_AT + 4]) if is_v5 else b""

    @property
    def profile_range(self) -> tuple[int, int] | None:
        """Offset in the file and length of an embedded ICC profile; None if there is none."""
        if self.colour_space != EMBEDDED_PROFILE:
            return None
        start, length = struct.unpack_from("<II", self.whole, PROFILE_AT)
        return FILE_HEADER_BYTES + start, length


def read_header(data: bytes) -> Header:
    """Return the second header of a BMP, which describes its pixels.

    Raises:
        NotAnImage: the header is truncated or of an unknown length.
    """
    view = memoryview(data)
    size = int.from_bytes(take(view, FILE_HEADER_BYTES, 4), "little")
    if size != CORE_HEADER_BYTES and size not in _LARGER_HEADERS:
        raise NotAnImage
    whole = take(view, FILE_HEADER_BYTES, size)
    if size == CORE_HEADER_BYTES:
        width, height, _, depth = struct.unpack_from("<HHHH", whole, 4)
        return Header(whole=whole, width=width, height=height, depth=depth)
    width, height, _, depth, compression, coded_bytes = struct.unpack_from("<iiHHII", whole, 4)
    (colours,) = struct.unpack_from("<I", whole, COLOURS_USED_AT)
    return Header(whole, width, height, depth, compression, coded_bytes, colours)


def embedded_profile(data: bytes) -> bytes:
    """Return the embedded ICC profile, as far as the file goes; empty without one.

    Raises:
        NotAnImage: the header is truncated or of an unknown length.
    """
    start, length = read_header(data).profile_range or (0, 0)
    return data[start : start + length]


def dimensions(data: bytes) -> tuple[int, int]:
    """Return width and height in pixels.

    Raises:
        NotAnImage: the header is truncated or of an unknown length.
    """
    header = read_header(data)
    return header.width, abs(header.height)
