"""Decode a still WebP by libwebp's plain decoder, without Pillow's plugin.

The plugin decodes still images, too, by libwebp's decoder of animations, which keeps two canvases beside
Pillow's copies. With the plugin, a photograph of 3.8 megapixels took 33 MiB more memory and a fifth more
time, for the same pixels.

This module is imported when it is needed, so that other formats do not pay 2 ms for ctypes in a cold start.
"""

import ctypes

from PIL import Image, _webp

from image_core.errors import NotAnImage
from image_core.source import Size

# Functions are also searched in the libraries that the extension is linked with, whatever their names: in the
# libwebp of Pillow's wheel, which is loaded already.
_LIBRARY = ctypes.CDLL(_webp.__file__)
_DECODERS = {"RGB": _LIBRARY.WebPDecodeRGBInto, "RGBA": _LIBRARY.WebPDecodeRGBAInto}
for _decoder in _DECODERS.values():
    # Data and their length, target, its length, and the bytes of a row (webp/decode.h).
    _decoder.argtypes = (ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    _decoder.restype = ctypes.c_void_p


def decode_still(data: bytes, size: Size, mode: str) -> Image.Image:
    """Return the image in a file that is not an animation, not even of one frame.

    libwebp writes no further than the pixels of this size, and refuses a larger image.

    Args:
        data: the file.
        size: width and height in pixels.
        mode: RGB or RGBA.

    Raises:
        NotAnImage: the file is damaged.
    """
    width, height = size
    row_bytes = width * len(mode)
    pixels = bytearray(row_bytes * height)
    target = (ctypes.c_char * len(pixels)).from_buffer(pixels)
    if not _DECODERS[mode](data, len(data), target, len(pixels), row_bytes):
        raise NotAnImage
    return Image.frombuffer(mode, size, pixels, "raw", mode, 0, 1)
