"""Every mode that files come in, to every output format, resized and not."""

from collections.abc import Callable

import numpy as np
import pytest
from image_core import Box, Format, Transform, transform
from PIL import Image, ImageChops

from tests.libs.image_core import files
from tests.libs.image_core.pictures import (
    Pixels,
    clearing,
    file_of,
    gradient,
    half_clear,
    halved,
    pixels,
    seen,
)

SIZE = (96, 64)
HALF = Box(width=48, height=32)

# What the result may differ by in the mean, of 255 steps.
TOLERANCE = {Format.JPEG: 3.5, Format.PNG: 1.5, Format.GIF: 4.0, Format.BMP: 1.5, Format.WEBP: 3.5}


def grey() -> Image.Image:
    return gradient(*SIZE).convert("L")


def colour() -> Image.Image:
    return gradient(*SIZE)


def alpha() -> Image.Image:
    return clearing(*SIZE)


def keyed() -> Image.Image:
    return half_clear(*SIZE)


def wide(image: Image.Image) -> bytes:
    """The samples as 16 bits, big endian, of which the upper 8 are the picture."""
    return (np.asarray(image).astype(">u2") * 257).tobytes()


def palette() -> Image.Image:
    return colour().quantize(64)


def bilevel() -> Image.Image:
    """Black on the left, white on the right."""
    sides = np.tile((np.arange(SIZE[0]) // 48 * 255).astype(np.uint8), (SIZE[1], 1))
    return Image.fromarray(sides).convert("1")


def bilevel_half_clear() -> Image.Image:
    """Black on the left, nothing on the right."""
    return Image.merge("LA", (Image.new("L", SIZE), ImageChops.invert(bilevel().convert("L"))))


def keyed_grey() -> Image.Image:
    """Three shades of grey, of which the second is clear."""
    steps = np.tile((np.arange(SIZE[0]) // 32 * 40).astype(np.uint8), (SIZE[1], 1))
    image = Image.fromarray(steps).convert("LA")
    image.putalpha(Image.fromarray(np.where(steps == 40, 0, 255).astype(np.uint8)))
    return image


def keyed_rgb() -> Image.Image:
    """The three shades tinted."""
    image = keyed_grey()
    level = image.getchannel("L")
    return Image.merge("RGBA", (level, level, ImageChops.invert(level), image.getchannel("A")))


def cmyk() -> Image.Image:
    return colour().convert("CMYK")


def ycck_file() -> bytes:
    # C, M and Y are stored inverted, which is how Pillow writes them, and turned to YCbCr, which it does not.
    ycc = ImageChops.invert(colour()).convert("YCbCr").split()
    stored = [*(ImageChops.invert(band) for band in ycc), Image.new("L", SIZE)]
    return files.with_adobe_transform(
        file_of(Image.merge("CMYK", stored), "JPEG", quality=95), files.ADOBE_YCCK
    )


type Row = tuple[Callable[[], bytes], Callable[[], Image.Image]]

INPUTS: dict[str, Row] = {
    "JPEG L": (lambda: file_of(grey(), "JPEG", quality=95), grey),
    "JPEG RGB": (lambda: file_of(colour(), "JPEG", quality=95), colour),
    "JPEG RGB progressive": (lambda: file_of(colour(), "JPEG", quality=95, progressive=True), colour),
    "JPEG CMYK": (lambda: file_of(cmyk(), "JPEG", quality=95), colour),
    "JPEG CMYK without Adobe's mark": (
        lambda: files.with_adobe_transform(file_of(cmyk(), "JPEG", quality=95), None),
        colour,
    ),
    "JPEG YCCK": (ycck_file, colour),
    "PNG 1": (lambda: file_of(bilevel(), "PNG"), bilevel),
    "PNG 1 with tRNS": (lambda: file_of(bilevel(), "PNG", transparency=1), bilevel_half_clear),
    "PNG L": (lambda: file_of(grey(), "PNG"), grey),
    "PNG L with tRNS": (
        lambda: file_of(keyed_grey().getchannel("L"), "PNG", transparency=40),
        keyed_grey,
    ),
    "PNG LA": (lambda: file_of(alpha().convert("LA"), "PNG"), lambda: alpha().convert("LA")),
    "PNG P": (lambda: file_of(palette(), "PNG"), palette),
    "PNG P with one clear": (
        lambda: file_of(keyed_rgb().quantize(64), "PNG"),
        keyed_rgb,
    ),
    "PNG P with alphas": (lambda: file_of(alpha().quantize(256), "PNG"), lambda: alpha().quantize(256)),
    "PNG RGB": (lambda: file_of(colour(), "PNG"), colour),
    "PNG RGB with tRNS": (
        lambda: file_of(keyed_rgb().convert("RGB"), "PNG", transparency=(40, 40, 215)),
        keyed_rgb,
    ),
    "PNG RGBA": (lambda: file_of(alpha(), "PNG"), alpha),
    "PNG 16-bit L": (lambda: files.png(SIZE, 16, 0, wide(grey())), grey),
    "PNG 16-bit L with tRNS": (
        lambda: files.png(SIZE, 16, 0, wide(keyed_grey().getchannel("L")), (b"tRNS", (40 * 257).to_bytes(2))),
        keyed_grey,
    ),
    "PNG 16-bit LA": (
        lambda: files.png(SIZE, 16, 4, wide(alpha().convert("LA"))),
        lambda: alpha().convert("LA"),
    ),
    "PNG 16-bit RGB": (lambda: files.png(SIZE, 16, 2, wide(colour())), colour),
    "PNG 16-bit RGBA": (lambda: files.png(SIZE, 16, 6, wide(alpha())), alpha),
    "GIF L": (lambda: file_of(grey(), "GIF"), grey),
    "GIF P": (lambda: file_of(palette(), "GIF"), palette),
    "GIF P with one clear": (lambda: file_of(keyed_rgb(), "GIF"), keyed_rgb),
    "BMP 1": (lambda: file_of(bilevel(), "BMP"), bilevel),
    "BMP L": (lambda: file_of(grey(), "BMP"), grey),
    "BMP P": (lambda: file_of(palette(), "BMP"), palette),
    "BMP RGB": (lambda: file_of(colour(), "BMP"), colour),
    "BMP RGBA": (lambda: files.bmp_with_alpha(alpha()), alpha),
    "WebP RGB": (lambda: file_of(colour(), "WEBP", quality=95), colour),
    "WebP RGBA": (lambda: file_of(alpha(), "WEBP", lossless=True), alpha),
    "WebP with clear half": (lambda: file_of(keyed(), "WEBP", lossless=True), keyed),
}


def expected(image: Image.Image, output: Format, page: float, *, smaller: bool) -> Pixels:
    """How it should look on a page of that grey: alpha weighs colours, a GIF is clear or opaque."""
    if output is Format.JPEG:
        page = 255
    rgba = np.asarray(image.convert("RGBA"), dtype=np.float64)
    weighed = np.concatenate([rgba[..., :3] * rgba[..., 3:] / 255, rgba[..., 3:]], axis=-1)
    if smaller:
        weighed = halved(weighed)
    cover = weighed[..., 3:] / 255
    if output is Format.GIF:
        own = weighed[..., :3] / np.maximum(cover, 1e-6)
        return np.where(cover >= 128 / 255, own, page)
    return np.asarray(weighed[..., :3] + page * (1 - cover))


@pytest.mark.parametrize("smaller", [True, False], ids=["half", "whole"])
@pytest.mark.parametrize("output", [None, *Format])
@pytest.mark.parametrize("name", INPUTS)
def test_a_picture_of_any_mode_looks_the_same_afterwards(
    name: str, output: Format | None, *, smaller: bool
) -> None:
    make, truth = INPUTS[name]

    picture = transform(make(), Transform(box=HALF if smaller else None, output_format=output, quality=95))

    result = seen(picture.data)
    assert result.size == (picture.width, picture.height) == ((48, 32) if smaller else SIZE)
    for page in (0, 255):
        wanted = expected(truth(), picture.format, page, smaller=smaller)
        off = float(np.abs(pixels(result, page) - wanted).mean())
        assert off < TOLERANCE[picture.format]


@pytest.mark.parametrize(
    ("depth", "colour_type", "samples", "look"),
    [
        (1, 0, (b"\0", b"\xff", b"\0\0"), 255),
        (2, 0, (b"\xaa", b"\x55", b"\0\2"), 85),
        (4, 0, (b"\x77", b"\x33", b"\0\7"), 51),
        (8, 0, (b"\x60", b"\x40", b"\0\x60"), 64),
        (16, 0, (b"\x60\x33", b"\x40\x40", b"\x60\x33"), 64),
        (8, 2, (b"\x60", b"\x40", b"\0\x60" * 3), 64),
        (16, 2, (b"\x60\x33", b"\x40\x40", b"\x60\x33" * 3), 64),
    ],
)
def test_a_clear_colour_of_any_depth(
    depth: int, colour_type: int, samples: tuple[bytes, bytes, bytes], look: int
) -> None:
    clear, opaque, key = samples
    half = SIZE[0] * SIZE[1] * depth * (3 if colour_type else 1) // 8 // 2
    rows = clear * (half // len(clear)) + opaque * (half // len(opaque))
    data = files.png(SIZE, depth, colour_type, rows, (b"tRNS", key))

    result = seen(transform(data, Transform(box=HALF)).data)

    top, bottom = (np.asarray(result.convert("RGBA"))[rows] for rows in (slice(14), slice(18, 32)))
    assert top[..., 3].max() == 0
    assert bottom[..., 3].min() == 255
    assert np.abs(bottom[..., :3].astype(int) - look).max() <= 1
