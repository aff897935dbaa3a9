"""Estimate the memory that a transform needs at most, from the header of the file.

The figures are bytes per pixel: the peak resident memory of fresh processes (Pillow 13, glibc), rounded up,
for 2,400 x 2,400 pixels of photographs and of noise, for which encoders need most. Sizes are width and height
in pixels. All estimates are in bytes.
"""

import re
from collections.abc import Mapping

from image_format import Format, for_every_format

from image_core.convolution import BLOCKS_GAP
from image_core.source import Size

BASE_BYTES = 4 * 2**20
"""Buffers that a decoder and an encoder have for an image of any size."""

# Decoded pixels while they are resized, by the mode in which Pillow opens the file: the image, a copy if the
# mode has to be converted, and a premultiplied copy. Pillow stores RGB and LA in four bytes.
_DECODED_BYTES = {"1": 3, "L": 4, "P": 11, "LA": 14, "RGB": 6, "RGBA": 9, "CMYK": 13, "I;16": 8}
# With a transparency key they become RGBA, or LA, which is resized as RGBA.
_DECODED_WITH_TRANSPARENCY_BYTES = {"1": 14, "L": 14, "RGB": 14, "I;16": 16}
# libwebp decodes into a canvas and keeps the previous one, Pillow copies the canvas twice.
_WEBP_BYTES = 21
# libavif keeps planes of 16 bits a sample with alpha and converts them, Pillow copies the result twice.
_AVIF_BYTES = 22
# A frame is decoded, converted and composited onto a canvas. Animations copy the canvas.
_STILL_FRAME_BYTES, _ANIMATION_FRAME_BYTES = 16, 24
# Coefficients have 16 bits, and there is one for each sample (T.81, A.1.1).
_COEFFICIENT_BYTES = 2

# Pillow stores the address of each row in eight bytes beside its pixels. Counted as this many pixels more,
# they suffice for every copy in the figures above.
_ROW_PIXELS = 6

# Weights of a resize, for each pixel of a row and of a column.
_WEIGHT_BYTES = 150
# A CMYK image beside its conversion to RGB, or the coefficients of a JPEG.
_CONVERTED_BYTES = 8

# The finished image, copies in other modes, buffers and result of the encoder.
_ENCODING_BYTES: Mapping[Format, int] = for_every_format(
    {Format.JPEG: 6, Format.PNG: 9, Format.GIF: 18, Format.BMP: 8, Format.WEBP: 32, Format.AVIF: 60}
)
_ENCODING_WEBP_WITH_ALPHA_BYTES = 48
# Each frame of an animation is kept until the last one is finished, and in the encoder's own representation.
_ENCODING_FRAME_BYTES: Mapping[Format, int] = for_every_format(
    {Format.PNG: 18, Format.GIF: 12, Format.WEBP: 12, Format.AVIF: 12, Format.JPEG: 0, Format.BMP: 0}
)

# libwebp keeps a table for each group of prefix codes of a lossless image or alpha channel: up to 65,536
# groups, one for each block of 4 x 4 pixels (RFC 9649, section 4.2), each of which has 20 bits at least.
_GROUP_BYTES = 6_000
_MAX_GROUPS, _GROUP_PIXELS, _GROUP_BITS = 65_536, 16, 20
# The alpha channel of a lossy image or frame, and its length (RFC 9649, section 2.7.1.2).
_ALPHA = re.compile(rb"ALPH(?=(.{4}))", re.DOTALL)
# Reading the lengths of more alpha channels would take seconds.
_MAX_ALPHAS = 20_000


def estimate_coefficients(size: Size, components: int) -> int:
    """Return the bytes of the coefficients of a JPEG with several scans, which libjpeg keeps at once."""
    return _pixels(size) * components * _COEFFICIENT_BYTES


def estimate_decoding(size: Size, mode: str, *, has_transparency: bool = False) -> int:
    """Return the bytes for decoding a still image.

    Args:
        size: size of the image.
        mode: Pillow's mode of the opened file.
        has_transparency: True if the file has a transparency key.
    """
    each = _DECODED_BYTES.get(mode, max(_DECODED_BYTES.values()))
    if has_transparency:
        each = _DECODED_WITH_TRANSPARENCY_BYTES.get(mode, each)
    return _pixels(size) * each


def estimate_composing(size: Size, frames: int) -> int:
    """Return the bytes for decoding a GIF or an APNG.

    Args:
        size: size of the canvas, or of a frame that is larger.
        frames: number of frames.
    """
    return _pixels(size) * (_ANIMATION_FRAME_BYTES if frames > 1 else _STILL_FRAME_BYTES)


def estimate_webp(data: bytes, size: Size) -> int:
    """Return the bytes for decoding a WebP with a canvas of this size."""
    return _pixels(size) * _WEBP_BYTES + count_webp_groups(data, size) * _GROUP_BYTES


def estimate_avif(size: Size) -> int:
    """Return the bytes for decoding an AVIF."""
    return _pixels(size) * _AVIF_BYTES


def count_webp_groups(data: bytes, size: Size) -> int:
    """Return the maximum number of groups of prefix codes in a lossless image or alpha channel of a WebP."""
    return min(_MAX_GROUPS, _pixels(size) // _GROUP_PIXELS, _lossless_bytes(data) * 8 // _GROUP_BITS)


def estimate_resizing(size: Size, target: Size) -> int:
    """Return the bytes between the two passes of a resize, vertical and horizontal, and of their weights.

    Before them an image that is far larger than the target is reduced in blocks. After them an enlarged or
    padded image has more pixels to convert and to encode than the decoder had.
    """
    sides = [min(side, 2 * BLOCKS_GAP * goal) for side, goal in zip(size, target, strict=True)]
    weights = sum(max(side, goal) for side, goal in zip(sides, target, strict=True))
    enlarged = max(0, _pixels(target) - _pixels(size))
    # An image with alpha is resized in one strip.
    return 4 * _pixels((sides[0], target[1])) + weights * _WEIGHT_BYTES + enlarged * _CONVERTED_BYTES


def estimate_encoding(size: Size, frames: int, output: Format, *, has_alpha: bool) -> int:
    """Return the bytes for encoding an image with this number of frames."""
    alpha_in_webp = has_alpha and output is Format.WEBP
    each = _ENCODING_WEBP_WITH_ALPHA_BYTES if alpha_in_webp else _ENCODING_BYTES[output]
    pixels = _pixels(size)
    return pixels * each + (pixels * frames * _ENCODING_FRAME_BYTES[output] if frames > 1 else 0)


def _lossless_bytes(data: bytes) -> int:
    """Return the maximum length of a lossless image or alpha channel in a WebP.

    A lossy image may be long and have a short alpha channel, so the length of the channel itself counts.
    """
    if b"VP8L" in data or data.count(b"ALPH") > _MAX_ALPHAS:
        return len(data)
    return max((int.from_bytes(found[1], "little") for found in _ALPHA.finditer(data)), default=0)


def _pixels(size: Size) -> int:
    return (size[0] + _ROW_PIXELS) * size[1]
