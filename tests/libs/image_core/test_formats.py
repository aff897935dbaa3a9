"""Formats: detection by content, progressive, quality, palettes, reproducible bytes."""

import os
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from image_core import Box, Format, Options, transform
from PIL import Image

from tests.libs.image_core import files
from tests.libs.image_core.images import (
    OPTIONS,
    SMALL,
    clearing,
    error,
    file_of,
    gradient,
    half_clear,
    load,
    pixels,
)


def draw_texture() -> Image.Image:
    """Return the gradient with reproducible noise."""
    noise = np.random.default_rng(1).integers(-30, 30, (200, 320, 3))
    return Image.fromarray((np.asarray(gradient(), dtype=np.int64) + noise).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("wanted", [None, *Format])
@pytest.mark.parametrize("given", Format)
def test_a_photograph_of_any_format_becomes_any_other(given: Format, wanted: Format | None) -> None:
    derivative = transform(file_of(gradient(), given), Options(box=SMALL, output_format=wanted))

    result = load(derivative.data)
    assert (derivative.format, derivative.frames) == (wanted or given, 1)
    assert (result.format, result.size) == (wanted or given, (144, 90))
    assert (derivative.width, derivative.height) == result.size
    assert error(result, gradient(144, 90)) < 4


@pytest.mark.parametrize("output", Format)
@pytest.mark.parametrize("given", Format)
def test_the_same_bytes_give_the_same_bytes(given: Format, output: Format) -> None:
    frames = [half_clear(), half_clear().rotate(90), half_clear().rotate(180)]
    animation = {"save_all": True, "append_images": frames[1:], "duration": 70} if given.animates else {}
    data = file_of(gradient() if given is Format.JPEG else frames[0], given, **animation)
    options = Options(box=SMALL, output_format=output)
    assert transform(data, options) == transform(data, options)


OTHER_PROCESS = """
import hashlib, sys
from pathlib import Path
from image_core import Box, Format, Options, transform

for path in sorted(Path(sys.argv[1]).iterdir()):
    for output in Format:
        image = transform(path.read_bytes(), Options(box=Box(width=160, height=90), output_format=output))
        print(path.name, output, hashlib.sha256(image.data).hexdigest())
"""


def test_other_processes_give_the_same_bytes(tmp_path: Path) -> None:
    frames = [half_clear(), half_clear().rotate(90), half_clear().rotate(180)]
    for given in Format:
        options = {"save_all": True, "append_images": frames[1:], "duration": 70} if given.animates else {}
        image = gradient() if given is Format.JPEG else frames[0]
        (tmp_path / given).write_bytes(file_of(image, given, **options))
    told = [
        subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", OTHER_PROCESS, str(tmp_path)],
            env={"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": seed, "MALLOC_PERTURB_": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "77")
    ]
    assert told[0] == told[1]
    assert len(told[0].splitlines()) == len(Format) ** 2


@pytest.mark.parametrize(
    ("output", "content_type"),
    [
        (Format.JPEG, "image/jpeg"),
        (Format.PNG, "image/png"),
        (Format.GIF, "image/gif"),
        (Format.BMP, "image/bmp"),
        (Format.WEBP, "image/webp"),
        (Format.AVIF, "image/avif"),
    ],
)
def test_content_type(output: Format, content_type: str) -> None:
    derivative = transform(file_of(gradient(), "PNG"), Options(box=SMALL, output_format=output))
    assert derivative.content_type == content_type


@pytest.mark.parametrize("progressive", [True, False])
def test_progressive_stays_progressive(*, progressive: bool) -> None:
    derivative = transform(file_of(gradient(), "JPEG", progressive=progressive), OPTIONS)
    assert ("progressive" in load(derivative.data).info) == progressive


@pytest.mark.parametrize("output", [Format.JPEG, Format.WEBP])
def test_quality_applies_to_lossy_formats(output: Format) -> None:
    data = file_of(draw_texture(), "PNG")
    all_options = [
        Options(box=SMALL, output_format=output, quality=step) for step in (1, 30, 60, 80, 95, 100)
    ]
    sizes = [len(transform(data, options).data) for options in all_options]
    assert sizes == sorted(sizes)
    assert sizes[0] * 4 < sizes[-1]


@pytest.mark.parametrize("output", [Format.PNG, Format.GIF, Format.BMP])
def test_quality_leaves_the_others_alone(output: Format) -> None:
    data = file_of(draw_texture(), "PNG")
    all_options = [Options(box=SMALL, output_format=output, quality=step) for step in (1, 100)]
    assert transform(data, all_options[0]) == transform(data, all_options[1])


def drawing(*, clear: bool) -> Image.Image:
    """Return discs of eight colours, as in a diagram, with a palette."""
    image = Image.new("RGB", (400, 300), "white")
    disc = Image.radial_gradient("L").resize((90, 90)).point(lambda value: 255 * (value < 90))
    for number, colour in enumerate(("red", "green", "blue", "gold", "teal", "navy", "pink", "black")):
        image.paste(colour, (number % 4 * 100, number // 4 * 150), disc)
    indexed = image.quantize(9)
    if clear:
        colours = indexed.getpalette() or []
        white = next(at for at in range(9) if colours[at * 3 : at * 3 + 3] == [255, 255, 255])
        indexed.info["transparency"] = white
    return indexed


SHADES = bytes(range(0, 240, 15))
TEXT = (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(2_000_000)))
PALETTE, OTHER_PALETTE = ((b"PLTE", bytes(range(first, first + 48))) for first in (0, 100))
CLEAR, OPAQUE = (b"tRNS", b"\0"), (b"tRNS", b"\xff")
PLAIN = files.png((4, 4), 8, 3, bytes(range(16)), PALETTE)


@pytest.mark.parametrize(
    ("data", "same"),
    [
        (files.png((4, 4), 8, 0, SHADES, TEXT), files.png((4, 4), 8, 0, SHADES)),
        (files.with_png_chunk(PLAIN, *TEXT, before=b"IEND"), PLAIN),
        (files.with_png_chunk(PLAIN, *CLEAR, before=b"IEND"), PLAIN),
        (files.with_png_chunk(PLAIN, *OTHER_PALETTE, before=b"IDAT"), PLAIN),
        (
            files.png((4, 4), 8, 3, bytes(range(16)), PALETTE, CLEAR, OPAQUE),
            files.png((4, 4), 8, 3, bytes(range(16)), PALETTE, CLEAR),
        ),
    ],
    ids=["text", "text behind", "clear colour behind", "second palette", "second clear colour"],
)
@pytest.mark.parametrize("output", [None, Format.BMP])
def test_chunks_of_a_png_that_do_not_count(data: bytes, same: bytes, output: Format | None) -> None:
    options = Options(box=Box(width=2, height=2), output_format=output)
    assert transform(data, options) == transform(same, options)


@pytest.mark.parametrize("given", ["PNG", "GIF"])
@pytest.mark.parametrize("clear", [True, False])
def test_a_palette_stays_a_palette_and_keeps_a_png_small(given: str, *, clear: bool) -> None:
    image = drawing(clear=clear)
    data = file_of(image, given)
    truth = image.convert("RGBA").resize((200, 150), Image.Resampling.BICUBIC)

    derivative = transform(data, Options(box=Box(width=200, height=150), output_format=Format.PNG))

    result = load(derivative.data)
    assert result.mode == "P"
    assert error(result, truth) < 2.5
    assert len(derivative.data) < 0.7 * len(file_of(truth, "PNG"))
    assert result.has_transparency_data == clear


def badge() -> Image.Image:
    """Return a chequered disc with a soft edge: four colours, each in 64 steps of alpha."""
    y, x = np.mgrid[0:400, 0:400]
    steps = np.clip(64 * (176 - np.hypot(x - 199.5, y - 199.5)) / 12, 0, 63).astype(int)
    image = Image.fromarray((x // 50 % 2 * 128 + y // 50 % 2 * 64 + steps).astype(np.uint8))
    colours = [(200, 30, 40), (30, 120, 220), (240, 240, 240), (20, 20, 20)]
    alphas = [round(step * 255 / 63) for step in range(64)]
    image.putpalette([band for colour in colours for alpha in alphas for band in (*colour, alpha)], "RGBA")
    return image


@pytest.mark.parametrize("side", [300, 200])
def test_what_is_opaque_stays_opaque_in_a_palette_with_soft_edges(side: int) -> None:
    image = badge()
    small = image.convert("RGBA").resize((side, side), Image.Resampling.BICUBIC)
    truth = np.asarray(small.getchannel("A"), dtype=int)

    result = load(transform(file_of(image, "PNG"), Options(box=Box(width=side, height=side))).data)

    assert result.mode == "P"
    alpha = np.asarray(result.convert("RGBA").getchannel("A"), dtype=int)
    assert (alpha[truth == 255] == 255).all()
    assert (alpha[truth == 0] == 0).all()
    soft = (truth > 0) & (truth < 255)
    assert len(set(alpha[soft])) > 50
    assert np.abs(alpha - truth)[soft].mean() < 10


@pytest.mark.parametrize("clear", [True, False])
def test_colours_that_fit_a_palette_stay_exact(*, clear: bool) -> None:
    # 200 shades of red, so close that quantizing would merge some of them.
    shades = Image.fromarray(np.tile(np.arange(200, dtype=np.uint8), (20, 1)))
    shades.putpalette([band for shade in range(200) for band in (shade, 0, 0)])
    data = file_of(shades, "GIF", **({"transparency": 7} if clear else {}))
    derivative = transform(data, Options(box=None, output_format=Format.PNG))
    assert (pixels(load(derivative.data)) == pixels(load(data))).all()


def test_a_large_jpeg_is_decoded_small_but_not_shifted() -> None:
    # Dark up to column 900 of 1001. The image covers 125.1 of the 126 columns at an eighth of its size.
    image = Image.new("L", (1001, 1001))
    image.paste(255, (900, 0, 1001, 1001))
    derivative = transform(file_of(image, "JPEG"), Options(box=Box(width=80, height=80)))
    bright = np.asarray(load(derivative.data), dtype=np.float64).mean(axis=0).sum() / 255
    assert abs(bright - 80 * 101 / 1001) < 0.2


def test_a_gif_of_a_photograph_has_no_bands() -> None:
    result = load(transform(file_of(gradient(), "PNG"), Options(box=SMALL, output_format=Format.GIF)).data)
    assert error(result, gradient(144, 90)) < 4
    assert len(set(result.convert("RGB").get_flattened_data())) > 200


@pytest.mark.parametrize("image", [clearing(), half_clear()], ids=["soft", "hard"])
def test_a_gif_is_clear_where_there_is_less_than_half(image: Image.Image) -> None:
    derivative = transform(file_of(image, "PNG"), Options(box=SMALL, output_format=Format.GIF))
    alpha = np.asarray(load(derivative.data).convert("RGBA").getchannel("A"))
    assert alpha[:, :66].max() == 0
    assert alpha[:, 78:].min() == 255


@pytest.mark.parametrize(
    "module",
    ["PIL.ImageCms", "PIL.TiffImagePlugin", "PIL.AvifImagePlugin", "PIL._avif", "image_format.avif", "numpy"],
)
def test_the_import_loads_nothing_that_most_images_do_not_need(module: str) -> None:
    code = f"import sys, image_core.pipeline; sys.exit({module!r} in sys.modules)"
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, check=False, env={"PYTHONPATH": ":".join(sys.path)})  # noqa: S603 - our own code
    assert run.returncode == 0


ENCODERS = Path(__file__).parents[1] / "encoders"


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("avifenc-clap", (96, 64)),
        ("avifenc-grid-with-alpha", (192, 128)),
        ("avifenc-turned-10-bit", (128, 192)),
        ("libheif-thumbnail", (192, 128)),
        ("sharp", (192, 128)),
    ],
)
def test_avif_of_other_encoders(name: str, size: tuple[int, int]) -> None:
    data = (ENCODERS / f"{name}.avif").read_bytes()
    cat = Image.open(ENCODERS.parents[1] / "images" / "cat.png").convert("RGB").resize((192, 128))
    wanted = {
        "avifenc-clap": cat.crop((48, 32, 144, 96)),
        "avifenc-turned-10-bit": cat.transpose(Image.Transpose.TRANSPOSE),
    }

    derivative = transform(data, Options(box=None, output_format=Format.PNG))

    result = load(derivative.data)
    assert (derivative.width, derivative.height) == result.size == size
    if "alpha" in name:
        assert result.mode == "RGBA"
    else:
        assert error(result, wanted.get(name, cat)) < 12
