"""The colour space of a PNG (PNG 3rd edition, 11.3.2), as an ICC profile.

Pillow reads the ICC profile and ignores the other chunks that define the colour space. Here they become a
profile too, so that one conversion to sRGB serves all of them.
"""

import math
import struct
import zlib
from collections.abc import Callable, Sequence

from image_format.icc import MAX_PROFILE_BYTES
from image_format.png import chunks, header_of, profile_stream

from image_core.icc import COLORANTS, CURVES, Profile, build_profile, read_profile

type Point = tuple[float, float]
type Matrix = Sequence[Sequence[float]]

_CHUNKS = frozenset({b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM"})

_D65, _D50_XYZ = (0.3127, 0.3290), (0.9642, 1.0, 0.8249)
_SRGB_PRIMARIES = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
_SRGB_GAMMA, _LIBPNG_TOLERANCE, _PRIMARIES_TOLERANCE = 1 / 2.2, 0.05, 0.005
_MIN_GAMMA, _MAX_GAMMA = 0.1, 10.0

# Code points of ITU-T H.273, tables 2 and 3.
_PRIMARIES: dict[int, tuple[Point, Sequence[Point]]] = {
    1: (_D65, _SRGB_PRIMARIES),
    5: (_D65, ((0.64, 0.33), (0.29, 0.60), (0.15, 0.06))),
    6: (_D65, ((0.63, 0.34), (0.31, 0.595), (0.155, 0.07))),
    7: (_D65, ((0.63, 0.34), (0.31, 0.595), (0.155, 0.07))),
    9: (_D65, ((0.708, 0.292), (0.17, 0.797), (0.131, 0.046))),
    11: ((0.314, 0.351), ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06))),
    12: (_D65, ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06))),
}
_BT_709 = struct.pack(">4s4xH2x5i", b"para", 3, 145_636, 59_633, 5_903, 14_564, 5_308)
_SRGB = struct.pack(">4s4xH2x5i", b"para", 3, 157_286, 62_119, 3_417, 5_072, 2_651)
_POINTS = 1024
# Luminance in cd/m2 of SDR white within an HDR image, and of the peaks (ITU-R BT.2408, 2.1).
_WHITE, _PQ_PEAK, _HLG_PEAK = 203.0, 10_000.0, 1_000.0

# Adaptation by the Bradford method, as in ICC.1:2022, annex E.3.
_BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))


def png_profile(data: bytes) -> Profile | None:
    """Return the ICC profile of a PNG, or one built from other chunks; None: sRGB.

    The first valid chunk counts, in the order of section 13.13: cICP, iCCP, sRGB, gAMA with cHRM.

    Args:
        data: bytes of a PNG file.

    Raises:
        NotAnImage: the file has more chunks than encoders write.
    """
    contents = _colour_chunks(data)
    grey = not header_of(data).has_colour
    return (
        _by_code_points(contents.get(b"cICP", b""), grey=grey)
        or _read_embedded(contents.get(b"iCCP", b""))
        or (None if b"sRGB" in contents else _by_gamma(contents, grey=grey))
    )


def _colour_chunks(data: bytes) -> dict[bytes, bytes]:
    """Return the first intact chunk of each kind that defines colours and precedes the pixels."""
    found: dict[bytes, bytes] = {}
    for chunk in chunks(data):
        if chunk.name == b"IDAT":
            break
        if chunk.name in _CHUNKS and chunk.name not in found and chunk.intact:
            found[chunk.name] = bytes(chunk.body)
    return found


def _read_embedded(content: bytes) -> Profile | None:
    """Return the profile of an iCCP chunk, which may be cut short; None if there is none that can be used."""
    try:
        return read_profile(zlib.decompressobj().decompress(profile_stream(content), MAX_PROFILE_BYTES + 1))
    except zlib.error:
        return None


def _by_code_points(content: bytes, *, grey: bool) -> Profile | None:
    """Return a profile for a cICP chunk; None if its code points are unknown or not for RGB."""
    if len(content) != 4 or content[2:] != b"\0\1":  # noqa: PLR2004 - 11.3.2.6: RGB, the full range
        return None
    return profile_by_code_points(content[0], content[1], grey=grey)


def profile_by_code_points(primaries: int, transfer: int, *, grey: bool) -> Profile | None:
    """Return a profile for code points of ITU-T H.273; None if they are unknown.

    Args:
        primaries: code point of table 2.
        transfer: code point of table 3.
        grey: True for a grey image.
    """
    if primaries not in _PRIMARIES or transfer not in _TRANSFERS:
        return None
    curve = _TRANSFERS[transfer]()
    return _profile_of(*_PRIMARIES[primaries], curve, grey=grey, kept=transfer in _USUAL_TRANSFERS)


def _gamma(exponent: float) -> bytes:
    return struct.pack(">4s4xH2xi", b"para", 0, round(exponent * 65_536))


def _points(light: Callable[[float], float]) -> bytes:
    """Return a sampled curve that maps the white of SDR images to 1. Brighter highlights are clipped."""
    samples = [min(1.0, light(number / (_POINTS - 1))) for number in range(_POINTS)]
    return struct.pack(f">4s4xI{_POINTS}H", b"curv", _POINTS, *(round(sample * 65_535) for sample in samples))


