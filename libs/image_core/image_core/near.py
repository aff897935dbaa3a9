"""Replace colours of an animation by others that are near, so that indices repeat and compress better.

Noise and dithering move the colours of a still background by a few levels, and so to another index of the
palette in each frame. Pixels of nearly one colour have several indices side by side.
"""

import itertools
from collections.abc import Sequence
from functools import reduce

from PIL import Image, ImageChops

from image_core.limits import TimeLimit

# A colour is near if it differs from the exact one by at most 4 levels of red, green or blue, or by 2 more
# than the nearest colour of the palette. Only the exact colour is near if the palette has it.
_NEAR_LEVELS, _MORE_LEVELS = 4, 2
_LIMITS = [0, *(min(255, max(_NEAR_LEVELS, error + _MORE_LEVELS)) for error in range(1, 256))]
# As the scale of a subtraction it makes a mask: 0 for at most 0, 255 for anything above.
_TO_MASK = 1 / 256
# Numbers of pixels side by side that may get one colour.
_RUNS = (4, 8)
_WHERE_ZERO = [255] + [0] * 255
# Animations that were shortest with runs held 0.24 to 0.61 of their pixels, those with a still background
# 0.58 to 0.96.
_MIN_HELD = 0.7


def repeat_indices(
    images: Sequence[Image.Image], indexed: Sequence[Image.Image], time_limit: TimeLimit
) -> list[list[Image.Image]]:
    """Return the frames with colours that are near, in one or two ways.

    Each pixel is compared with its exact colour, so that errors do not add up over frames.

    Args:
        images: the exact frames in L, LA, RGB or RGBA, of one size.
        indexed: the frames as P with one palette; `info["transparency"]` is an index that is never replaced.
        time_limit: time until the deadline.

    Returns:
        First: pixels keep the index of the frame before, which suits a still background.
        Second, unless most pixels keep the index: 4 or 8 pixels side by side have one index.
        Both are measured in docs/performance.md.

    Raises:
        TransformTooSlow: the time is up.
    """
    has_alpha = any(image.mode in {"LA", "RGBA"} for image in images)
    near: list[_Near] = []
    held: list[Image.Image] = []
    for image, nearest in zip(time_limit.pace(images, len(images)), indexed, strict=True):
        near.append(_Near(image, nearest, has_alpha=has_alpha))
        held.append(near[-1].hold(held[-1]) if held else nearest)
    if _are_mostly_held(held):
        return [held]
    return [held, [colours.make_runs() for colours in time_limit.pace(near, len(near))]]


def find_transparent(indexed: Image.Image) -> Image.Image:
    """Return L: 255 where the index of a P image is that of transparency, 0 elsewhere."""
    transparency = indexed.info["transparency"]
    return indexed.point([255 * (index == transparency) for index in range(256)], "L")


def _are_mostly_held(held: Sequence[Image.Image]) -> bool:
    unchanged = sum(ImageChops.difference(*pair).histogram()[0] for pair in itertools.pairwise(held))
    return unchanged > _MIN_HELD * sum(image.width * image.height for image in held[1:])


class _Near:
    """The colours that are near for each pixel of a frame."""

    def __init__(self, image: Image.Image, nearest: Image.Image, *, has_alpha: bool) -> None:
        self._image = image
        self._nearest = nearest
        self._has_alpha = has_alpha
        self._limits = self._distance(nearest).point(_LIMITS)

    def hold(self, before: Image.Image) -> Image.Image:
        """Return the frame with the index of another frame where its colour is near."""
        frame = before.copy()
        frame.paste(self._nearest, mask=self._find_far(before))
        return frame

    def make_runs(self) -> Image.Image:
        """Return the frame with one index for pixels side by side where its colour is near for all."""
        frame = self._nearest.copy()
        for length in _RUNS:
            small = frame.width // length, frame.height
            if not small[0]:
                break
            size = small[0] * length, frame.height
            runs = self._nearest.resize(small, Image.Resampling.NEAREST, (0, 0, *size))
            runs = runs.resize(size, Image.Resampling.NEAREST)
            candidate = self._nearest.copy()
            candidate.paste(runs)
            far = self._find_far(candidate).reduce((length, 1), (0, 0, *size))
            frame.paste(runs, mask=far.point(_WHERE_ZERO).resize(size, Image.Resampling.NEAREST))
        return frame

    def _find_far(self, candidate: Image.Image) -> Image.Image:
        """Return L: 0 where the colour of a P image is near, 255 elsewhere and at transparent pixels."""
        far = ImageChops.subtract(self._distance(candidate), self._limits, _TO_MASK)
        if not self._has_alpha:
            return far
        return reduce(ImageChops.lighter, [far, *map(find_transparent, (candidate, self._nearest))])

    def _distance(self, indexed: Image.Image) -> Image.Image:
        """Return L: the largest difference of red, green and blue."""
        # A converted copy is not kept: all frames are in memory.
        exact = self._image if self._image.mode == "RGB" else self._image.convert("RGB")
        difference = ImageChops.difference(exact, indexed.convert("RGB"))
        return reduce(ImageChops.lighter, difference.split())
