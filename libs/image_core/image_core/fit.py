"""The arithmetic of fitting into a box."""

from PIL import Image

from image_core.orient import upright_size
from image_core.wish import Box


def stored_size(
    size: tuple[int, int], turn: Image.Transpose | None, box: Box | None, longest_side: int
) -> tuple[int, int]:
    """Width and height to resize to, before the picture is turned upright.

    Args:
        size: width and height as stored.
        turn: what makes the picture upright.
        box: as for `fitted_size`.
        longest_side: as for `fitted_size`.
    """
    return upright_size(fitted_size(upright_size(size, turn), box, longest_side), turn)


def fitted_size(size: tuple[int, int], box: Box | None, longest_side: int) -> tuple[int, int]:
    """Width and height of the picture inside the box: the same aspect, never larger, no side below 1 pixel.

    Args:
        size: width and height as seen.
        box: given for wide pictures, and turned by a quarter for a tall one. None: as large as it is.
        longest_side: what the output format can hold at most.
    """
    width, height = _inside(size, longest_side, longest_side)
    if box is None:
        return width, height
    if height > width:
        return _inside((width, height), box.height, box.width)
    return _inside((width, height), box.width, box.height)


def _inside(size: tuple[int, int], room_width: int, room_height: int) -> tuple[int, int]:
    width, height = size
    if width <= room_width and height <= room_height:
        return size
    if width * room_height >= height * room_width:
        return room_width, _scaled(height, room_width, width)
    return _scaled(width, room_height, height), room_height


def _scaled(side: int, to: int, of: int) -> int:
    """Side x to / of, to the nearest whole number; in integers, so that rounding cannot exceed the room."""
    return max(1, (2 * side * to + of) // (2 * of))
