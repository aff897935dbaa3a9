"""Save images with Pillow, in memory and within the time limit."""

from collections.abc import Sequence
from typing import Any

from image_format import Format
from PIL import Image

from image_core.limits import TimeLimit

MAX_16_BITS = 2**16 - 1
"""Maximum of the fields for durations and repetitions."""


def save(image: Image.Image, output: Format, options: dict[str, Any], time_limit: TimeLimit) -> bytes:
    """Return the file of an image in a mode that the format can hold. The time is checked on each write.

    Raises:
        OSError, ValueError: the encoder rejects the image.
        TransformTooSlow: the time is up.
    """
    file = time_limit.open_file()
    image.save(file, format=output, **options)
    return file.getvalue()


def save_animation(
    images: Sequence[Image.Image],
    durations_ms: Sequence[int],
    output: Format,
    options: dict[str, Any],
    time_limit: TimeLimit,
) -> bytes:
    """Return the file of an APNG, whose frames Pillow writes one by one; see `save`."""
    frames = {"save_all": True, "append_images": time_limit.pace_passes(images[1:]), "duration": durations_ms}
    return save(images[0], output, frames | options, time_limit)


def round_duration(duration_ms: float, steps_ms: Sequence[int]) -> int:
    """Return the duration in ms, rounded to the first of the steps whose multiple fits into 16 bits."""
    step = next((step for step in steps_ms if round(duration_ms / step) <= MAX_16_BITS), steps_ms[-1])
    return min(round(duration_ms / step), MAX_16_BITS) * step
