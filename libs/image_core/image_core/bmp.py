"""Open and encode a BMP. Pillow cannot write one with an alpha channel."""

import struct
from collections.abc import Sequence

import PIL.BmpImagePlugin  # noqa: F401 - importing a plugin registers it
from image_format import Format
from image_format.bmp import BIT_FIELDS, FILE_HEADER_BYTES, SRGB, V4_HEADER_BYTES, embedded_profile
from PIL import Image

from image_core.codec import Codec, Encoding, Request
from image_core.decode import still_source
from image_core.icc import read_profile
from image_core.limits import TimeLimit
from image_core.save import save
from image_core.source import Frame, Source

_HEADERS_BYTES = FILE_HEADER_BYTES + V4_HEADER_BYTES
# Worst case of encoding in seconds per pixel on one vCPU. An image is encoded in one call.
_ENCODING_SECONDS = 5e-9


def _open(data: bytes, request: Request) -> Source:
    return still_source(data, read_profile(embedded_profile(data)), request)


def _encode(frames: Sequence[Frame], _: Encoding, time_limit: TimeLimit) -> bytes:
    image = frames[0].image
    time_limit.check(image.width * image.height * _ENCODING_SECONDS)
    return _with_alpha(image) if image.mode == "RGBA" else save(image, Format.BMP, {}, time_limit)


def _with_alpha(image: Image.Image) -> bytes:
    """Return the file of an RGBA image, with a BITMAPV4HEADER: readers ignore alpha in older ones."""
    pixels = image.tobytes("raw", "BGRA", 0, -1)
    length = len(pixels)
    file_header = struct.pack("<2sIHHI", b"BM", _HEADERS_BYTES + length, 0, 0, _HEADERS_BYTES)
    planes, bits = 1, 32
    info = struct.pack("<IiiHHII16x", V4_HEADER_BYTES, *image.size, planes, bits, BIT_FIELDS, length)
    masks = struct.pack("<IIII", 0x00FF0000, 0x0000FF00, 0x000000FF, 0xFF000000)
    colour_space = SRGB + bytes(48)
    return file_header + info + masks + colour_space + pixels


CODEC = Codec(open=_open, encode=_encode, encoding_bytes=8, modes=("L", "RGB", "RGBA"))
