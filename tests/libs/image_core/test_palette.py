"""Palettes with soft alpha, and one palette for all frames of an animated PNG."""

import itertools
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from image_core import Box, Options, TransformTooSlow, transform
from image_core.limits import TimeLimit
from image_core.soft_alpha import quantize_soft_alpha
from PIL import Image, ImageDraw

from tests.libs.image_core import files
from tests.libs.image_core.images import clearing, file_of, frames_of, gradient, load, pixels

CASES = Path(__file__).parents[2] / "cases"
NO_LIMIT = TimeLimit(None)
PAGES = (0, 128, 255)


def psnr(image: Image.Image, like: Image.Image, page: float = 255) -> float:
    """Return the peak signal-to-noise ratio in dB on a grey page."""
    return float(10 * np.log10(255**2 / max(1e-9, np.mean((pixels(image, page) - pixels(like, page)) ** 2))))


def noise(width: int, height: int) -> Image.Image:
    samples = np.random.default_rng(7).integers(0, 256, (height, width, 4), dtype=np.uint8)
    return Image.fromarray(samples, "RGBA")


def glow(width: int = 300, height: int = 200) -> Image.Image:
    """Return a gradient that fades out to all sides, with transparent corners and an opaque middle."""
    image = gradient(width, height).convert("RGBA")
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    image.putalpha(Image.fromarray(np.clip(400 - 400 * np.hypot(x, y), 0, 255).astype(np.uint8)))
    return image


@pytest.mark.parametrize("page", PAGES)
def test_a_photograph_that_is_cut_out_softly(page: int) -> None:
    data = (CASES / "pngquant-cutout.png").read_bytes()
    result = transform(data, Options(box=Box(width=360, height=360)))
    image = load(result.data)
    like = load(data).convert("RGBA").resize((360, 360), Image.Resampling.BICUBIC, reducing_gap=2.0)
    assert image.mode == "P"
    # pngquant 2.17: 37.9 dB in 49.9 kB.
    assert psnr(image, like, page) > 37.4
    assert len(result.data) < 50_000


@pytest.mark.parametrize(
    ("image", "least"),
    [(glow(), 36), (clearing(), 38), (glow(1600, 1000), 35), (noise(500, 400), 22)],
    ids=["glow", "gradient", "large", "noise"],
)
def test_clear_stays_clear_and_opaque_stays_opaque(image: Image.Image, least: float) -> None:
    (indexed,) = quantize_soft_alpha([image], NO_LIMIT)
    before, after = (np.asarray(one.convert("RGBA").getchannel("A")) for one in (image, indexed))
    assert (after[before == 0] == 0).all()
    assert (after[before == 255] == 255).all()
    for page in PAGES:
        assert psnr(indexed, image, page) > least


def test_soft_edges_have_no_rings_as_with_an_octree() -> None:
    image = glow()
    (indexed,), octree = quantize_soft_alpha([image], NO_LIMIT), image.quantize()
    assert min(psnr(indexed, image, page) - psnr(octree, image, page) for page in PAGES) > 2


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_few_colours_stay_as_they_are(mode: str) -> None:
    shades = np.arange(128, dtype=np.uint8)
    samples = np.stack([shades, 255 - shades, shades * 2, 255 - shades], axis=-1)
    frames = [
        Image.fromarray(samples.reshape(8, 16, 4), "RGBA").convert(mode),
        Image.new(mode, (16, 8), (1, 2, 3, 4)[: len(mode)]),
    ]
    for frame, indexed in zip(frames, quantize_soft_alpha(frames, NO_LIMIT), strict=True):
        assert indexed.mode == "P"
        assert indexed.convert("RGBA").tobytes() == frame.convert("RGBA").tobytes()
        # A palette without alpha is written without tRNS.
        assert (b"tRNS" in file_of(indexed, "PNG")) is (mode == "RGBA")


def test_every_image_has_a_palette_even_a_clear_one() -> None:
    for colour in ((0, 0, 0, 0), (9, 9, 9, 255), (9, 9, 9, 1)):
        image = Image.new("RGBA", (5, 3), colour)
        (indexed,) = quantize_soft_alpha([image], NO_LIMIT)
        assert set(indexed.convert("RGBA").get_flattened_data()) == {colour}


def test_an_animated_png_keeps_its_palette() -> None:
    data = (CASES / "apng-palette-64.png").read_bytes()
    result = transform(data, Options(box=Box(width=360, height=360)))
    image = load(result.data)
    assert image.mode == "P"
    assert result.frames == 12
    assert len(result.data) < len(data)
    for (frame, duration), (like, expected) in zip(frames_of(result.data), frames_of(data), strict=True):
        small = like.resize((360, 360), Image.Resampling.BICUBIC, reducing_gap=2.0)
        assert min(psnr(frame, small, page) for page in PAGES) > 50
        assert duration == expected


def moving(mode: str) -> Iterator[Image.Image]:
    for step in range(4):
        frame = glow(120, 80)
        ImageDraw.Draw(frame).ellipse((step * 20, 10, step * 20 + 40, 60), fill=(250, 40 * step, 0, 200))
        yield frame if mode == "RGBA" else frame.convert("RGB")


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_frames_share_a_palette(mode: str) -> None:
    frames = list(moving(mode))
    indexed = quantize_soft_alpha(frames, NO_LIMIT)
    assert len({bytes(frame.getpalette("RGBA") or []) for frame in indexed}) == 1
    for frame, like in zip(indexed, frames, strict=True):
        assert min(psnr(frame, like, page) for page in PAGES) > 35


def test_an_animated_png_without_a_palette_gets_none() -> None:
    first, *more = moving("RGBA")
    data = file_of(first, "PNG", save_all=True, append_images=more, duration=50)
    assert load(transform(data, Options(box=Box(width=60, height=60))).data).mode == "RGBA"


@pytest.mark.parametrize("image", [glow(), noise(900, 900)], ids=["glow", "noise"])
def test_it_ends_when_the_time_is_over(image: Image.Image) -> None:
    for looks in (0, 1, 5, 300):
        left = itertools.chain(itertools.repeat(9.0, looks), itertools.repeat(0.0))
        with pytest.raises(TransformTooSlow):
            quantize_soft_alpha([image], TimeLimit(left.__next__))


def test_the_same_image_gives_the_same_bytes() -> None:
    options = Options(box=Box(width=100, height=100))
    data = files.png(
        (2, 2), 8, 3, bytes([0, 1, 2, 3]), (b"PLTE", bytes(range(12))), (b"tRNS", bytes([9, 80, 200]))
    )
    soft = file_of(glow().quantize(200), "PNG")
    for original in (data, soft):
        assert transform(original, options) == transform(original, options)
        assert Image.open(BytesIO(transform(original, options).data)).mode == "P"
