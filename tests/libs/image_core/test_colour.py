"""ICC profiles are kept or applied; CMYK and alpha look right."""

import struct
import zlib
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from image_core import Box, Format, Options, transform
from image_core.colour import flatten
from PIL import Image, ImageCms

from tests.libs.image_core import files
from tests.libs.image_core.images import error, file_of, frames_of, gradient, load, pixels
from tools.fuzz import profiles

IMAGES = Path(__file__).parents[2] / "images"
CASES = Path(__file__).parents[2] / "cases"
HALF = Box(width=48, height=32)
PHOTOGRAPH = Box(width=150, height=100)


def of(name: str) -> bytes:
    """Return a sample photograph; all of them show the same cup."""
    return (IMAGES / name).read_bytes()


def as_srgb(data: bytes) -> Image.Image:
    """Return the image as a viewer with colour management displays it."""
    image, profile = load(data), files.icc_profile_of(data)
    if profile is None:
        return image.convert("RGB")
    managed = ImageCms.profileToProfile(
        image.convert("RGB") if image.mode == "P" else image,
        BytesIO(profile),
        ImageCms.createProfile("sRGB"),
        outputMode="RGB",
    )
    assert managed is not None
    return managed


@pytest.mark.parametrize("output", Format)
def test_cmyk_goes_through_its_profile(output: Format) -> None:
    wanted = as_srgb(transform(of("coffee-progressive.jpg"), Options(box=PHOTOGRAPH)).data)

    result = transform(of("coffee-cmyk.jpg"), Options(box=PHOTOGRAPH, output_format=output, quality=95))

    assert load(result.data).mode != "CMYK"
    assert files.icc_profile_of(result.data) is None
    # Without the profile the error would be 12. The table has colours that the inks cannot print.
    assert error(as_srgb(result.data).reduce(10), wanted.reduce(10)) < 6.5


def corrupt(profile: bytes) -> bytes:
    """Return a profile with a valid header and invalid tags."""
    return profile[:128] + b"\xff" * (len(profile) - 128)


@pytest.mark.parametrize("mode", ["RGB", "CMYK"])
def test_a_profile_that_cannot_be_applied_is_left_out(mode: str) -> None:
    image = gradient(96, 64).convert(mode)
    profile = corrupt(files.SRGB if mode == "RGB" else files.SRGB[:16] + b"CMYK" + files.SRGB[20:])
    data = file_of(image, "JPEG", quality=95, icc_profile=profile)
    derivative = transform(data, Options(box=HALF, output_format=Format.BMP))
    assert error(load(derivative.data), gradient(48, 32)) < 5


def wide(points: int) -> bytes:
    """Return a profile with red and blue swapped and sampled curves, which is not sRGB."""
    curve = profiles.curve(*[round(65_535 * (number / (points - 1)) ** 1.8) for number in range(points)])
    red, green, blue, *curves = profiles.matrix(curve, curve, curve)
    return profiles.profile(b"RGB ", red._replace(name=b"bXYZ"), green, blue._replace(name=b"rXYZ"), *curves)


@cache
def noise_with_profile(side: int, points: int) -> tuple[bytes, Image.Image]:
    """Return noise with twice this side as a PNG, and its colours in this size as sRGB."""
    noise = np.random.default_rng(1).integers(100, 140, (side, side, 3), dtype=np.uint8)
    data = file_of(
        Image.fromarray(noise).resize((2 * side, 2 * side)), "PNG", icc_profile=wide(points), compress_level=1
    )
    return data, as_srgb(data).resize((side, side))


@pytest.mark.parametrize("output", [Format.JPEG, Format.PNG, Format.WEBP])
@pytest.mark.parametrize(
    ("points", "side", "kept"), [(2_400, 48, False), (2_400, 1_500, True), (2, 48, True)]
)
def test_a_large_profile_is_applied_where_it_outweighs_the_image(
    points: int, side: int, output: Format, *, kept: bool
) -> None:
    data, expected = noise_with_profile(side, points)
    options = Options(box=Box(width=side, height=side), output_format=output, quality=60)

    derivative = transform(data, options)

    assert (files.icc_profile_of(derivative.data) is not None) is kept
    assert kept or len(derivative.data) < 6_000
    assert error(as_srgb(derivative.data).reduce(8), expected.reduce(8)) < 3


