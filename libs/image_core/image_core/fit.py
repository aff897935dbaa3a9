"""The arithmetic of fitting into a box."""

from image_core.wish import Box


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
