"""Arithmetic of fitting an image into a box. Sizes are width and height in pixels."""

from typing import NamedTuple

from image_url import Fit
from PIL import Image

from image_core.options import Box, Options
from image_core.orient import stored_point, upright_size

type Size = tuple[int, int]
type Point = tuple[float, float]

_CENTRE = (0.5, 0.5)


class Layout(NamedTuple):
    """Size of the scaled image and of the canvas on which it is placed.

    The scaled image may be larger than the canvas, which crops it, or smaller, which pads it on both sides.

    Attributes:
        scaled: size of the whole image after resizing.
        canvas: size of the output.
        gravity: point of the image that is kept in the middle of the canvas as far as the image goes; 0 to 1.
    """

    scaled: Size
    canvas: Size
    gravity: Point = _CENTRE

    @property
    def visible(self) -> Size:
        """Size of the part of the scaled image that lies on the canvas."""
        return min(self.scaled[0], self.canvas[0]), min(self.scaled[1], self.canvas[1])

    @property
    def cut(self) -> Point:
        """Fractions of the image that are cropped at the left and at the upper edge."""
        left, top = (
            min(max(0.0, middle - part / scaled / 2), 1 - part / scaled)
            for middle, part, scaled in zip(self.gravity, self.visible, self.scaled, strict=True)
        )
        return left, top

    def transposed(self, transpose: Image.Transpose | None) -> "Layout":
        """Return the layout as stored for one as displayed."""
        return Layout(
            scaled=upright_size(self.scaled, transpose),
            canvas=upright_size(self.canvas, transpose),
            gravity=stored_point(self.gravity, transpose),
        )


def compute_layout(size: Size, options: Options, max_side: int) -> Layout:
    """Return the layout of an image with these options.

    Args:
        size: size of the image as displayed.
        options: box, fit, gravity and enlargement.
        max_side: maximum width and height of the output format.
    """
    if options.box is None or options.fit is Fit.INSIDE:
        fitted = fit_inside(size, options.box, max_side)
        return Layout(scaled=fitted, canvas=fitted)
    canvas = _shrink(_box_size(size, options.box), (max_side, max_side))
    if not options.enlarge:
        canvas = _limit_canvas(canvas, size, options.fit)
    match options.fit:
        case Fit.COVER:
            return Layout(scaled=_cover(size, canvas), canvas=canvas, gravity=options.gravity)
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


def _limit_canvas(canvas: Size, size: Size, fit: Fit) -> Size:
    """Return the canvas, or the largest one of its aspect ratio for which the image is not enlarged."""
    if fit is not Fit.CONTAIN:
        return _shrink(canvas, size)
    return _cover(canvas, size) if canvas[0] > size[0] and canvas[1] > size[1] else canvas


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
