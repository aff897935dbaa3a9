"""Resizing by convolution, with vector instructions of the CPU (cykooz-resizer: Rust's fast_image_resize).

The extension reads Pillow's images of the modes L, RGB, RGBA and CMYK. An image of the mode LA, the only
other one of the decoders, is resized as RGBA, which holds the same samples. Pillow first averages the pixels
of an image that is far larger than the result, in blocks. Pillow also does all work that averages no pixels,
such as transposes and samples for palettes.

The extension reads Pillow's private structure of an image, chosen by Pillow's major version, and accepts
arguments silently that result in arbitrary pixels. Therefore this module is its only caller, and checks them.
"""

import math
from enum import IntEnum

import PIL
from PIL import Image

_PILLOW_MAJOR = "13"
if PIL.__version__.partition(".")[0] != _PILLOW_MAJOR:
    # Before the extension is used: a structure of another layout would crash the process.
    raise ImportError(
        f"cykooz-resizer 4 was checked with Pillow {_PILLOW_MAJOR}, and this is Pillow {PIL.__version__}: "
        "install the versions of the lock, or check both again."
    )

# The zips hold the extension without the Python code beside it, which would import dataclasses.
from cykooz_resizer.rust_lib import PilImageWrapper, RustResizeOptions, RustResizer  # noqa: E402

type Size = tuple[int, int]
type PixelBox = tuple[float, float, float, float]

BLOCKS_GAP = 16
"""Factor above which an image is reduced in whole blocks first, to between this and twice this factor.

The extension computes a weight for each pixel of a row and of a column, in 170 ns and up to 150 bytes, which
would be 11 s and 9 GB for a line of 65 megapixels. Blocks of at most a sixteenth of a pixel of the result
change the result by no more than rounding does.
"""

_MIN_STRIP_ROWS, _STRIP_PIXELS = 64, 11 * 2**16
_MODES = frozenset({"L", "RGB", "RGBA", "CMYK"})
# `Algorithm.convolution` of cykooz-resizer. The third argument counts for another algorithm.
_CONVOLUTION, _UNUSED = 2, 2


class Kernel(IntEnum):
    """Filter of a convolution, with its number in cykooz-resizer."""

    CATMULL_ROM = 3
    """Cubic with a = -0.5: Pillow's BICUBIC."""
    LANCZOS = 5
    """Windowed sinc of three lobes: Pillow's LANCZOS."""


def convolve(image: Image.Image, size: Size, box: PixelBox, kernel: Kernel) -> Image.Image:
    """Return a part of the image in another size.

    Alpha is premultiplied meanwhile, so that transparent pixels do not darken the edges. The result is the
    same on every CPU, and its `info` is empty.

    Args:
        image: L, LA, RGB, RGBA or CMYK, loaded. Not changed.
        size: width and height of the result in pixels.
        box: left, top, right and bottom of the part, in pixels of the image; fractions are allowed.
        kernel: filter.

    Raises:
        ValueError: the image has another mode, a side of the size is below 1, or the box is empty, not finite
            or not within the image.
    """
    _check(image, size, box)
    if image.mode == "LA":
        return convolve(image.convert("RGBA"), size, box, kernel).convert("LA")
    image, box = _average_blocks(image, size, box)
    # A resizer keeps its buffers. Strips share them, since new memory takes longer than the strip itself.
    resizer = RustResizer()
    rows = strip_rows(image.width)
    # A strip of an image with alpha would premultiply the whole image.
    if image.mode == "RGBA" or size[1] <= rows:
        return _convolve(resizer, image, size, box, kernel)
    rows = math.ceil(size[1] / math.ceil(size[1] / rows))  # strips of equal height take the least memory
    resized = Image.new(image.mode, size)
    left, top, right, bottom = box
    for start in range(0, size[1], rows):
        end = min(start + rows, size[1])
        upper, lower = ((bottom - top) * row / size[1] + top for row in (start, end))
        part = (left, upper, right, min(lower, bottom))
        strip = _convolve(resizer, image, (size[0], end - start), part, kernel)
        resized.paste(strip, (0, start))
    return resized


def strip_rows(width: int) -> int:
    """Return the maximum number of rows of the result that are made at once.

    Between its passes, the extension holds this many rows with the width of the image. The weights of a row
    are computed again for each strip, which takes 0.2 ms for 1080 pixels.
    """
    return max(_MIN_STRIP_ROWS, _STRIP_PIXELS // width)


def _convolve(
    resizer: RustResizer, image: Image.Image, size: Size, box: PixelBox, kernel: Kernel
) -> Image.Image:
    left, top, right, bottom = box
    options = RustResizeOptions().set_resize_alg(_CONVOLUTION, kernel, _UNUSED)
    options = options.set_use_alpha(image.mode == "RGBA")
    options = options.set_crop_box(left, top, right - left, bottom - top)
    # The extension writes even into read-only images, so the target is always a new one.
    resized = Image.new(image.mode, size)
    resizer.resize_pil(PilImageWrapper(image), PilImageWrapper(resized), options)
    return resized


def _check(image: Image.Image, size: Size, box: PixelBox) -> None:
    if image.mode not in _MODES | {"LA"}:
        raise ValueError(f"an image of mode {image.mode} cannot be resized")
    if min(size) < 1:
        raise ValueError(f"an image has sides of 1 pixel or more, not {size[0]} x {size[1]}")
    left, top, right, bottom = box
    # NaN fails every comparison.
    if not (0 <= left < right <= image.width and 0 <= top < bottom <= image.height):
        raise ValueError(f"the box {box} is not within an image of {image.width} x {image.height}")


def _average_blocks(image: Image.Image, size: Size, box: PixelBox) -> tuple[Image.Image, PixelBox]:
    """Return a smaller image, and the box in its pixels, if the image is far larger than the result."""
    left, top, right, bottom = box
    across = max(1, int((right - left) / size[0] / BLOCKS_GAP))
    down = max(1, int((bottom - top) / size[1] / BLOCKS_GAP))
    if across == down == 1:
        return image, box
    return image.reduce((across, down)), (left / across, top / down, right / across, bottom / down)
