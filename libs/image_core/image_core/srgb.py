"""Recognition of ICC profiles that are sRGB and can be omitted."""

import itertools
import struct

from PIL import Image

from image_core.icc import COLORANTS, CURVES, TO_CONNECTION_SPACE, Profile, convert_to_srgb
from image_core.limits import TimeLimit

# The colorants of sRGB, adapted to D50 (IEC 61966-2-1 with the Bradford transform), as files round them.
_COLORANTS = dict(
    zip(
        COLORANTS,
        ((0.4360, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)),
        strict=True,
    )
)
_COLORANT_TOLERANCE = 0.002
# Maximum error of a lookup table, in 8-bit steps.
_ROUNDING = 2
# Maximum error of a curve: half of one of 255 steps.
_CURVE_TOLERANCE = 0.002
_SAMPLES = 32
_MIN_POINTS = 16  # fewer cannot approximate the curve of sRGB
_PARAMETRIC_WITH_TOE = 3


def is_srgb_profile(profile: Profile, time_limit: TimeLimit) -> bool:
    """Return True if a profile is sRGB: matrix and curves deviate by a fraction of an 8-bit step.

    Viewers display an image without a profile as sRGB (CSS Color 4, section 10.1), so the profile can be
    omitted: sRGB profiles have 0.5 to 60 KB, small derivatives 5 to 15. A profile with lookup tables is sRGB
    if converting changes no colour by more than rounding.

    Args:
        profile: profile for any colour space. A profile that littleCMS rejects is not sRGB.
        time_limit: time until the deadline.

    Raises:
        TransformTooSlow: a test conversion would not be finished in time.
    """
    if profile.space != b"RGB ":
        return False
    if profile.tags.keys() & set(TO_CONNECTION_SPACE):
        return _changes_nothing(profile, time_limit)
    tags = profile.tags
    try:
        return all(_is_colorant(tags[name], expected) for name, expected in _COLORANTS.items()) and all(
            # Most files have one curve for all three channels.
            _is_curve(tag)
            for tag in {tags[name] for name in CURVES}
        )
    except (struct.error, TypeError, ArithmeticError):
        return False


def _changes_nothing(profile: Profile, time_limit: TimeLimit) -> bool:
    colours = [*itertools.product(range(0, 256, 17), repeat=3)]
    samples = Image.frombytes("RGB", (len(colours), 1), bytes(itertools.chain.from_iterable(colours)))
    same = convert_to_srgb(samples, profile, time_limit)
    return same is not None and all(
        abs(found - expected) <= _ROUNDING
        for found, expected in zip(same.tobytes(), samples.tobytes(), strict=True)
    )


def _is_colorant(tag: bytes, expected: tuple[float, float, float]) -> bool:
    found = struct.unpack_from(">3i", tag, 8)
    return all(
        abs(number / 65_536 - part) < _COLORANT_TOLERANCE
        for number, part in zip(found, expected, strict=True)
    )


def _is_curve(tag: bytes) -> bool:
    """Return True if a sampled or parametric curve agrees with that of sRGB."""
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


def _linear(encoded: float) -> float:
    """Return the light of an encoded sample, both 0 to 1, by the curve of IEC 61966-2-1."""
    toe = 0.04045
    return encoded / 12.92 if encoded <= toe else float(((encoded + 0.055) / 1.055) ** 2.4)


def _interpolate(points: list[float], at: float) -> float:
    place = at * (len(points) - 1)
    low = min(int(place), len(points) - 2)
    return points[low] + (points[low + 1] - points[low]) * (place - low)


def _parametric(step: float, *numbers: int) -> float:
    """Return the value of a parametric curve of type 3: gamma, a, b, c and d in 65,536ths.

    Source: ICC.1:2022, section 10.18.
    """
    gamma, a, b, c, d = (number / 65_536 for number in numbers)
    return c * step if step < d else float((a * step + b) ** gamma)
