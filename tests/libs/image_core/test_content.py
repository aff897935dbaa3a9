"""Encoding by content: graphics without loss, palettes, and full chroma for saturated text."""

import zlib
from pathlib import Path

import numpy as np
import pytest
from image_core import Box, Format, Options, transform
from image_core.content import is_graphic, loses_colour, squared_error
from PIL import Image, ImageEnhance

from tests.libs.image_core.images import file_of, gradient, load, pixels

CASES = Path(__file__).parents[2] / "cases"
IMAGES = Path(__file__).parents[2] / "images"
PHOTOGRAPHS = [
    IMAGES / name for name in ("cat.jpg", "sunset.jpg", "wine-tall.jpg", "coffee-display-p3.jpg", "cat.webp")
]
BOXES = [Box(width=854, height=480), Box(width=360, height=360), Box(width=180, height=180)]


def psnr(data: bytes, like: Image.Image) -> float:
    """Return the peak signal-to-noise ratio in dB on a white page."""
    return float(10 * np.log10(255**2 / max(1e-9, float(np.mean((pixels(load(data)) - pixels(like)) ** 2)))))


def is_lossless(data: bytes) -> bool:
    return data[12:16] == b"VP8L" or b"VP8L" in data[:64]


def subsampling(data: bytes) -> tuple[int, int]:
    """Return the horizontal and vertical sampling factor of luma in a JPEG."""
    factors: int = load(data).layer[0][1:3]  # type: ignore[attr-defined]
    return factors  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("name", "box", "max_bytes", "min_psnr"),
    [
        ("scan-1bit.png", None, 26_000, 90),
        ("diagram-16.png", None, 5_900, 90),
        ("pngquant-cutout.png", None, 70_000, 90),
        # As lossy WebP: 6.4 kB with 37.4 dB, 56 kB with 36.4 dB, 19 kB with 37.7 dB.
        ("diagram-16.png", Box(width=360, height=360), 4_300, 45),
        ("pngquant-cutout.png", Box(width=360, height=360), 41_000, 37.4),
        ("scan-1bit.png", Box(width=360, height=360), 14_500, 38),
    ],
)
def test_graphics_become_lossless_webp_where_that_is_shorter(
    name: str, box: Box | None, max_bytes: int, min_psnr: float
) -> None:
    data = (CASES / name).read_bytes()
    result = transform(data, Options(box=box, output_format=Format.WEBP))
    like = load(transform(file_of(load(data).convert("RGBA"), "PNG"), Options(box=box)).data)
    assert is_lossless(result.data)
    assert len(result.data) < max_bytes
    assert psnr(result.data, like) > min_psnr


@pytest.mark.parametrize(
    ("box", "max_bytes", "min_psnr"),
    [(Box(width=540, height=540), 6_000, 37), (Box(width=900, height=900), 8_500, 34)],
)
def test_graphics_take_more_time_and_fewer_bytes_as_avif(box: Box, max_bytes: int, min_psnr: float) -> None:
    data = (CASES / "diagram-16.png").read_bytes()
    result = transform(data, Options(box=box, output_format=Format.AVIF)).data
    like = load(transform(file_of(load(data).convert("RGB"), "PNG"), Options(box=box)).data)
    # At the speed for photographs: 9.8 and 31 kB.
    assert len(result) < max_bytes
    assert psnr(result, like) > min_psnr


@pytest.mark.parametrize("box", BOXES)
@pytest.mark.parametrize("path", PHOTOGRAPHS, ids=lambda path: path.name)
def test_photographs_stay_lossy_and_subsampled(path: Path, box: Box) -> None:
    data = path.read_bytes()
    assert not is_lossless(transform(data, Options(box=box, output_format=Format.WEBP)).data)
    assert subsampling(transform(data, Options(box=box, output_format=Format.JPEG)).data) == (2, 2)


def test_a_palette_that_is_less_like_the_image_is_not_used() -> None:
    # A halftone: reduced to 16 shades of grey the file is shorter, but the error larger.
    data = (IMAGES / "camera-1bit.png").read_bytes()
    assert not is_lossless(transform(data, Options(box=BOXES[1], output_format=Format.WEBP)).data)


def test_a_graphic_near_the_deadline_is_lossy_in_time() -> None:
    data = (CASES / "diagram-16.png").read_bytes()
    options = Options(box=None, output_format=Format.WEBP)
    assert not is_lossless(transform(data, options, lambda: 1.0).data)
    assert is_lossless(transform(data, options, lambda: 20.0).data)


@pytest.mark.parametrize("box", BOXES[:2])
def test_letters_in_saturated_colours_keep_full_chroma(box: Box) -> None:
    data = (CASES / "red-on-blue-444.jpg").read_bytes()
    result = transform(data, Options(box=box)).data
    like = load(transform(data, Options(box=box, output_format=Format.PNG)).data)
    assert subsampling(result) == (1, 1)
    # With 4:2:0: 20 to 21 dB.
    assert psnr(result, like) > 27


def test_full_chroma_costs_two_percent_at_most_over_photographs() -> None:
    chosen = subsampled = full = 0
    for path in [*PHOTOGRAPHS, IMAGES / "astronaut-square.png"]:
        photograph = load(transform(path.read_bytes(), Options(box=BOXES[0], output_format=Format.PNG)).data)
        # Colours as taken, and twice as vivid.
        for factor in (1.0, 2.0):
            original = file_of(ImageEnhance.Color(photograph.convert("RGB")).enhance(factor), "BMP")
            for box in BOXES:
                image = load(transform(original, Options(box=box)).data)
                options = {"quality": 80, "optimize": True}
                chosen += len(transform(original, Options(box=box, output_format=Format.JPEG)).data)
                subsampled += len(file_of(image, "JPEG", subsampling="4:2:0", **options))
                full += len(file_of(image, "JPEG", subsampling="4:4:4", **options))
    assert chosen <= 1.02 * subsampled
    # Full chroma for all images costs much more.
    assert full > 1.2 * subsampled


