"""An sRGB profile is omitted; any other profile is embedded."""

import struct
from io import BytesIO

import pytest
from image_core import Box, Format, Options, transform
from image_core.icc import read_profile
from image_core.limits import TimeLimit
from image_core.srgb import is_srgb_profile
from PIL import Image

from tests.libs.image_core.files import SRGB


def change(profile: bytes, tag: bytes, at: int, number: int) -> bytes:
    """Return the profile with another 32-bit number in a tag."""
    (count,) = struct.unpack_from(">I", profile, 128)
    starts = {
        name: start
        for name, start, _ in (struct.unpack_from(">4sII", profile, 132 + 12 * n) for n in range(count))
    }
    place = starts[tag] + at
    return profile[:place] + struct.pack(">i", number) + profile[place + 4 :]


def points(values: list[float]) -> bytes:
    """Return sRGB with sampled curves."""
    curve = b"curv" + bytes(4) + struct.pack(">I", len(values))
    curve += struct.pack(f">{len(values)}H", *(round(value * 65_535) for value in values))
    (count,) = struct.unpack_from(">I", SRGB, 128)
    table = b""
    for number in range(count):
        name, start, length = struct.unpack_from(">4sII", SRGB, 132 + 12 * number)
        if name in {b"rTRC", b"gTRC", b"bTRC"}:
            start, length = len(SRGB), len(curve)
        table += struct.pack(">4sII", name, start, length)
    whole = SRGB[:132] + table + SRGB[132 + len(table) :] + curve
    return struct.pack(">I", len(whole)) + whole[4:]


def linear(encoded: float) -> float:
    return encoded / 12.92 if encoded <= 0.04045 else float(((encoded + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize(
    ("profile", "is_srgb"),
    [
        (SRGB, True),
        (points([linear(step / 1023) for step in range(1024)]), True),
        (points([linear(step / 25) for step in range(26)]), True),
        (points([(step / 1023) ** 2.2 for step in range(1024)]), False),
        (points([step / 1023 for step in range(1024)]), False),
        (points([0.0, 1.0]), False),
        (points([]), False),
        (change(SRGB, b"rXYZ", 8, round(0.515 * 65_536)), False),
        (change(SRGB, b"gTRC", 12, round(1.8 * 65_536)), False),
        (change(SRGB, b"gTRC", 16, -(2**30)), False),
        (SRGB[:200], False),
        (SRGB[:140], False),
        (b"", False),
    ],
    ids=[
        "sRGB",
        "1,024 points",
        "26 points",
        "gamma 2.2",
        "linear",
        "2 points",
        "no points",
        "red of Display P3",
        "gamma 1.8",
        "negative",
        "without tags",
        "without table",
        "empty",
    ],
)
def test_is_srgb_profile(profile: bytes, *, is_srgb: bool) -> None:
    read = read_profile(profile)
    assert (read is not None and is_srgb_profile(read, TimeLimit(None))) == is_srgb


@pytest.mark.parametrize("output", [Format.JPEG, Format.PNG, Format.WEBP])
def test_srgb_is_left_out_and_the_colours_stay(output: Format) -> None:
    file = BytesIO()
    Image.new("RGB", (64, 48), (200, 100, 50)).save(file, "PNG", icc_profile=SRGB)
    derivative = transform(file.getvalue(), Options(box=Box(width=32, height=32), output_format=output))
    seen = Image.open(BytesIO(derivative.data))
    assert "icc_profile" not in seen.info
    colour = seen.convert("RGB").getpixel((16, 12))
    assert isinstance(colour, tuple)
    assert all(abs(found - wanted) <= 3 for found, wanted in zip(colour, (200, 100, 50), strict=True))
