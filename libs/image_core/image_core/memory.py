"""Estimate the memory that a transform needs at most, from the header of the file.

The figures are bytes per pixel: the peak resident memory of fresh processes (Pillow 13, glibc), rounded up,
for 2,400 x 2,400 pixels of photographs and of noise, for which encoders need most. Sizes are width and height
in pixels. All estimates are in bytes.
"""

from image_core.codec import Codec
from image_core.convolution import BLOCKS_GAP
from image_core.palette import quantizing_bytes
from image_core.source import Size

BASE_BYTES = 4 * 2**20
"""Buffers that a decoder and an encoder have for an image of any size."""

# Decoded pixels while they are resized, by the mode in which Pillow opens the file: the image, a copy if the
# mode has to be converted, and a premultiplied copy. Pillow stores RGB and LA in four bytes.
_DECODED_BYTES = {"1": 3, "L": 4, "P": 11, "LA": 14, "RGB": 6, "RGBA": 9, "CMYK": 13, "I;16": 8}
# An image with a transparency key becomes RGBA, or LA, which is resized as RGBA.
_DECODED_WITH_TRANSPARENCY_BYTES = {"1": 14, "L": 14, "RGB": 14, "I;16": 16}
# A frame is decoded, converted and composited onto a canvas. Animations copy the canvas.
_STILL_FRAME_BYTES, _ANIMATION_FRAME_BYTES = 16, 24

# Pillow stores an address of eight bytes for each row of each image. This many more pixels for each row cover
# the addresses in all copies that the figures above count.
_ROW_PIXELS = 6

# Weights of a resize, for each pixel of a row and of a column.
_WEIGHT_BYTES = 150
# A CMYK image beside its conversion to RGB, or the coefficients of a JPEG.
_CONVERTED_BYTES = 8


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
    return count_pixels(size) * each


def estimate_composing(size: Size, frames: int) -> int:
    """Return the bytes for decoding a GIF or an APNG.

    Args:
        size: size of the canvas, or of a frame that is larger.
        frames: number of frames.
    """
    return count_pixels(size) * (_ANIMATION_FRAME_BYTES if frames > 1 else _STILL_FRAME_BYTES)


def estimate_resizing(size: Size, target: Size) -> int:
    """Return the bytes for a resize: the image between the vertical and the horizontal pass, and the weights.

    An image that is far larger than the target is reduced in blocks before both passes. If the result is
    enlarged or padded, the bytes to convert and encode its additional pixels count, too.

    Args:
        size: size of the decoded image.
        target: size of the result.
    """
    sides = [min(side, 2 * BLOCKS_GAP * goal) for side, goal in zip(size, target, strict=True)]
    weights = sum(max(side, goal) for side, goal in zip(sides, target, strict=True))
    enlarged = max(0, count_pixels(target) - count_pixels(size))
    # An image with alpha is resized in one strip.
    return 4 * count_pixels((sides[0], target[1])) + weights * _WEIGHT_BYTES + enlarged * _CONVERTED_BYTES


def estimate_encoding(
    size: Size, frames: int, codec: Codec, *, has_alpha: bool, gets_palette: bool = False
) -> int:
    """Return the bytes for encoding an image with this number of frames.

    Args:
        size: size of the image.
        frames: number of frames.
        codec: codec of the output format.
        has_alpha: True if the image may have alpha.
        gets_palette: True if a palette is computed for a still image.
    """
    each = codec.encoding_bytes + (codec.encoding_alpha_bytes if has_alpha else 0)
    lossless = codec.lossless_bytes(size) if codec.lossless_bytes else 0
    if frames > 1:
        width, height = (side + 2 * codec.border_pixels for side in size)
        pixels = count_pixels((width, height))
        return max(pixels * each, lossless) + pixels * codec.encoding_frame_bytes * frames
    quantizing = quantizing_bytes(size[0] * size[1]) if gets_palette else 0
    return max(count_pixels(size) * each, lossless) + quantizing


def count_pixels(size: Size) -> int:
    """Return the number of pixels, with `_ROW_PIXELS` more in each row."""
    return (size[0] + _ROW_PIXELS) * size[1]
