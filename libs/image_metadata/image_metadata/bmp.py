"""BMP: headers, palette, pixels and an ICC profile, without gaps between them and nothing behind.

The rules are those of BITMAPFILEHEADER, BITMAPINFOHEADER and BITMAPV5HEADER in Microsoft's documentation of
Windows GDI. Numbers are little-endian.
"""

import struct
from enum import IntEnum
from typing import NamedTuple

from image_format import NotAnImage
from image_format.icc import trim_profile
from image_format.pieces import take

from image_metadata.parts import Parts

_FILE_HEADER_BYTES = 14
_CORE_HEADER_BYTES, _INFO_HEADER_BYTES, _OS2_HEADER_BYTES, _V5_HEADER_BYTES = 12, 40, 64, 124
_LARGER_HEADERS = frozenset({_INFO_HEADER_BYTES, 52, 56, _OS2_HEADER_BYTES, 108, _V5_HEADER_BYTES})
_DEPTHS = frozenset({1, 4, 8, 16, 24, 32})
_DEEPEST_PALETTE = 8
_MASKS_BYTES = 12
_COLOURS_USED_AT = 32
_COLOUR_SPACE_AT, _PROFILE_AT = 56, 112
_EMBEDDED, _SRGB = b"DEBM", b"BGRs"  # PROFILE_EMBEDDED and LCS_sRGB


class _Compression(IntEnum):
    RGB = 0
    RLE8 = 1
    RLE4 = 2
    BIT_FIELDS = 3


class _Layout(NamedTuple):
    """What the second header says.

    Attributes:
        header: the header, cleaned but for the place of the profile.
        tables_bytes: length of the bit masks or the palette behind the header.
        pixels_bytes: length of the pixels.
        profile: an ICC profile, or nothing.
    """

    header: bytearray
    tables_bytes: int
    pixels_bytes: int
    profile: bytes


def split(data: bytes) -> Parts:
    """Tell headers, tables, pixels and profile from what lies between and behind them.

    Args:
        data: a file that begins as a BMP.

    Raises:
        NotAnImage: it is shorter than it says, its parts overlap, or it holds a JPEG or PNG for a printer.
    """
    view = memoryview(data)
    (pixels_at,) = struct.unpack_from("<I", take(view, 0, _FILE_HEADER_BYTES), 10)
    layout = _layout(view)
    tables_at = _FILE_HEADER_BYTES + len(layout.header)
    if pixels_at < tables_at + layout.tables_bytes:
        raise _damaged()
    tables = take(view, tables_at, layout.tables_bytes)
    pixels = take(view, pixels_at, layout.pixels_bytes)
    new_pixels_at = tables_at + len(tables)
    profile_at = new_pixels_at + len(pixels)
    if layout.profile:  # its place counts from the second header
        place = (profile_at - _FILE_HEADER_BYTES, len(layout.profile))
        struct.pack_into("<II", layout.header, _PROFILE_AT, *place)
    file_header = struct.pack("<2sIII", b"BM", profile_at + len(layout.profile), 0, new_pixels_at)
    return Parts(kept=[file_header, bytes(layout.header), tables, pixels, layout.profile])


def _layout(view: memoryview) -> _Layout:
    (size,) = struct.unpack("<I", take(view, _FILE_HEADER_BYTES, 4))
    if size == _CORE_HEADER_BYTES:
        return _core_layout(bytearray(take(view, _FILE_HEADER_BYTES, size)))
    if size not in _LARGER_HEADERS:
        raise _damaged()
    return _info_layout(view, bytearray(take(view, _FILE_HEADER_BYTES, size)))


def _core_layout(header: bytearray) -> _Layout:
    width, height, _, depth = struct.unpack_from("<HHHH", header, 4)
    return _Layout(
        header=header,
        tables_bytes=3 << depth if depth <= _DEEPEST_PALETTE else 0,
        pixels_bytes=_plain_bytes(width, height, depth),
        profile=b"",
    )


def _info_layout(view: memoryview, header: bytearray) -> _Layout:
    width, height, _, depth, compression, coded_bytes = struct.unpack_from("<iiHHII", header, 4)
    (colours,) = struct.unpack_from("<I", header, _COLOURS_USED_AT)
    plain_bytes = _plain_bytes(width, abs(height), depth)
    match compression, depth:
        case _Compression.RGB, _:
            pixels_bytes = plain_bytes
        case _Compression.BIT_FIELDS, _ if len(header) != _OS2_HEADER_BYTES:  # where the number means Huffman
            pixels_bytes = plain_bytes
        case (_Compression.RLE8, 8) | (_Compression.RLE4, 4) if coded_bytes:  # may be 0 for the others only
            pixels_bytes = coded_bytes
        case _:
            raise _damaged()
    masks = compression == _Compression.BIT_FIELDS and len(header) == _INFO_HEADER_BYTES
    tables_bytes = _MASKS_BYTES if masks else 0
    if depth <= _DEEPEST_PALETTE:
        if colours > 1 << depth:
            raise _damaged()
        tables_bytes += 4 * (colours or 1 << depth)
    else:  # a palette beside true colour is a hint for old displays: it goes
        struct.pack_into("<I", header, _COLOURS_USED_AT, 0)
    return _Layout(
        header=header,
        tables_bytes=tables_bytes,
        pixels_bytes=pixels_bytes,
        profile=_take_profile(view, header),
    )


def _plain_bytes(width: int, height: int, depth: int) -> int:
    """Rows are padded to four bytes."""
    if width < 1 or height < 1 or depth not in _DEPTHS:
        raise _damaged()
    return (width * depth + 31) // 32 * 4 * height


def _take_profile(view: memoryview, header: bytearray) -> bytes:
    """The embedded ICC profile. A broken one goes, and so does the name of a file (PROFILE_LINKED)."""
    if len(header) != _V5_HEADER_BYTES:
        return b""
    space = bytes(header[_COLOUR_SPACE_AT : _COLOUR_SPACE_AT + 4])
    at, size = struct.unpack_from("<II", header, _PROFILE_AT)
    struct.pack_into("<III", header, _PROFILE_AT, 0, 0, 0)
    if space == _EMBEDDED:
        profile = trim_profile(bytes(take(view, _FILE_HEADER_BYTES + at, size)))
        if profile:
            return profile
    if space in {_EMBEDDED, b"KNIL"}:
        header[_COLOUR_SPACE_AT : _COLOUR_SPACE_AT + 4] = _SRGB
    return b""


def _damaged() -> NotAnImage:
    return NotAnImage("The BMP picture is damaged or of a rare kind.")
