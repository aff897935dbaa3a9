"""Whether an ICC profile says what is meant without one."""

import struct

from image_core.icc import COLORANTS, CURVES, TO_CONNECTION_SPACE, read_profile

# The colorants of sRGB, adapted to D50 (IEC 61966-2-1 with the Bradford transform), as files have them.
_COLORANTS = dict(
    zip(
        COLORANTS,
        ((0.4360, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)),
        strict=True,
    )
)
_COLORANT_TOLERANCE = 0.002
# Half of one of 255 steps.
_CURVE_TOLERANCE = 0.002
_SAMPLES = 32
_FEWEST_POINTS = 16  # of a curve that can follow sRGB's
_PARAMETRIC_WITH_TOE = 3


def means_srgb(icc_profile: bytes) -> bool:
    """Whether a profile with a matrix and curves is sRGB, within a fraction of a step of 8 bits.

    Viewers take a picture without a profile for sRGB (CSS Color 4, section 10.1), so one that says so can be
    left out: it has 0.5 to 3 KB, a small derivative 5 to 15.

    Args:
        icc_profile: of ICC.1, any version. What cannot be read, or maps by tables, is not sRGB.
    """
    profile = read_profile(icc_profile)
    if profile is None or profile.space != b"RGB " or profile.tags.keys() & set(TO_CONNECTION_SPACE):
        return False
    tags = profile.tags
    try:
        return all(_is_colorant(tags[name], wanted) for name, wanted in _COLORANTS.items()) and all(
            # Most files have one curve for all three.
            _is_curve(tag)
            for tag in {tags[name] for name in CURVES}
        )
    except (struct.error, TypeError, ArithmeticError):
        return False


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
        return count >= _FEWEST_POINTS and _agrees([_interpolated(points, step) for step in steps])
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
    """The curve of IEC 61966-2-1."""
    toe = 0.04045
    return encoded / 12.92 if encoded <= toe else float(((encoded + 0.055) / 1.055) ** 2.4)


def _interpolated(points: list[float], at: float) -> float:
    place = at * (len(points) - 1)
    low = min(int(place), len(points) - 2)
    return points[low] + (points[low + 1] - points[low]) * (place - low)


def _parametric(step: float, *numbers: int) -> float:
    """Type 3 of ICC.1:2022, section 10.18: gamma, a, b, c and d in 65,536ths."""
    gamma, a, b, c, d = (number / 65_536 for number in numbers)
    return c * step if step < d else float((a * step + b) ** gamma)
