"""Options of image URLs in every distribution: results, cache entries and names of derivatives.

The expected canonical queries, sizes and names are written out. The expected pixels come from libvips.
"""

import json
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
import pyvips
from image_core import OUTPUT_VERSION

from tests.libs.image_core.oracles import Pixels, decode_frames, on_page
from tests.local.image_urls import (
    AVIF,
    CHROME,
    COFFEE,
    GIF,
    JPEG,
    PNG,
    SAFARI_15,
    WEBP,
    everywhere,
    list_derivatives,
    request,
    upload,
)
from tests.local.object_lambda_stack import Served
from tools.paths import SAMPLES

pytestmark = pytest.mark.xdist_group("object_lambda")

# Minimum similarity to the reference. Another fit or gravity has less than 24 dB.
MIN_PSNR_DB = 25.0


class Row(NamedTuple):
    """A URL and its result.

    Attributes:
        query: query string of the viewer.
        canonical: query string in the cache key.
        content_type: media type of the result.
        size: width and height of the result in pixels.
        name: name of the derivative in S3 without its version. "": no derivative.
        fit: fit of the reference.
        point: gravity of the reference, 0 to 1 from the upper left corner.
        image: the original, in `tests/images`.
        accept: header of the viewer.
        frames: number of frames of the result; 0: as many as the original.
    """

    query: str
    canonical: str
    content_type: str
    size: tuple[int, int]
    name: str
    fit: str = "inside"
    point: tuple[float, float] = (0.5, 0.5)
    image: str = "cat.jpg"  # 640 x 427
    accept: str | None = None
    frames: int = 1


_BOX = "height=96&width=128"


def _square(gravity: str, x_percent: int, y_percent: int, image: str = "cat.jpg") -> Row:
    x, y = x_percent / 100, y_percent / 100
    return Row(
        query=f"width=96&height=96&fit=cover&gravity={gravity}",
        canonical=f"fit=cover&gravity={x:g},{y:g}&height=96&width=96",
        content_type=JPEG,
        size=(96, 96),
        name=f"w96_h96_cover_g{x_percent}x{y_percent}_q80",
        fit="cover",
        point=(x, y),
        image=image,
    )


def _format(query: str, name: str, content_type: str, quality: str = "_q80") -> Row:
    extension = "jpg" if name == "jpeg" else name
    return Row(query, f"format={name}&width=64", content_type, (64, 43), f"w64{quality}.{extension}")


