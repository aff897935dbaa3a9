"""How much memory a derivation takes at most, told from what is known before anything is decoded.

The figures are bytes for each pixel: the peak resident memory of fresh processes (Pillow 13, glibc), rounded
up, for 2,400 x 2,400 pixels of photographs and of noise, for which encoders need most. Sizes are width and
height.
"""

import re

from image_format import Format

from image_core.errors import TooMuchMemory
from image_core.options import Limits

type Size = tuple[int, int]

# Pixels that are decoded, until they can be resized, by the mode in which Pillow opens the file: the image,
# and a copy where it has to be converted. Pillow keeps RGB and LA in four bytes.
_DECODED_BYTES = {"1": 3, "L": 4, "P": 11, "LA": 12, "RGB": 6, "RGBA": 9, "CMYK": 13, "I;16": 8}
# Where one colour is transparent they become LA or RGBA, and that is premultiplied.
_DECODED_WITH_CLEAR_COLOUR_BYTES = {"1": 10, "L": 10, "RGB": 14, "I;16": 13}
# libwebp decodes into a canvas and keeps the one before, Pillow copies it twice.
_WEBP_BYTES = 21
# A frame is decoded, converted and laid over a canvas; of an animation the canvas is copied.
_PATCH_BYTES, _PATCHES_BYTES = 16, 24
# Coefficients have 16 bits, and there are as many as samples (T.81, A.1.1).
_COEFFICIENT_BYTES = 2

# Pillow keeps the place of each row, in eight bytes, beside its pixels. Counted as so many pixels more they
# are enough for every copy that the figures stand for.
_ROW_PIXELS = 6

# What is written: finished image, copies in other modes, buffers and result of the encoder.
_WRITTEN_BYTES = {Format.JPEG: 5, Format.PNG: 7, Format.GIF: 18, Format.BMP: 8, Format.WEBP: 21}
_WRITTEN_WEBP_WITH_ALPHA_BYTES = 39
# Each frame of an animation is kept until the last one is finished, and in the encoder's own form.
_WRITTEN_FRAME_BYTES = {Format.PNG: 18, Format.GIF: 12, Format.WEBP: 12}

# libwebp keeps a table for each group of prefix codes of a lossless image or alpha channel: up to 65,536
# groups, one for each block of 4 x 4 pixels (RFC 9649, section 4.2), and each takes 20 bits of it at least.
_GROUP_BYTES = 6_000
_MAX_GROUPS, _GROUP_PIXELS, _GROUP_BITS = 65_536, 16, 20
# The alpha channel of a lossy image or frame, and its length (RFC 9649, section 2.7.1.2).
_ALPHA = re.compile(rb"ALPH(?=(.{4}))", re.DOTALL)
# Where there are more, to look at each would take seconds.
_MAX_ALPHAS = 20_000


def coefficients(size: Size, components: int) -> int:
    """Bytes for a JPEG whose scans the decoder has to put together."""
    return _pixels(size) * components * _COEFFICIENT_BYTES


def decode(size: Size, mode: str, *, clear_colour: bool = False) -> int:
    """Bytes for an image that Pillow decodes whole; the mode is Pillow's."""
    each = _DECODED_BYTES.get(mode, max(_DECODED_BYTES.values()))
    if clear_colour:
        each = _DECODED_WITH_CLEAR_COLOUR_BYTES.get(mode, each)
    return _pixels(size) * each


def animated(size: Size, frames: int) -> int:
    """Bytes for the canvas of a GIF or an animated PNG, or for a frame that is larger."""
    return _pixels(size) * (_PATCHES_BYTES if frames > 1 else _PATCH_BYTES)


def webp(data: bytes, size: Size) -> int:
    """Bytes for a canvas of a WebP."""
    return _pixels(size) * _WEBP_BYTES + webp_groups(data, size) * _GROUP_BYTES


def webp_groups(data: bytes, size: Size) -> int:
    """Groups of prefix codes that a lossless image or alpha channel of a WebP has at most."""
    return min(_MAX_GROUPS, _pixels(size) // _GROUP_PIXELS, _lossless_bytes(data) * 8 // _GROUP_BITS)


def _lossless_bytes(data: bytes) -> int:
    """What the longest lossless image or alpha channel of a WebP has at most.

    Images that are lossy may be long and have a short alpha channel, so its own length counts.
    """
    if b"VP8L" in data or data.count(b"ALPH") > _MAX_ALPHAS:
        return len(data)
    return max((int.from_bytes(found[1], "little") for found in _ALPHA.finditer(data)), default=0)


def resize(size: Size, to: Size) -> int:
    """Bytes between the two passes of a resize, across and down.

    Before them the image is reduced to less than four times the height wanted.
    """
    return 4 * _pixels((to[0], min(size[1], 4 * to[1])))


def written(size: Size, frames: int, output: Format, *, alpha: bool) -> int:
    """Bytes for the finished image, or for all frames."""
    each = _WRITTEN_WEBP_WITH_ALPHA_BYTES if alpha and output is Format.WEBP else _WRITTEN_BYTES[output]
    pixels = _pixels(size)
    return pixels * each + (pixels * frames * _WRITTEN_FRAME_BYTES[output] if frames > 1 else 0)


def check(needed_bytes: int, limits: Limits) -> None:
    """Hold an estimate against the limit.

    Raises:
        TooMuchMemory
    """
    if needed_bytes > limits.max_memory_bytes:
        limit = limits.max_memory_bytes
        raise TooMuchMemory(f"The image may take {needed_bytes:,} bytes of memory, the limit is {limit:,}.")


def _pixels(size: Size) -> int:
    return (size[0] + _ROW_PIXELS) * size[1]