@pytest.mark.parametrize("output", [Format.BMP, Format.GIF])
def test_alpha_outlives_the_conversion_to_srgb(output: Format) -> None:
    image = gradient(96, 64)
    image.putalpha(Image.new("L", image.size, 255))
    image.paste((0, 0, 0, 0), (0, 0, 48, 64))
    data = file_of(image, "PNG", icc_profile=files.SRGB)
    result = load(transform(data, Options(box=HALF, output_format=output)).data).convert("RGBA")
    alpha = np.asarray(result.getchannel("A"))
    assert alpha[:, :20].max() == 0
    assert alpha[:, 28:].min() == 255


def test_jpeg_shows_white_where_nothing_is() -> None:
    image = Image.new("RGBA", (96, 64), (200, 0, 0, 0))
    image.paste((10, 20, 200, 255), (48, 0, 96, 64))
    derivative = transform(file_of(image, "PNG"), Options(box=HALF, output_format=Format.JPEG, quality=95))
    look = pixels(load(derivative.data))
    assert look[:, :16].min() > 250
    assert np.abs(look[:, 32:] - (10, 20, 200)).max() < 6


type Light = npt.NDArray[np.float64]

P3_TO_SRGB = ((1.2249, -0.2247, 0.0), (-0.0420, 1.0419, 0.0), (-0.0197, -0.0786, 1.0979))


def linear(signal: Light) -> Light:
    """Return the light of sRGB values from 0 to 1 (IEC 61966-2-1)."""
    return np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4)


def encode(light: Light) -> Light:
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def meant(image: Image.Image, light_of: Callable[[Light], Light]) -> Image.Image:
    """Return the sRGB image of these light values."""
    signal = np.asarray(image.convert("RGB"), dtype=np.float64) / 255
    return Image.fromarray(np.round(encode(light_of(signal)) * 255).astype(np.uint8))


def p3_light(signal: Light) -> Light:
    return np.asarray(linear(signal) @ np.array(P3_TO_SRGB).T)


def tag(image: Image.Image, *chunks: tuple[bytes, bytes]) -> bytes:
    """Return the image as a PNG with these chunks."""
    data = file_of(image, "PNG")
    for name, content in chunks:
        data = files.with_png_chunk(data, name, content, before=b"IDAT")
    return data


def gama(gamma: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(gamma * 100_000))


