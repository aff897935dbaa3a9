"""How an animation is written: its timing, and what each format needs for it."""

from collections.abc import Sequence
from typing import Any

from PIL import Image

from image_core.frames import Frame
from image_core.palette import paletted_alike
from image_core.wish import Format

_KEEP, _CLEAR_BEFORE_NEXT = 1, 2  # disposal methods of GIF89a, section 23.c.iv
_SIXTEEN_BITS = 2**16 - 1
_TWENTY_FOUR_BITS = 2**24 - 1


def animation_options(
    frames: Sequence[Frame], output: Format, plays: int
) -> tuple[Image.Image, dict[str, Any]]:
    """The first picture, and what to save it with.

    Args:
        frames: two or more, of one size.
        output: GIF, PNG or WebP.
        plays: how often the animation is shown; 0: without end.
    """
    images = [frame.image for frame in frames]
    options: dict[str, Any] = {
        "save_all": True,
        "duration": [_duration_ms(frame.duration_ms, output) for frame in frames],
        "loop": plays,
    }
    if output is Format.GIF:
        options |= _gif_options(images, plays)
        images = paletted_alike(images)
        options["palette"] = bytes(images[0].getpalette() or [])
    return images[0], options | {"append_images": images[1:]}


def _gif_options(images: Sequence[Image.Image], plays: int) -> dict[str, Any]:
    # Where a pixel is clear the frame before must not show through.
    clear = any(image.mode in {"LA", "RGBA"} for image in images)
    return {
        "disposal": _CLEAR_BEFORE_NEXT if clear else _KEEP,
        # The number says how often it is shown again. Without one it is shown once.
        "loop": {0: 0, 1: None}.get(plays, plays - 1),
        # Pixels that stay as they were are written as clear, which takes next to no bytes.
        "optimize": True,
    }


def _duration_ms(duration_ms: float, output: Format) -> int:
    """The duration in steps that the format has: 16 bits of 10 ms in a GIF, 24 bits of 1 ms in a WebP.

    An APNG has a fraction of 16-bit numbers: whole milliseconds where they fit, else tenfold steps.
    """
    if output is Format.WEBP:
        return min(round(duration_ms), _TWENTY_FOUR_BITS)
    steps = (10,) if output is Format.GIF else (1, 10, 100, 1000)
    step = next((step for step in steps if round(duration_ms / step) <= _SIXTEEN_BITS), steps[-1])
    return min(round(duration_ms / step), _SIXTEEN_BITS) * step