def stripes(first: tuple[int, int, int], second: tuple[int, int, int]) -> Image.Image:
    """Return columns of one pixel in two colours."""
    image = Image.new("RGB", (64, 48), first)
    for x in range(0, 64, 2):
        image.paste(second, (x, 0, x + 1, 48))
    return image


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (stripes((255, 0, 0), (0, 0, 255)), True),
        (stripes((255, 0, 0), (0, 0, 255)).rotate(90), True),
        (stripes((255, 0, 0), (0, 0, 255)).convert("RGBA"), True),
        (stripes((0, 0, 0), (255, 255, 255)), False),
        (stripes((0, 0, 0), (255, 255, 255)).convert("L"), False),
        (gradient(), False),
        (stripes((255, 0, 0), (0, 0, 255)).crop((0, 0, 1, 40)), False),
        (stripes((255, 0, 0), (0, 0, 255)).crop((0, 0, 3, 3)), True),
    ],
    ids=["columns", "rows", "alpha", "luma", "grey", "smooth", "one column", "odd sides"],
)
def test_colour_is_lost_only_between_neighbours(image: Image.Image, *, expected: bool) -> None:
    assert loses_colour(image) is expected


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (Image.new("L", (5, 5)), True),
        (Image.new("RGBA", (2, 1), "red"), True),
        (Image.new("RGB", (1, 9)), False),
        (gradient(320, 200), False),
        (stripes((0, 0, 0), (1, 0, 0)), False),
    ],
    ids=["grey", "alpha", "one column", "gradient", "stripes"],
)
def test_graphics_have_equal_neighbours(image: Image.Image, *, expected: bool) -> None:
    assert is_graphic(image) is expected


def test_transparent_colours_are_no_error() -> None:
    clear = Image.new("RGBA", (3, 2), (9, 9, 9, 0))
    assert squared_error(clear, Image.new("RGBA", (3, 2), (200, 0, 0, 0))) == 0
    assert squared_error(Image.new("RGB", (3, 2)), Image.new("RGB", (3, 2), (0, 2, 1))) == 6 * 5


def test_few_colours_in_full_colour_become_a_palette() -> None:
    chart = load((CASES / "diagram-16.png").read_bytes()).convert("RGB")
    original = file_of(chart, "BMP")
    result = transform(original, Options(box=None, output_format=Format.PNG))
    assert load(result.data).mode == "P"
    assert squared_error(load(result.data), chart) == 0
    assert len(result.data) < 0.6 * len(file_of(chart, "PNG"))


@pytest.mark.parametrize(
    ("path", "mode", "options"),
    [
        (IMAGES / "cat.jpg", "RGB", {"compress_type": zlib.Z_RLE}),
        (IMAGES / "camera-grey.jpg", "L", {"compress_type": zlib.Z_RLE}),
        (IMAGES / "cat.jpg", "RGBA", {"compress_type": zlib.Z_RLE}),
        (CASES / "diagram-16.png", "RGB", {}),
        (CASES / "scan-1bit.png", "L", {}),
        (CASES / "diagram-16.png", "P", {"compress_level": 9}),
    ],
)
def test_only_photographs_are_compressed_by_runs_alone(
    path: Path, mode: str, options: dict[str, int]
) -> None:
    image = load(path.read_bytes()).convert(mode)
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    result = transform(file_of(image, "PNG"), Options(box=BOXES[1])).data
    assert load(result).mode == mode
    assert result == file_of(load(result), "PNG", **options)


@pytest.mark.parametrize("size", [(20, 20), (320, 200)])
def test_gradients_are_not_compressed_by_runs_alone(size: tuple[int, int]) -> None:
    image = gradient(*size)
    assert not is_graphic(image)
    original = file_of(image, "BMP")
    assert transform(original, Options(box=None, output_format=Format.PNG)).data == file_of(image, "PNG")


def test_a_scan_of_one_bit_gets_sixteen_shades() -> None:
    data = (CASES / "scan-1bit.png").read_bytes()
    result = transform(data, Options(box=BOXES[0])).data
    grey = load(transform(file_of(load(data).convert("L"), "PNG"), Options(box=BOXES[0])).data)
    assert (load(result).mode, grey.mode) == ("P", "L")
    assert len(set(load(result).convert("L").get_flattened_data())) <= 16
    assert psnr(result, grey) > 37
    assert len(result) < 0.6 * len(file_of(grey, "PNG"))


@pytest.mark.parametrize(
    ("path", "max_share", "lossless"),
    [
        (CASES / "apng-palette-64.png", 0.9, True),
        (CASES / "gif-lossy-pan.gif", 0.75, False),
        (IMAGES / "coffee-animated.gif", 0.45, False),
    ],
    ids=["drawing", "pan", "photograph"],
)
def test_animated_drawings_become_lossless_webp(path: Path, max_share: float, *, lossless: bool) -> None:
    data = path.read_bytes()
    result = transform(data, Options(box=None, output_format=Format.WEBP))
    assert result.frames == getattr(load(data), "n_frames", 1)
    assert len(result.data) < max_share * len(data)
    assert (b"VP8L" in result.data) is lossless
