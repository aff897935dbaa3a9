"""The text of single values in URLs and in the table of sizes."""

import re

from image_url.options import Gravity

COMPASS = {
    "center": Gravity(50, 50),
    "north": Gravity(50, 0),
    "northeast": Gravity(100, 0),
    "east": Gravity(100, 50),
    "southeast": Gravity(100, 100),
    "south": Gravity(50, 100),
    "southwest": Gravity(0, 100),
    "west": Gravity(0, 50),
    "northwest": Gravity(0, 0),
}

_COORDINATE = "(0|0?[.][0-9]+|1(?:[.]0+)?)"
_POINT = f"{_COORDINATE},{_COORDINATE}"
_WHOLE_NUMBER = "[1-9][0-9]{0,4}"


def parse_whole_number(text: str, maximum: int) -> int | None:
    """Return a number from 1 to `maximum`, or None for another text."""
    number = int(text) if re.fullmatch(_WHOLE_NUMBER, text) else 0
    return number if 1 <= number <= maximum else None


def parse_gravity(text: str) -> Gravity | None:
    """Return the point that a text names, such as `northeast` or `0.3,0.7`; None for other texts.

    The numbers are shares of the width, from the left edge, and of the height, from the upper edge.
    """
    if match := re.fullmatch(_POINT, text):
        # Half a hundredth is rounded up, as in JavaScript, and not to the even neighbour.
        return Gravity(*(int(float(coordinate) * 100 + 0.5) for coordinate in match.groups()))
    return COMPASS.get(text)
