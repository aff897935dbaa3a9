"""The arithmetic of fitting into a box."""

from typing import NamedTuple

from PIL import Image

from image_core.options import Box, Fit, Options
from image_core.orient import upright_size

type Size = tuple[int, int]


class Layout(NamedTuple):
    """Where an image comes to lie: in the middle of its canvas, of which it may be larger or smaller.

    Attributes:
        scaled: width and height of the whole image after it is resized.
        canvas: width and height of what is written.
    """

    scaled: Size
    canvas: Size

    @property
    def visible(self) -> Size:
        """Width and height of the part of the resized image that is on the canvas."""
        return min(self.scaled[0], self.canvas[0]), min(self.scaled[1], self.canvas[1])

    def transposed(self, transpose: Image.Transpose | None) -> "Layout":
        """The layout as stored, of one as seen, and the other way round."""
        return Layout(
            scaled=upright_size(self.scaled, transpose), canvas=upright_size(self.canvas, transpose)
        )


def layout_of(size: Size, options: Options, longest_side: int) -> Layout:
    """The layout that is wished for.

    Args:
        size: width and height as seen.
        options: the box, given for wide images, and how the image gets into it.
        longest_side: what the output format can hold at most.
    """
    if options.box is None or options.fit is Fit.INSIDE:
        fitted = fitted_size(size, options.box, longest_side)
        return Layout(scaled=fitted, canvas=fitted)
    canvas = _within(_room(size, options.box), (longest_side, longest_side))
    match options.fit:
        case Fit.COVER:
            return Layout(scaled=_around(size, canvas), canvas=canvas)
        case Fit.CONTAIN:
            return Layout(scaled=_inside(size, canvas), canvas=canvas)
        case Fit.FILL:
            return Layout(scaled=canvas, canvas=canvas)


def fitted_size(size: Size, box: Box | None, longest_side: int) -> Size:
    """Width and height of the image inside the box: the same aspect, never larger, no side below 1 pixel.

    Args:
        size: width and height as seen.
        box: given for wide images, and turned by a quarter for a tall one. None: as large as it is.
        longest_side: what the output format can hold at most.
    """
    possible = _within(size, (longest_side, longest_side))
    return _within(possible, _room(possible, box)) if box else possible


def _room(size: Size, box: Box) -> Size:
    width, height = size
    return (box.height, box.width) if box.swap_for_portrait and height > width else (box.width, box.height)


def _within(size: Size, room: Size) -> Size:
    return size if size[0] <= room[0] and size[1] <= room[1] else _inside(size, room)


def _inside(size: Size, room: Size) -> Size:
    """As large as the room allows."""
    width, height = size
    if width * room[1] >= height * room[0]:
        return room[0], _scale(height, room[0], width)
    return _scale(width, room[1], height), room[1]


def _around(size: Size, room: Size) -> Size:
    """As small as it can be and fill the room."""
    width, height = size
    if width * room[1] >= height * room[0]:
        return _scale(width, room[1], height), room[1]
    return room[0], _scale(height, room[0], width)


def _scale(side: int, to: int, of: int) -> int:
    """Side x to / of, to the nearest whole number; in integers, so that rounding cannot exceed the room."""
    return max(1, (2 * side * to + of) // (2 * of))