def _perceptual_quantizer(signal: float) -> float:
    """Return the light of a signal by SMPTE ST 2084; SDR white is 1."""
    root = signal ** (1 / 78.84375)
    light = max(0.0, root - 0.8359375) / (18.8515625 - 18.6875 * root)
    return float(light ** (1 / 0.1593017578125)) * _PQ_PEAK / _WHITE


def _hybrid_log_gamma(signal: float) -> float:
    """Return the light of a signal by ARIB STD-B67 on a display of 1,000 cd/m2; SDR white is 1."""
    half = 0.5
    scene = (
        signal**2 / 3 if signal <= half else (math.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12
    )
    return float(scene**1.2) * _HLG_PEAK / _WHITE


# Transfer functions of ITU-T H.273, table 3, as contents of tags.
_TRANSFERS: dict[int, Callable[[], bytes]] = {
    **dict.fromkeys((1, 6, 14, 15), lambda: _BT_709),
    4: lambda: _gamma(2.2),
    5: lambda: _gamma(2.8),
    8: lambda: _gamma(1.0),
    13: lambda: _SRGB,
    16: lambda: _points(_perceptual_quantizer),
    18: lambda: _points(_hybrid_log_gamma),
}
# Transfers designed for 8 bits. Any other shows steps in shadows once the image is compressed again.
_USUAL_TRANSFERS = frozenset({1, 4, 6, 13, 14, 15})


def _by_gamma(chunks: dict[bytes, bytes], *, grey: bool) -> Profile | None:
    """Return a profile for the chunks gAMA and cHRM; None for the values of sRGB.

    Without a valid gAMA the result is None, too: browsers ignore a cHRM alone.
    """
    gamma = int.from_bytes(chunks.get(b"gAMA", b"")) / 100_000
    if not _MIN_GAMMA <= gamma <= _MAX_GAMMA:
        return None
    white, *primaries = _chromaticities(chunks.get(b"cHRM", b""))
    usual = abs(gamma / _SRGB_GAMMA - 1) < _LIBPNG_TOLERANCE
    if usual and (grey or _are_close([white, *primaries], [_D65, *_SRGB_PRIMARIES])):
        return None
    wide = not grey and not _are_close(primaries, _SRGB_PRIMARIES)
    return _profile_of(white, primaries, _gamma(1 / gamma), grey=grey, kept=usual and wide)


def _chromaticities(content: bytes) -> list[Point]:
    """Return the chromaticities of white, red, green and blue; without a cHRM, those of sRGB (11.3.2.1)."""
    if len(content) != 32:  # noqa: PLR2004
        return [_D65, *_SRGB_PRIMARIES]
    numbers = [number / 100_000 for number in struct.unpack(">8I", content)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _are_close(some: Sequence[Point], others: Sequence[Point]) -> bool:
    return all(math.dist(one, other) < _PRIMARIES_TOLERANCE for one, other in zip(some, others, strict=True))


def _profile_of(
    white: Point, primaries: Sequence[Point], curve: bytes, *, grey: bool, kept: bool
) -> Profile | None:
    """Return a profile with this curve; None if the primaries define no colour space.

    Args:
        white: chromaticity of white.
        primaries: chromaticities of red, green and blue.
        curve: content of the tags of the curves.
        grey: True for a grey image, which has a curve only.
        kept: True if the profile may be embedded in files.
    """
    if grey:
        return build_profile(b"GRAY", {b"kTRC": curve}, kept=False)
    try:
        colorants = _colorants(white, primaries)
        tags = [struct.pack(">4s4x3i", b"XYZ ", *(round(part * 65_536) for part in one)) for one in colorants]
    except (ArithmeticError, struct.error):
        return None
    return build_profile(
        b"RGB ", dict(zip((*COLORANTS, *CURVES), [*tags, curve, curve, curve], strict=True)), kept=kept
    )


def _colorants(white: Point, primaries: Sequence[Point]) -> Matrix:
    """Return the XYZ values of red, green and blue at full intensity, adapted to D50.

    Raises:
        ArithmeticError: the chromaticities define no colour space.
    """
    points = [_xyz(*point) for point in primaries]
    amounts = _solve(points, _xyz(*white))
    cones_of_white = _multiply(_BRADFORD, _xyz(*white))
    gains = [d50 / own for d50, own in zip(_multiply(_BRADFORD, _D50_XYZ), cones_of_white, strict=True)]
    adapted = []
    for point, amount in zip(points, amounts, strict=True):
        cones = _multiply(_BRADFORD, [amount * part for part in point])
        columns = list(zip(*_BRADFORD, strict=True))
        adapted.append(_solve(columns, [cone * gain for cone, gain in zip(cones, gains, strict=True)]))
    return adapted


def _xyz(x: float, y: float) -> tuple[float, float, float]:
    """Return the XYZ values of a chromaticity at a luminance of 1."""
    return x / y, 1.0, (1 - x - y) / y


def _multiply(matrix: Matrix, vector: Sequence[float]) -> list[float]:
    return [sum(one * other for one, other in zip(row, vector, strict=True)) for row in matrix]


def _solve(columns: Matrix, target: Sequence[float]) -> list[float]:
    """Return the factors of three columns whose sum is a vector (Cramer's rule)."""
    whole = _determinant(columns)
    return [_determinant([*columns[:number], target, *columns[number + 1 :]]) / whole for number in range(3)]


def _determinant(columns: Matrix) -> float:
    (a, b, c), (d, e, f), (g, h, i) = columns
    return a * (e * i - f * h) - d * (b * i - c * h) + g * (b * f - c * e)