TABLE = [
    Row("", "", JPEG, (640, 427), ""),
    Row("utm_source=mail&showexif=1&Width=9", "", JPEG, (640, 427), ""),
    # width, height, dpr: rounded up to a listed width, never larger than the original.
    Row("width=128", "width=128", JPEG, (128, 85), "w128_q80"),
    Row("w=100&utm_source=mail", "width=128", JPEG, (128, 85), "w128_q80"),
    Row("width=64&dpr=2", "width=128", JPEG, (128, 85), "w128_q80"),
    Row("w=40&dpr=1.5", "width=64", JPEG, (64, 43), "w64_q80"),
    Row("width=16&dpr=4", "width=64", JPEG, (64, 43), "w64_q80"),
    Row("width=1", "width=16", JPEG, (16, 11), "w16_q80"),
    Row("width=16383&dpr=4.0", "width=3840", JPEG, (640, 427), "w3840_q80"),
    Row("height=90", "height=96", JPEG, (144, 96), "h96_q80"),
    Row("h=48&dpr=2", "height=96", JPEG, (144, 96), "h96_q80"),
    Row("height=16383", "height=3840", JPEG, (640, 427), "h3840_q80"),
    Row("width=120&height=90", _BOX, JPEG, (128, 85), "w128_h96_inside_q80"),
    Row("w=64&h=48&dpr=2&fit=inside", _BOX, JPEG, (128, 85), "w128_h96_inside_q80"),
    Row("w=16383&h=1", "height=1&width=3840", JPEG, (1, 1), "w3840_h1_inside_q80"),
    # fit and its aliases.
    *(
        Row(f"width=128&height=96&fit={word}", _BOX, JPEG, (128, 85), "w128_h96_inside_q80")
        for word in ("clip", "max", "scale-down")
    ),
    *(
        Row(
            f"width=128&height=96&fit={word}",
            f"fit={fit}&{_BOX}",
            JPEG,
            (128, 96),
            f"w128_h96_{fit}_q80",
            fit=fit,
        )
        for fit, words in {
            "cover": ("cover", "crop", "min"),
            "contain": ("contain", "pad"),
            "fill": ("fill", "scale", "squeeze"),
        }.items()
        for word in words
    ),
    Row("width=128&fit=cover", "width=128", JPEG, (128, 85), "w128_q80"),
    Row(
        "width=2048&height=2048&fit=cover",
        "fit=cover&height=2048&width=2048",
        JPEG,
        (427, 427),
        "w2048_h2048_cover_q80",
        fit="cover",
    ),
    Row(
        "width=750&height=375&fit=fill",
        "fit=fill&height=375&width=750",
        JPEG,
        (640, 320),
        "w750_h375_fill_q80",
        fit="fill",
    ),
    # gravity, in hundredths; only with fit=cover.
    _square("center", 50, 50),
    _square("north", 50, 0, "orientation/6.jpg"),
    _square("southeast", 100, 100, "orientation/6.jpg"),
    _square("west", 0, 50),
    _square("0.42,0.7", 42, 70),
    _square("0.424,.7", 42, 70),
    _square("1.0,0", 100, 0),
    Row("width=128&height=96&gravity=west", _BOX, JPEG, (128, 85), "w128_h96_inside_q80"),
    # format and its aliases.
    _format("width=64&format=webp", "webp", WEBP),
    _format("w=64&fm=webp", "webp", WEBP),
    _format("w=64&f=avif", "avif", AVIF),
    _format("w=64&output=jpg", "jpeg", JPEG),
    _format("w=64&format=jpeg", "jpeg", JPEG),
    _format("w=64&format=png&quality=40", "png", PNG, quality=""),
    _format("w=64&format=gif", "gif", GIF, quality=""),
    _format("w=64&format=auto", "auto", JPEG),
    _format("w=64&auto=format", "auto", JPEG),
    _format("w=64&format=auto", "auto-webp", WEBP)._replace(accept=SAFARI_15),
    # In this size this image is smaller as AVIF than as WebP.
    Row(
        "w=128&format=auto",
        "format=auto-avif&width=128",
        AVIF,
        (128, 85),
        "w128_q80.auto-avif",
        image=COFFEE,
        accept=CHROME,
    ),
    # quality: rounded to the nearest listed one, and up in the middle.
    Row("width=128&quality=1", "quality=40&width=128", JPEG, (128, 85), "w128_q40"),
    Row("width=128&q=50", "quality=60&width=128", JPEG, (128, 85), "w128_q60"),
    Row("width=128&quality=75", "width=128", JPEG, (128, 85), "w128_q80"),
    Row("width=128&q=100", "quality=90&width=128", JPEG, (128, 85), "w128_q90"),
    Row("quality=60", "quality=60", JPEG, (640, 427), "q60"),
    # Documented before: size and to_webp.
    Row("size=XS", "size=XS", JPEG, (360, 240), "w427_h240_box_q80"),
    Row("size=XS", "size=XS", JPEG, (361, 240), "w427_h240_box_q80", image="orientation/6.jpg"),
    Row("size=XS", "size=XS", JPEG, (240, 360), "w427_h240_box_q80", image="wine-tall.jpg"),
    Row("size=XS&to_webp=0", "size=XS", JPEG, (360, 240), "w427_h240_box_q80"),
    Row("to_webp=1&size=XS", "format=webp&size=XS", WEBP, (360, 240), "w427_h240_box_q80.webp"),
    Row("to_webp=1", "format=webp", WEBP, (640, 427), "q80.webp"),
    Row("size=XS&q=1&fm=jpg", "format=jpeg&quality=40&size=XS", JPEG, (360, 240), "w427_h240_box_q40.jpg"),
    # A size with more options, from Terraform.
    Row("size=hero", "size=hero", JPEG, (128, 64), "w128_h64_cover_g30x70_q70.auto", "cover", (0.3, 0.7)),
    Row(
        "size=hero",
        "format=auto-webp&size=hero",
        WEBP,
        (128, 64),
        "w128_h64_cover_g30x70_q70.auto-webp",
        "cover",
        (0.3, 0.7),
        accept=SAFARI_15,
    ),
    Row(
        "size=hero&format=png",
        "format=png&size=hero",
        PNG,
        (128, 64),
        "w128_h64_cover_g30x70.png",
        "cover",
        (0.3, 0.7),
    ),
    # Transparency and animation.
    Row("w=64", "width=64", PNG, (64, 64), "w64_q80", image="logo-alpha.png"),
    Row(
        "w=96&h=64&fit=pad",
        "fit=contain&height=64&width=96",
        PNG,
        (96, 64),
        "w96_h64_contain_q80",
        fit="contain",
        image="logo-alpha.png",
    ),
    _format("w=64&fm=jpg", "jpeg", JPEG)._replace(size=(64, 64), image="logo-alpha.png"),
    Row("w=64", "width=64", GIF, (64, 64), "w64_q80", image="logo-animated.gif", frames=0),
    _format("w=64&fm=webp", "webp", WEBP)._replace(size=(64, 64), image="logo-animated.gif", frames=0),
    Row(
        "w=64&h=48&fit=crop",
        "fit=cover&height=48&width=64",
        GIF,
        (64, 48),
        "w64_h48_cover_q80",
        fit="cover",
        image="logo-animated.gif",
        frames=0,
    ),
]