P3 = (0.3127, 0.3290, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
CHRM = b"cHRM", struct.pack(">8I", *(round(number * 100_000) for number in P3))
GREY = gradient(96, 64).convert("L")

SPOKEN: dict[str, tuple[bytes, Callable[[Light], Light], bool]] = {
    "linear light": ((CASES / "gama-linear.png").read_bytes(), lambda signal: signal, False),
    "code points of Display P3": ((CASES / "cicp-p3.png").read_bytes(), p3_light, True),
    "grey of linear light": (tag(GREY, gama(1.0)), lambda signal: signal, False),
    "grey with alpha": (tag(GREY.convert("LA"), gama(1 / 1.8)), lambda signal: signal**1.8, False),
    "a palette": (tag(gradient(96, 64).quantize(64), gama(1.0)), lambda signal: signal, False),
    "primaries": (tag(gradient(96, 64), gama(0.45455), CHRM), p3_light, True),
    "gamma 2.2 is that of sRGB": (tag(gradient(96, 64), gama(0.45455)), linear, False),
    "primaries without gamma": (tag(gradient(96, 64), CHRM), linear, False),
    "sRGB before gamma": (tag(gradient(96, 64), gama(1.0), (b"sRGB", b"\0")), linear, False),
    "no gamma": (tag(gradient(96, 64), gama(0.0)), linear, False),
    "a gamma out of bounds": (tag(gradient(96, 64), gama(40_000.0)), linear, False),
    "primaries that are none": (tag(gradient(96, 64), gama(1.0), (b"cHRM", bytes(32))), linear, False),
    "a profile before gamma": (
        files.with_png_chunk(
            file_of(gradient(96, 64), "PNG", icc_profile=files.SRGB), *gama(1.0), before=b"IDAT"
        ),
        linear,
        False,
    ),
    "code points before a profile": (
        files.with_png_chunk(
            file_of(gradient(96, 64), "PNG", icc_profile=wide(2)), b"cICP", b"\1\x0d\0\1", before=b"IDAT"
        ),
        linear,
        False,
    ),
    "code points of YCbCr": (tag(gradient(96, 64), (b"cICP", b"\x0c\x0d\1\1")), linear, False),
    "unassigned code points": (tag(gradient(96, 64), (b"cICP", b"\x0c\xff\0\1")), linear, False),
}


@pytest.mark.parametrize("output", Format)
@pytest.mark.parametrize("name", SPOKEN)
def test_colours_of_a_png_without_profile(name: str, output: Format) -> None:
    data, light_of, may_keep = SPOKEN[name]
    image = load(data)
    width, height = image.width // 2, image.height // 2
    wanted = meant(image, light_of).reduce(2)

    derivative = transform(
        data, Options(box=Box(width=width, height=height), output_format=output, quality=95)
    )

    assert error(as_srgb(derivative.data), wanted) < {Format.GIF: 6, Format.AVIF: 4}.get(output, 3)
    kept = files.icc_profile_of(derivative.data) is not None
    assert kept is (may_keep and output.keeps_icc_profile)
    assert b"gAMA" not in derivative.data


@pytest.mark.parametrize(
    ("transfer", "signal"), [(16, 148), (18, 191)], ids=["perceptual quantizer", "hybrid log-gamma"]
)
def test_white_of_an_hdr_image_becomes_white(transfer: int, signal: int) -> None:
    image = Image.new("RGB", (64, 64), (signal,) * 3)
    image.paste((255, 255, 255), (0, 0, 32, 64))
    data = tag(image, (b"cICP", bytes((9, transfer, 0, 1))))
    look = pixels(load(transform(data, Options(box=Box(width=32, height=32))).data))
    assert look[:, :12].min() > 253
    assert look[:, 20:].min() > 250


def avif_with(image: Image.Image, primaries: int, transfer: int) -> bytes:
    """Return an AVIF with these code points of ITU-T H.273 instead of those of sRGB."""
    data = file_of(image, "AVIF", quality=98, subsampling="4:4:4")
    assert data.count(b"nclx\0\1\0\x0d") == 1
    return data.replace(b"nclx\0\1\0\x0d", b"nclx" + struct.pack(">HH", primaries, transfer))


@pytest.mark.parametrize("output", [Format.JPEG, Format.PNG, Format.AVIF, Format.GIF])
@pytest.mark.parametrize(("primaries", "transfer"), [(12, 13), (9, 13), (12, 8), (9, 16), (9, 18)])
def test_code_points_of_an_avif_are_those_of_a_png(primaries: int, transfer: int, output: Format) -> None:
    image = gradient(96, 64)
    options = Options(box=HALF, output_format=output, quality=95)
    png = transform(tag(image, (b"cICP", bytes((primaries, transfer, 0, 1)))), options).data
    avif = transform(avif_with(image, primaries, transfer), options).data
    assert error(as_srgb(avif), as_srgb(png)) < 5
    assert error(as_srgb(avif), gradient(48, 32)) > 7


@pytest.mark.parametrize(("primaries", "transfer"), [(1, 13), (1, 1), (1, 2), (2, 2), (2, 13), (99, 13)])
def test_code_points_of_an_avif_that_mean_srgb(primaries: int, transfer: int) -> None:
    options = Options(box=HALF, output_format=Format.PNG)
    assert (
        error(
            load(transform(avif_with(gradient(96, 64), primaries, transfer), options).data), gradient(48, 32)
        )
        < 3
    )


def test_a_png_that_is_only_cleaned_keeps_what_its_colours_mean() -> None:
    data = tag(gradient(96, 64), gama(1.0), CHRM, (b"cICP", b"\x0c\x0d\0\1"), (b"tEXt", b"a\0b"))
    derivative = transform(data, Options(box=None))
    assert [name in derivative.data for name in (b"gAMA", b"cHRM", b"cICP", b"tEXt")] == [True] * 3 + [False]


@pytest.mark.parametrize("output", Format)
def test_a_profile_for_rgb_is_applied_to_grey(output: Format) -> None:
    data = (CASES / "grey-rgbprofile-g18.jpg").read_bytes()
    wanted = meant(load(data), lambda signal: signal ** (0x1CD / 256)).reduce(2)
    derivative = transform(data, Options(box=Box(width=400, height=200), output_format=output, quality=95))
    assert error(as_srgb(derivative.data), wanted) < 2
    assert files.icc_profile_of(derivative.data) is None


def parts(profile: bytes, count: int) -> list[bytes]:
    """Return segments with a profile in this number of parts."""
    step = -(-len(profile) // count)
    return [
        b"ICC_PROFILE\0" + bytes((number + 1, count)) + profile[number * step : (number + 1) * step]
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("segments", "kept"),
    [
        (parts(wide(2), 1), True),
        (parts(wide(2), 1) * 2, True),
        (parts(wide(2), 3) * 2, True),
        (parts(wide(2), 3)[::-1], True),
        (parts(wide(2), 3)[1:], False),
        (parts(wide(2), 3)[:2], False),
        ([b"ICC_PROFILE\0"], False),
    ],
    ids=["once", "twice", "3 parts twice", "backwards", "without the first", "without the last", "empty"],
)
def test_parts_of_a_profile(segments: list[bytes], *, kept: bool) -> None:
    data = file_of(gradient(96, 64), "JPEG")
    for segment in reversed(segments):
        data = files.with_jpeg_segment(data, 0xE2, segment)
    profile = files.icc_profile_of(transform(data, Options(box=HALF)).data)
    assert profile == (wide(2) if kept else None)


def test_a_profile_of_version_4_equal_to_srgb_is_dropped() -> None:
    data = (CASES / "icc-v4-60kB.jpg").read_bytes()
    derivative = transform(data, Options(box=PHOTOGRAPH))
    assert files.icc_profile_of(derivative.data) is None
    assert len(derivative.data) < 12_000


@pytest.mark.parametrize("output", Format)
def test_the_profile_of_a_bmp_is_applied(output: Format) -> None:
    image = gradient(96, 64)
    body = image.tobytes("raw", "BGR", 0, -1)
    profile = wide(2)
    info = struct.pack("<IiiHHII16x", 124, *image.size, 1, 24, 0, len(body)) + bytes(16) + b"DEBM" + bytes(52)
    info += struct.pack("<II4x", 124 + len(body), len(profile))
    data = struct.pack("<2sIII", b"BM", 138 + len(body) + len(profile), 0, 138) + info + body + profile
    wanted = as_srgb(file_of(image, "PNG", icc_profile=profile)).reduce(2)
    derivative = transform(data, Options(box=HALF, output_format=output, quality=95))
    assert error(as_srgb(derivative.data), wanted) < 6


def test_an_animation_in_grey_keeps_its_profile() -> None:
    profile = files.grey_profile(1.0)
    packed = (b"iCCP", b"icc\0\0" + zlib.compress(profile))
    frames = [files.ApngFrame((0, 0, 96, 64), (shade,)) for shade in (60, 120, 180)]
    data = files.apng((96, 64), 0, *frames, extra=[packed])
    derivative = transform(data, Options(box=HALF))
    assert derivative.frames == 3
    assert files.icc_profile_of(derivative.data) == profile
    assert [pixels(frame)[20, 20, 0] for frame, _ in frames_of(derivative.data)] == [60, 120, 180]
    webp = transform(data, Options(box=HALF, output_format=Format.WEBP))
    assert abs(pixels(frames_of(webp.data)[0][0])[20, 20, 0] - 133) < 4


@pytest.mark.parametrize("box", [None, Box(width=300, height=200)])
def test_a_profile_of_more_than_a_megabyte_is_applied(box: Box | None) -> None:
    data = (CASES / "icc-1300k.png").read_bytes()
    derivative = transform(data, Options(box=box, output_format=Format.JPEG, quality=95))
    assert files.icc_profile_of(derivative.data) is None
    start = data.index(b"\0\0", data.index(b"iCCP") + 4) + 2
    profile = zlib.decompressobj().decompress(data[start:])
    with_profile = file_of(load(without_profile(data)), "JPEG", quality=95, icc_profile=profile)
    wanted = as_srgb(with_profile).resize((derivative.width, derivative.height), Image.Resampling.BOX)
    assert error(as_srgb(derivative.data), wanted) < 4


def without_profile(data: bytes) -> bytes:
    """Return the PNG without its profile."""
    at = data.index(b"iCCP") - 4
    return data[:at] + data[at + 12 + int.from_bytes(data[at : at + 4]) :]


@pytest.mark.parametrize(
    ("mode", "modes", "expected"),
    [
        ("L", ("L", "RGB"), ("L", 40)),
        ("L", ("RGB",), ("RGB", (40, 40, 40))),
        ("LA", ("L", "RGB"), ("L", 255)),
        ("LA", ("RGB",), ("RGB", (255, 255, 255))),
        ("LA", ("L", "RGB", "RGBA"), ("RGBA", (40, 40, 40, 0))),
        ("LA", ("L", "LA"), ("LA", (40, 0))),
        ("RGBA", ("L", "RGB"), ("RGB", (255, 255, 255))),
        ("RGBA", ("RGB", "RGBA"), ("RGBA", (40, 40, 40, 0))),
    ],
)
def test_a_format_gets_a_mode_that_it_can_hold(
    mode: str, modes: tuple[str, ...], expected: tuple[str, object]
) -> None:
    image = Image.new("L", (1, 1), 40).convert(mode)
    if mode.endswith("A"):
        image.putalpha(0)

    flat = flatten(image, modes)

    assert (flat.mode, flat.getpixel((0, 0))) == expected
