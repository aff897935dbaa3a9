"""ThumbHash: a blurred preview of an image in about 25 bytes, for pages to show while the image is loading.

Source: https://github.com/evanw/thumbhash, by Evan Wallace. The cosine transform is done in two passes, rows
and then columns, which gives the same sums as the reference in a fraction of the time.
"""

from collections.abc import Sequence
from math import cos, pi
from operator import mul
from typing import NamedTuple

MAX_THUMBHASH_SIDE = 100
"""Maximum width and height in pixels: larger images give the same hash in more time."""

# Terms below this are rounding errors, as in an image of one colour, and differ between machines.
_ROUNDING_ERROR = 1e-9

type Samples = Sequence[float]


class _Channel(NamedTuple):
    """The cosine transform of a channel.

    Attributes:
        constant: the constant term, which is the mean of the channel.
        varying: the other terms, mapped from -scale to scale to 0 to 1.
        scale: largest absolute value of the other terms.
    """

    constant: float
    varying: list[float]
    scale: float


def encode_thumbhash(size: tuple[int, int], rgba: bytes) -> bytes:
    """Return the ThumbHash of an image.

    Args:
        size: width and height in pixels, MAX_THUMBHASH_SIDE at most.
        rgba: four bytes for each pixel, row by row. Colours are not multiplied by alpha.
    """
    width, height = size
    alpha = [sample / 255 for sample in rgba[3::4]]
    red, green, blue = (
        [mean * (1 - each) + each * sample / 255 for each, sample in zip(alpha, rgba[band::4], strict=True)]
        for band, mean in enumerate(average_colour(rgba))
    )
    has_alpha = min(rgba[3::4]) < 255  # noqa: PLR2004 - opaque
    longer_terms = 5 if has_alpha else 7
    terms = [max(1, _round(longer_terms * side / max(size))) for side in size]
    luma = [(r + g + b) / 3 for r, g, b in zip(red, green, blue, strict=True)]
    yellow_blue = [(r + g) / 2 - b for r, g, b in zip(red, green, blue, strict=True)]
    red_green = [r - g for r, g in zip(red, green, strict=True)]
    channels = [
        _transform(size, luma, max(3, terms[0]), max(3, terms[1])),
        _transform(size, yellow_blue, 3, 3),
        _transform(size, red_green, 3, 3),
    ]
    if has_alpha:
        channels.append(_transform(size, alpha, 5, 5))
    is_landscape = width > height
    l, p, q = channels[:3]  # noqa: E741 - the names of the reference
    head = _round(63 * l.constant) | _round(31.5 + 31.5 * p.constant) << 6
    head |= _round(31.5 + 31.5 * q.constant) << 12 | _round(31 * l.scale) << 18 | has_alpha << 23
    tail = terms[1] if is_landscape else terms[0]
    tail |= _round(63 * p.scale) << 3 | _round(63 * q.scale) << 9 | is_landscape << 15
    start = head.to_bytes(3, "little") + tail.to_bytes(2, "little")
    if has_alpha:
        start += bytes([_round(15 * channels[3].constant) | _round(15 * channels[3].scale) << 4])
    return start + _pack([_round(15 * term) for channel in channels for term in channel.varying])


def average_colour(rgba: bytes) -> tuple[float, float, float]:
    """Return the mean of red, green and blue as 0 to 1, each pixel weighted by its alpha; black for none."""
    alpha = rgba[3::4]
    weight = 255 * sum(alpha) or 1
    red, green, blue = (sum(map(mul, alpha, rgba[band::4])) / weight for band in range(3))
    return red, green, blue


def _transform(size: tuple[int, int], channel: Samples, columns: int, rows: int) -> _Channel:
    """Return the cosine transform of a channel.

    The terms with low frequencies by column and row are kept: the triangle next to the constant.
    """
    width, height = size
    lines = [channel[start : start + width] for start in range(0, width * height, width)]
    passes = [[sum(map(mul, line, _cosines(width, each))) for line in lines] for each in range(columns)]
    terms = [
        sum(map(mul, passes[column], _cosines(height, row))) / (width * height)
        for row in range(rows)
        for column in range(columns)
        if column * rows < columns * (rows - row)
    ]
    constant, *varying = terms
    scale = max(map(abs, varying))
    if scale < _ROUNDING_ERROR:
        return _Channel(constant, [0.0] * len(varying), 0.0)
    return _Channel(constant, [0.5 + 0.5 / scale * term for term in varying], scale)


def _cosines(length: int, frequency: int) -> list[float]:
    return [cos(pi / length * frequency * (place + 0.5)) for place in range(length)]


def _pack(nibbles: Sequence[int]) -> bytes:
    low, high = nibbles[::2], nibbles[1::2]
    return bytes(each | other << 4 for each, other in zip(low, [*high, 0], strict=False))


def _round(number: float) -> int:
    # Halves are rounded up, as in JavaScript, the language of the reference.
    return int(number + 0.5)
