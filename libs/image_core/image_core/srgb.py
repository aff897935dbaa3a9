"""Whether an ICC profile says what is meant without one."""

import itertools
import struct

from PIL import Image

from image_core.clock import Clock
from image_core.icc import COLORANTS, CURVES, TO_CONNECTION_SPACE, Profile, convert_to_srgb

# The colorants of sRGB, adapted to D50 (IEC 61966-2-1 with the Bradford transform), as files have them.
_COLORANTS = dict(
    zip(
        COLORANTS,
        ((0.4360, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)),
        strict=True,
    )
)
_COLORANT_TOLERANCE = 0.002
# Steps of 8 bits by which tables may miss a colour.
_ROUNDING = 2
# Half of one of 255 steps.
_CURVE_TOLERANCE = 0.002
_SAMPLES = 32
_MIN_POINTS = 16  # of a curve that can follow sRGB's
_PARAMETRIC_WITH_TOE = 3


def is_srgb_profile(profile: Profile, clock: Clock) -> bool:
    """Return whether a profile for RGB is sRGB: matrix and curves within a fraction of a step of 8 bits.

    Viewers take an image without a profile for sRGB (CSS Color 4, section 10.1), so one that says so can be
    left out: it has 0.5 to 60 KB, a small derivative 5 to 15. A profile with tables is one if it changes no
    colour by more than rounding does.

    Args:
        profile: for images of any kind. One that littleCMS cannot use is not sRGB.
        clock: the time that is left.

    Raises:
        DerivationTooSlow
    """
    if profile.space != b"RGB ":
        return False
    if profile.tags.keys() & set(TO_CONNECTION_SPACE):
        return _changes_nothing(profile, clock)
    tags = profile.tags
    try:
        return all(_is_colorant(tags[name], wanted) for name, wanted in _COLORANTS.items()) and all(
            # Most files have one curve for all three.
            _is_curve(tag)
            for tag in {tags[name] for name in CURVES}
        )
    except (struct.error, TypeError, ArithmeticError):
        return False


def _changes_nothing(profile: Profile, clock: Clock) -> bool:
    colours = [*itertools.product(range(0, 256, 17), repeat=3)]
    samples = Image.frombytes("RGB", (len(colours), 1), bytes(itertools.chain.from_iterable(colours)))
    same = convert_to_srgb(samples, profile, clock)
    return same is not None and all(
        abs(found - wanted) <= _ROUNDING
        for found, wanted in zip(same.tobytes(), samples.tobytes(), strict=True)
    )


def _is_colorant(tag: bytes, wanted: tuple[float, float, float]) -> bool:
    found = struct.unpack_from(">3i", tag, 8)
    return all(
        abs(number / 65_536 - part) < _COLORANT_TOLERANCE for number, part in zip(found, wanted, strict=True)
    )


def _is_curve(tag: bytes) -> bool:
    """Whether a tag is a curve that goes along sRGB's, as a list of points or as a formula."""
    steps = [step / _SAMPLES for step in range(_SAMPLES + 1)]
    if tag[:4] == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        points = [value / 65_535 for value in struct.unpack_from(f">{count}H", tag, 12)]
        return count >= _MIN_POINTS and _agrees([_interpolate(points, step) for step in steps])
    kind, *numbers = struct.unpack_from(">H2x5i", tag, 8)
    return (
        tag[:4] == b"para"
        and kind == _PARAMETRIC_WITH_TOE
        and _agrees([_parametric(step, *numbers) for step in steps])
    )


def _agrees(samples: list[float]) -> bool:
    return all(
        abs(found - _linear(number / _SAMPLES)) < _CURVE_TOLERANCE for number, found in enumerate(samples)
    )


def _linear(encode: float) -> float:
    """The curve of IEC 61966-2-1."""
    toe = 0.04045
    return encode / 12.92 if encode <= toe else float(((encode + 0.055) / 1.055) ** 2.4)


def _interpolate(points: list[float], at: float) -> float:
    place = at * (len(points) - 1)
    low = min(int(place), len(points) - 2)
    return points[low] + (points[low + 1] - points[low]) * (place - low)


def _parametric(step: float, *numbers: int) -> float:
    """Type 3 of ICC.1:2022, section 10.18: gamma, a, b, c and d in 65,536ths."""
    gamma, a, b, c, d = (number / 65_536 for number in numbers)
    return c * step if step < d else float((a * step + b) ** gamma)
