"""Arithmetic of fitting an image into a box. Sizes are width and height in pixels."""

from typing import NamedTuple

from PIL import Image

from image_core.options import Box, Fit, Options
from image_core.orient import upright_size

type Size = tuple[int, int]


class Layout(NamedTuple):
    """Size of the scaled image and of the canvas on which it is centred.

    The scaled image may be larger than the canvas, which crops it, or smaller, which pads it.

    Attributes:
        scaled: size of the whole image after resizing.
        canvas: size of the output.
    """

    scaled: Size
    canvas: Size

    @property
    def visible(self) -> Size:
        """Size of the part of the scaled image that lies on the canvas."""
        return min(self.scaled[0], self.canvas[0]), min(self.scaled[1], self.canvas[1])

    def transposed(self, transpose: Image.Transpose | None) -> "Layout":
        """Return the layout as stored for one as displayed, or the reverse."""
        return Layout(
            scaled=upright_size(self.scaled, transpose), canvas=upright_size(self.canvas, transpose)
        )


def compute_layout(size: Size, options: Options, max_side: int) -> Layout:
    """Return the layout of an image with these options.

    Args:
        size: size of the image as displayed.
        options: box and fit.
        max_side: maximum width and height of the output format.
    """
    if options.box is None or options.fit is Fit.INSIDE:
        fitted = fit_inside(size, options.box, max_side)
        return Layout(scaled=fitted, canvas=fitted)
    canvas = _shrink(_box_size(size, options.box), (max_side, max_side))
    match options.fit:
        case Fit.COVER:
            return Layout(scaled=_cover(size, canvas), canvas=canvas)
        case Fit.CONTAIN:
            return Layout(scaled=_contain(size, canvas), canvas=canvas)
        case Fit.FILL:
            return Layout(scaled=canvas, canvas=canvas)


def fit_inside(size: Size, box: Box | None, max_side: int) -> Size:
    """Return the largest size with the same aspect ratio that fits the box and enlarges no side.

    Args:
        size: size of the image as displayed.
        box: bounding box. None: only `max_side` bounds the size.
        max_side: maximum width and height of the output format.

    Returns:
        Width and height of at least 1 pixel.
    """
    possible = _shrink(size, (max_side, max_side))
    return _shrink(possible, _box_size(possible, box)) if box else possible


def _box_size(size: Size, box: Box) -> Size:
    width, height = size
    swap = box.swap_for_portrait and height > width
    return (box.height, box.width) if swap else (box.width, box.height)


def _shrink(size: Size, bounds: Size) -> Size:
    return size if size[0] <= bounds[0] and size[1] <= bounds[1] else _contain(size, bounds)


def _contain(size: Size, bounds: Size) -> Size:
    """Return the largest size with the same aspect ratio within the bounds."""
    width, height = size
    if width * bounds[1] >= height * bounds[0]:
        return bounds[0], _scale(height, bounds[0], width)
    return _scale(width, bounds[1], height), bounds[1]


def _cover(size: Size, bounds: Size) -> Size:
    """Return the smallest size with the same aspect ratio that covers the bounds."""
    width, height = size
    if width * bounds[1] >= height * bounds[0]:
        return _scale(width, bounds[1], height), bounds[1]
    return bounds[0], _scale(height, bounds[0], width)


def _scale(side: int, numerator: int, denominator: int) -> int:
    """Return the scaled side, rounded. Integer arithmetic, because a rounded float may exceed the bounds."""
    return max(1, (2 * side * numerator + denominator) // (2 * denominator))
