"""The choice of a format by content."""

import itertools
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from image_core import AutoFormat, Box, Format, Options, TransformTooSlow, transform
from PIL import Image

from tests.libs.image_core.images import clearing, file_of, gradient, load

CASES = Path(__file__).parents[2] / "cases"
IMAGES = Path(__file__).parents[2] / "images"
BOX = Box(width=360, height=360)
STILL = {
    AutoFormat.PLAIN: (Format.JPEG, Format.PNG),
    AutoFormat.WEBP: (Format.JPEG, Format.PNG, Format.WEBP),
    AutoFormat.AVIF: (Format.JPEG, Format.PNG, Format.WEBP, Format.AVIF),
}


@cache
def length_of(path: Path, output: Format) -> int:
    """Return the number of bytes of a derivative whose format is requested."""
    return len(transform(path.read_bytes(), Options(box=BOX, output_format=output)).data)


@pytest.mark.parametrize("choice", AutoFormat)
@pytest.mark.parametrize(
    "path",
    [
        *(IMAGES / name for name in ("cat.jpg", "camera-grey.jpg", "coffee-cmyk.jpg", "logo-palette.png")),
        *(IMAGES / name for name in ("logo-alpha.webp", "cat.bmp", "coffee-display-p3.jpg", "cat.gif")),
        *(CASES / name for name in ("scan-1bit.png", "diagram-16.png")),
        CASES / "pngquant-cutout.png",
    ],
    ids=lambda value: value.name,
)
def test_the_smallest_of_the_formats_that_suit(path: Path, choice: AutoFormat) -> None:
    data = path.read_bytes()
    result = transform(data, Options(box=BOX, output_format=choice))
    has_alpha = load(data).has_transparency_data
    suitable = [each for each in STILL[choice] if not (has_alpha and each is Format.JPEG)]
    assert result.format in suitable
    assert len(result.data) <= 1.02 * min(length_of(path, each) for each in suitable)
    assert load(result.data).has_transparency_data == has_alpha


def test_a_photograph_that_is_too_wide_for_a_jpeg_becomes_a_png() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (1, Format.JPEG.max_side + 1, 3), np.uint8)
    data = file_of(Image.fromarray(noise), Format.PNG)
    assert transform(data, Options(box=None, output_format=AutoFormat.PLAIN)).format is Format.PNG


@pytest.mark.parametrize(
    ("name", "choice", "expected"),
    [
        ("cat.jpg", AutoFormat.PLAIN, {Format.JPEG}),
        ("cat.png", AutoFormat.PLAIN, {Format.JPEG}),
        ("cat.jpg", AutoFormat.WEBP, {Format.WEBP}),
        ("cat.jpg", AutoFormat.AVIF, {Format.AVIF, Format.WEBP}),
        ("logo-alpha.png", AutoFormat.PLAIN, {Format.PNG}),
        ("coffee-animated.gif", AutoFormat.PLAIN, {Format.GIF}),
        ("coffee-animated.gif", AutoFormat.WEBP, {Format.WEBP}),
        ("coffee-animated.gif", AutoFormat.AVIF, {Format.WEBP}),
        ("coffee-animated.webp", AutoFormat.AVIF, {Format.WEBP}),
        ("coffee-animated.webp", AutoFormat.PLAIN, {Format.PNG}),
    ],
)
def test_the_format_follows_content_and_browser(name: str, choice: AutoFormat, expected: set[Format]) -> None:
    data = (IMAGES / name).read_bytes()
    result = transform(data, Options(box=Box(width=160, height=160), output_format=choice))
    assert result.format in expected
    assert result.frames == (12 if "animated" in name else 1)
    assert load(result.data).format == result.format


def test_an_animated_avif_becomes_an_animated_webp() -> None:
    frames = [gradient(64, 48).rotate(angle) for angle in (0, 90, 180)]
    data = file_of(frames[0], "AVIF", save_all=True, append_images=frames[1:], duration=70)
    for choice in (Format.WEBP, AutoFormat.WEBP, AutoFormat.AVIF):
        result = transform(data, Options(box=None, output_format=choice))
        assert (result.format, result.frames) == (Format.WEBP, 3)
    still = transform(data, Options(box=None, output_format=Format.JPEG))
    assert (still.format, still.frames) == (Format.JPEG, 1)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (AutoFormat.PLAIN, Format.JPEG),
        (AutoFormat.WEBP, Format.JPEG),
        (AutoFormat.AVIF, Format.AVIF),
    ],
)
def test_saturated_text_keeps_its_colour(choice: AutoFormat, expected: Format) -> None:
    data = (CASES / "red-on-blue-444.jpg").read_bytes()
    result = transform(data, Options(box=Box(width=854, height=480), output_format=choice))
    assert result.format is expected
    derivative = load(result.data)
    wanted = load(data).resize(derivative.size, Image.Resampling.LANCZOS)
    difference = np.asarray(derivative, dtype=np.float64) - np.asarray(wanted)
    assert np.square(difference).mean() < 255**2 / 10**2.9


@pytest.mark.parametrize("choice", AutoFormat)
@pytest.mark.parametrize("name", ["scan-1bit.png", "diagram-16.png", "gif-lossy-pan.gif"])
def test_the_original_itself_is_a_candidate(name: str, choice: AutoFormat) -> None:
    data = (CASES / name).read_bytes()
    assert len(transform(data, Options(box=None, output_format=choice)).data) <= len(data)


@pytest.mark.parametrize("image", [Image.new("RGB", (1, 1)), clearing(9, 3), gradient(20, 20)])
@pytest.mark.parametrize("choice", AutoFormat)
def test_small_images(image: Image.Image, choice: AutoFormat) -> None:
    data = file_of(image, "BMP" if image.mode == "RGB" else "PNG")
    result = transform(data, Options(box=None, output_format=choice))
    assert load(result.data).size == image.size
    assert len(result.data) <= len(file_of(image, "PNG"))


def test_time_decides_how_many_formats_are_tried() -> None:
    data = (IMAGES / "cat.jpg").read_bytes()
    options = Options(box=BOX, output_format=AutoFormat.WEBP)
    looks = itertools.count()
    patient = transform(data, options, lambda: 60.0 + 0 * next(looks))
    total = next(looks)
    outcomes: set[Format | None] = set()
    for enough in range(total):
        left = itertools.chain(itertools.repeat(60.0, enough), itertools.repeat(0.0))
        try:
            outcomes.add(transform(data, options, left.__next__).format)
        except TransformTooSlow:
            outcomes.add(None)
    assert outcomes <= {None, Format.WEBP}
    assert {patient.format, None} == outcomes
