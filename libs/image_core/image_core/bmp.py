"""Write a BMP with an alpha channel, which Pillow cannot."""

import struct

from image_format.bmp import BIT_FIELDS, FILE_HEADER_BYTES, SRGB, V4_HEADER_BYTES
from PIL import Image

_HEADERS_BYTES = FILE_HEADER_BYTES + V4_HEADER_BYTES


def bmp_with_alpha(image: Image.Image) -> bytes:
    """Return the file of an RGBA image, with a BITMAPV4HEADER: readers ignore alpha in older ones."""
    pixels = image.tobytes("raw", "BGRA", 0, -1)
    length = len(pixels)
    file_header = struct.pack("<2sIHHI", b"BM", _HEADERS_BYTES + length, 0, 0, _HEADERS_BYTES)
    planes, bits = 1, 32
    info = struct.pack("<IiiHHII16x", V4_HEADER_BYTES, *image.size, planes, bits, BIT_FIELDS, length)
    masks = struct.pack("<IIII", 0x00FF0000, 0x0000FF00, 0x000000FF, 0xFF000000)
    colour_space = SRGB + bytes(48)
    return file_header + info + masks + colour_space + pixels