def render_reference(row: Row) -> Pixels:
    """Return the original at the size of the result, resized by libvips over white: height x width x RGB."""
    image = pyvips.Image.new_from_buffer((SAMPLES / row.image).read_bytes(), "").autorot()
    width, height = row.size
    match row.fit:
        case "cover":
            scale = max(width / image.width, height / image.height)
            part = (width / scale, height / scale)
            left, top = (
                round(min(max(0, middle * side - length / 2), side - length))
                for middle, side, length in zip(row.point, (image.width, image.height), part, strict=True)
            )
            image = image.crop(left, top, round(part[0]), round(part[1]))
        case "contain":
            rgba = (image if image.hasalpha() else image.addalpha()).colourspace("srgb")
            scaled = rgba.thumbnail_image(width, height=height)
            padded = scaled.gravity(
                "centre", width, height, extend="background", background=[255, 255, 255, 0]
            )
            return on_page(np.asarray(padded.numpy(), dtype=np.float64), 255)
    resized = image.thumbnail_image(width, height=height, size="force").colourspace("srgb")
    rgba = resized if resized.hasalpha() else resized.addalpha()
    return on_page(np.asarray(rgba.numpy(), dtype=np.float64), 255)


def psnr_db(found: Pixels, expected: Pixels) -> float:
    return float(10 * np.log10(255**2 / max(np.mean((found - expected) ** 2), 1e-3)))


def check_row(served: Served, row: Row, cached: set[tuple[str, str]]) -> tuple[str, str]:
    """Return the measured result of a row, and its faults.

    The response to the canonical query must be the same cache entry.
    """
    key = f"urls/{row.image}"
    response = request(served, key, row.query, row.accept)
    again = request(served, key, row.canonical)
    entry = (row.image, row.canonical)
    expected_cache = "Hit" if entry in cached else "Miss"
    cached.add(entry)
    if response.status != 200:
        return f"{response.status}", response.body.decode()[:200]
    frames = decode_frames(response.body)
    size = (frames[0].shape[1], frames[0].shape[0])
    original_frames = len(decode_frames((SAMPLES / row.image).read_bytes()))
    content_type = response.headers["Content-Type"]
    likeness_db = psnr_db(on_page(frames[0], 255), render_reference(row)) if size == row.size else 0
    found = (response.x_cache, content_type, size, len(frames), again.x_cache, again.body == response.body)
    wanted = (expected_cache, row.content_type, row.size, row.frames or original_frames, "Hit", True)
    faults = "" if found == wanted else f"{found} instead of {wanted}"
    if likeness_db < MIN_PSNR_DB:
        faults += f" {likeness_db:.1f} dB"
    result = f"200 {content_type:10} {size[0]:4}x{size[1]:<4} {likeness_db:5.1f} dB {response.x_cache:4}"
    return result, faults


@everywhere
def test_every_option(served: Served, record_property: Callable[[str, object], None]) -> None:
    for image in {row.image for row in TABLE}:
        upload(served, "urls", image)
    cached: set[tuple[str, str]] = set()
    faults = {}
    stores = served.origin == "edge_resize"
    for row in TABLE:
        result, fault = check_row(served, row, cached)
        if fault:
            faults[row.image, row.query] = fault
        name = f"v{OUTPUT_VERSION}_{row.name}" if stores and row.name else "-"
        record_property(
            "measured",
            f"{served.origin:12} {row.image:17} {row.query:48} {result} {row.canonical:38} {name}",
        )
    assert faults == {}
    for image in {row.image for row in TABLE}:
        names = {f"v{OUTPUT_VERSION}_{row.name}" for row in TABLE if row.name and row.image == image}
        assert list_derivatives(served, f"urls/{image}") == (names if stores else set())


@everywhere
def test_facts_about_an_image(served: Served) -> None:
    key = upload(served, "facts", "orientation/6.jpg")
    response = request(served, key, "format=json&width=64")
    assert (response.x_cache, response.headers["Content-Type"]) == ("Miss", "application/json")
    assert request(served, key, "fm=json").x_cache == "Hit"
    facts = json.loads(response.body)
    data = (SAMPLES / "orientation/6.jpg").read_bytes()
    mean = render_reference(Row("", "", "", (451, 300), "", image="orientation/6.jpg")).mean(axis=(0, 1))
    colour = [int(facts["average_color"][start : start + 2], 16) for start in (1, 3, 5)]
    assert np.abs(mean - colour).max() < 3
    del facts["average_color"], facts["thumbhash"]
    assert facts == {
        "width": 451,
        "height": 300,
        "format": "jpeg",
        "content_type": JPEG,
        "bytes": len(data),
        "frames": 1,
        "orientation": 6,
        "has_alpha": False,
    }
