"""A BMP with alpha, which Pillow reads but does not write."""

import struct

from PIL import Image

_HEADERS_BYTES, _V4_HEADER_BYTES = 14 + 108, 108
_BITFIELDS, _SRGB = 3, 0x73524742


def bmp_with_alpha(image: Image.Image) -> bytes:
    """The file of an RGBA picture: BITMAPV4HEADER, the oldest in which readers look for alpha."""
    pixels = image.tobytes("raw", "BGRA", 0, -1)
    length = len(pixels)
    file_header = struct.pack("<2sIHHI", b"BM", _HEADERS_BYTES + length, 0, 0, _HEADERS_BYTES)
    planes, bits = 1, 32
    info = struct.pack("<IiiHHII16x", _V4_HEADER_BYTES, *image.size, planes, bits, _BITFIELDS, length)
    masks = struct.pack("<IIII", 0x00FF0000, 0x0000FF00, 0x000000FF, 0xFF000000)
    colour_space = struct.pack("<I48x", _SRGB)
    return file_header + info + masks + colour_space + pixels
