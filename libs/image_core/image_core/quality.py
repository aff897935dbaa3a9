"""One scale of quality, that of libjpeg, for all lossy formats.

The settings of the other encoders give the same SSIM of luma as the JPEG, in the median over photographs.
"""

import itertools
from collections.abc import Mapping

from image_format import Format

type Points = tuple[tuple[int, float], ...]

LOSSY = frozenset({Format.JPEG, Format.WEBP, Format.AVIF})
"""Formats with a quality."""

_SETTINGS: Mapping[Format, Points] = {
    Format.WEBP: (
        (1, 0),
        (10, 3),
        (30, 26),
        (50, 44),
        (65, 58),
        (75, 73),
        (80, 80),
        (85, 84),
        (90, 88),
        (95, 94),
        (100, 100),
    ),
    Format.AVIF: (
        (1, 10),
        (10, 22),
        (30, 42),
        (50, 51),
        (65, 57),
        (75, 63),
        (80, 67),
        (85, 71),
        (90, 79),
        (95, 90),
        (100, 100),
    ),
}
"""Quality of the scale and setting of the encoder, in ascending order. Between them it is interpolated."""


def encoder_setting(quality: int, output: Format) -> int:
    """Return the quality setting of a format's encoder that looks like a JPEG of this quality.

    Args:
        quality: 1 to 100.
        output: format to encode. JPEG and formats without a setting: the quality itself.
    """
    points = _SETTINGS.get(output)
    if points is None:
        return quality
    (low, setting), (high, next_setting) = next(
        pair for pair in itertools.pairwise(points) if quality <= pair[1][0]
    )
    return round(setting + (next_setting - setting) * (quality - low) / (high - low))
