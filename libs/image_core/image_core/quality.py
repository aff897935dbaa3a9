"""One scale of quality, that of libjpeg, for all lossy formats.

The settings of the other encoders give the same SSIM of luma as the JPEG, in the median over photographs.
"""

import itertools
from collections.abc import Sequence

QUALITIES = (1, 10, 30, 50, 65, 75, 80, 85, 90, 95, 100)
"""Qualities for which a codec states the setting of its encoder. Between these, settings are interpolated."""


def encoder_setting(quality: int, settings: Sequence[int]) -> int:
    """Return the setting with which an encoder makes images that look like a JPEG of this quality.

    Args:
        quality: 1 to 100, on the scale of JPEG.
        settings: the encoder's settings for `QUALITIES`. Empty: the encoder has the scale of JPEG.
    """
    if not settings:
        return quality
    points = itertools.pairwise(zip(QUALITIES, settings, strict=True))
    (low, setting), (high, next_setting) = next(pair for pair in points if quality <= pair[1][0])
    return round(setting + (next_setting - setting) * (quality - low) / (high - low))
