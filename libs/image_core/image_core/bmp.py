"""What Pillow does not do for a BMP: find its ICC profile, and write its alpha."""

import struct

from PIL import Image

_HEADERS_BYTES, _V4_HEADER_BYTES = 14 + 108, 108
_BITFIELDS, _SRGB = 3, 0x73524742

_V5_HEADER_BYTES, _INFO_AT = 124, 14
_COLOUR_SPACE_AT, _PROFILE_AT = 56, 112
_EMBEDDED = b"DEBM"  # PROFILE_EMBEDDED, as a number


def embedded_profile(data: bytes) -> bytes:
    """Return the ICC profile of a BITMAPV5HEADER; nothing where there is none.

    Raises:
        struct.error: the header is cut off.
    """
    (length,) = struct.unpack_from("<I", data, _INFO_AT)
    space_at = _INFO_AT + _COLOUR_SPACE_AT
    if length < _V5_HEADER_BYTES or data[space_at : space_at + 4] != _EMBEDDED:
        return b""
    start, size = struct.unpack_from("<II", data, _INFO_AT + _PROFILE_AT)
    return data[_INFO_AT + start : _INFO_AT + start + size]


def bmp_with_alpha(image: Image.Image) -> bytes:
    """The file of an RGBA image: BITMAPV4HEADER, the oldest in which readers look for alpha."""
    pixels = image.tobytes("raw", "BGRA", 0, -1)
    length = len(pixels)
    file_header = struct.pack("<2sIHHI", b"BM", _HEADERS_BYTES + length, 0, 0, _HEADERS_BYTES)
    planes, bits = 1, 32
    info = struct.pack("<IiiHHII16x", _V4_HEADER_BYTES, *image.size, planes, bits, _BITFIELDS, length)
    masks = struct.pack("<IIII", 0x00FF0000, 0x0000FF00, 0x000000FF, 0xFF000000)
    colour_space = struct.pack("<I48x", _SRGB)
    return file_header + info + masks + colour_space + pixels
