"""The quality at which an encoder reaches a given SSIM."""

from collections.abc import Callable
from dataclasses import dataclass

MIN_QUALITY, MAX_QUALITY = 1, 100
# A search mostly starts close to its end, at the quality of another peer or of the image before.
_FIRST_STEP = _MAX_GAP = 2


@dataclass(frozen=True, kw_only=True)
class Trial:
    """File size, SSIM and processor time of a derivative at one quality."""

    quality: int
    size_bytes: float
    ssim: float
    cpu_ms: float


def find_equal(target: float, start: int, attempt: Callable[[int], Trial]) -> Trial:
    """Search the quality with an SSIM by bisection.

    SSIM and the logarithm of the size are nearly linear between two close qualities, so the size at the exact
    SSIM is interpolated: whole steps of the quality would change the size by 1 to 3 %.

    Args:
        target: SSIM to reach.
        start: first quality to try, 1 to 100.
        attempt: encodes at a quality.

    Returns:
        The nearest quality, with all figures interpolated; the highest or the lowest quality, with its own
        figures, if the target is out of reach.
    """
    low = high = attempt(start)
    step = _FIRST_STEP
    while low.ssim > target and low.quality > MIN_QUALITY:
        low, high = attempt(max(MIN_QUALITY, low.quality - step)), low
        step *= 2
    while high.ssim < target and high.quality < MAX_QUALITY:
        low, high = high, attempt(min(MAX_QUALITY, high.quality + step))
        step *= 2
    if not low.ssim <= target <= high.ssim:
        return min(low, high, key=lambda trial: abs(trial.ssim - target))
    while high.quality - low.quality > _MAX_GAP:
        middle = attempt((low.quality + high.quality) // 2)
        low, high = (low, middle) if middle.ssim >= target else (middle, high)
    return _interpolate(target, low, high)


def _interpolate(target: float, low: Trial, high: Trial) -> Trial:
    if high.ssim == low.ssim:
        return low
    part = (target - low.ssim) / (high.ssim - low.ssim)
    return Trial(
        quality=round(low.quality + part * (high.quality - low.quality)),
        size_bytes=low.size_bytes ** (1 - part) * high.size_bytes**part,
        ssim=target,
        cpu_ms=low.cpu_ms ** (1 - part) * high.cpu_ms**part,
    )
