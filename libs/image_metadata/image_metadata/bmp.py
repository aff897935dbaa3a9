"""BMP: headers, palette, pixels and an ICC profile, without bytes between and behind them.

The rules are those of BITMAPFILEHEADER, BITMAPINFOHEADER and BITMAPV5HEADER in Microsoft's documentation of
Windows GDI. Numbers are little-endian.
"""

import struct

from image_format import NotAnImage, bmp
from image_format.bmp import Header
from image_format.icc import trim_profile
from image_format.pieces import take

from image_metadata.parts import Parts

_DEPTHS = frozenset({1, 4, 8, 16, 24, 32})
_MAX_PALETTE_DEPTH = 8
_MASKS_BYTES = 12


def split(data: bytes) -> Parts:
    """Return headers, tables, pixels and profile, without the bytes between and behind them.

    Args:
        data: a file that begins as a BMP.

    Raises:
        NotAnImage: the file is truncated, its parts overlap, or it holds a JPEG or PNG for a printer.
    """
    view = memoryview(data)
    (pixels_at,) = struct.unpack_from("<I", take(view, 0, bmp.FILE_HEADER_BYTES), 10)
    header = bmp.read_header(data)
    tables_bytes, pixels_bytes = _tables_bytes(header), _pixels_bytes(header)
    tables_at = bmp.FILE_HEADER_BYTES + len(header.whole)
    if pixels_at < tables_at + tables_bytes:
        raise NotAnImage
    tables = take(view, tables_at, tables_bytes)
    pixels = take(view, pixels_at, pixels_bytes)
    profile = _profile(view, header)
    new_pixels_at = tables_at + len(tables)
    profile_at = new_pixels_at + len(pixels)
    new_header = _clean_header(header, profile_at if profile else 0, len(profile))
    file_header = struct.pack("<2sIII", b"BM", profile_at + len(profile), 0, new_pixels_at)
    return Parts(kept=[file_header, new_header, tables, pixels, profile])


def _tables_bytes(header: Header) -> int:
    """Return the length of the bit masks and the palette behind the header."""
    if len(header.whole) == bmp.CORE_HEADER_BYTES:
        return 3 << header.depth if header.depth <= _MAX_PALETTE_DEPTH else 0
    has_masks = header.compression == bmp.BIT_FIELDS and len(header.whole) == bmp.INFO_HEADER_BYTES
    masks_bytes = _MASKS_BYTES if has_masks else 0
    if header.depth > _MAX_PALETTE_DEPTH:
        return masks_bytes
    if header.colours > 1 << header.depth:
        raise NotAnImage
    return masks_bytes + 4 * (header.colours or 1 << header.depth)


def _pixels_bytes(header: Header) -> int:
    """Return the length of the pixels. Rows that are not compressed are padded to four bytes."""
    height = abs(header.height)
    if header.width < 1 or height < 1 or header.depth not in _DEPTHS:
        raise NotAnImage
    plain_bytes = (header.width * header.depth + 31) // 32 * 4 * height
    match header.compression, header.depth:
        case bmp.RGB, _:
            return plain_bytes
        # In a header of OS/2, the number of BIT_FIELDS means Huffman coding.
        case bmp.BIT_FIELDS, _ if len(header.whole) != bmp.OS2_HEADER_BYTES:
            return plain_bytes
        case (bmp.RLE8, 8) | (bmp.RLE4, 4) if header.coded_bytes:
            return header.coded_bytes
    raise NotAnImage


def _profile(view: memoryview, header: Header) -> bytes:
    """Return the embedded ICC profile; empty without one, or for one that is incomplete."""
    place = header.profile_range
    return (trim_profile(bytes(take(view, *place))) or b"") if place else b""


def _clean_header(header: Header, profile_at: int, profile_bytes: int) -> bytes:
    """Return the second header with the place of the profile, and without the colours of a dropped palette.

    A linked profile is replaced by sRGB, because its name, a path on the author's computer, is not kept.
    """
    cleaned = bytearray(header.whole)
    if len(cleaned) > bmp.CORE_HEADER_BYTES and header.depth > _MAX_PALETTE_DEPTH:
        # A palette beside true colour is a hint for old displays.
        struct.pack_into("<I", cleaned, bmp.COLOURS_USED_AT, 0)
    if len(cleaned) == bmp.V5_HEADER_BYTES:
        offset = profile_at - bmp.FILE_HEADER_BYTES if profile_bytes else 0  # counts from the second header
        struct.pack_into("<III", cleaned, bmp.PROFILE_AT, offset, profile_bytes, 0)
        if not profile_bytes and header.colour_space in {bmp.EMBEDDED_PROFILE, bmp.LINKED_PROFILE}:
            cleaned[bmp.COLOUR_SPACE_AT : bmp.COLOUR_SPACE_AT + 4] = bmp.SRGB
    return bytes(cleaned)
