"""Facts about originals, and the file that an image URL requests."""

import base64
import json
from io import BytesIO
from pathlib import Path

import pytest
from image_core import ImageError, Limits, TooManyPixels, TransformTooSlow, clean, derive, read_facts
from image_url import Fit, Gravity, ImageOptions, OutputFormat
from PIL import Image, ImageOps

IMAGES = Path(__file__).parents[2] / "images"
CONTENT_TYPES = {
    "avif": "image/avif",
    "bmp": "image/bmp",
    "gif": "image/gif",
    "jpg": "image/jpeg",
    "mpo": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
}


@pytest.mark.parametrize(
    ("name", "frames", "orientation", "has_alpha"),
    [
        ("cat.avif", 1, 1, False),
        ("cat.bmp", 1, 1, False),
        ("cat.gif", 1, 1, False),
        ("cat.jpg", 1, 1, False),
        ("cat.png", 1, 1, False),
        ("cat.webp", 1, 1, False),
        ("coffee.mpo", 1, 1, False),
        ("coffee-animated.avif", 12, 1, False),
        ("coffee-animated.gif", 12, 1, False),
        ("coffee-animated.webp", 12, 1, False),
        ("logo-animated.gif", 12, 1, True),
        ("logo-alpha.png", 1, 1, True),
        ("logo-alpha.webp", 1, 1, True),
        ("logo-palette.png", 1, 1, True),
        ("wine-tall.jpg", 1, 6, False),
        ("orientation/2.jpg", 1, 2, False),
        ("orientation/5.jpg", 1, 5, False),
        ("orientation/6.png", 1, 6, False),
        ("orientation/6.webp", 1, 6, False),
        ("orientation/6.avif", 1, 6, False),
        ("orientation/8.jpg", 1, 8, False),
    ],
)
def test_facts_are_those_of_the_image_as_displayed(
    name: str,
    frames: int,
    orientation: int,
    has_alpha: bool,  # noqa: FBT001 - a column of the table
) -> None:
    data = (IMAGES / name).read_bytes()
    facts = json.loads(read_facts(data, Limits()).to_json())
    assert list(facts) == [
        "width",
        "height",
        "format",
        "content_type",
        "bytes",
        "frames",
        "orientation",
        "has_alpha",
        "average_color",
        "thumbhash",
    ]
    upright = ImageOps.exif_transpose(Image.open(BytesIO(data)))
    assert (facts["width"], facts["height"]) == upright.size
    assert (facts["frames"], facts["orientation"], facts["has_alpha"]) == (frames, orientation, has_alpha)
    content_type = CONTENT_TYPES[name.rpartition(".")[2]]
    assert facts["content_type"] == content_type == f"image/{facts['format']}"
    assert facts["bytes"] == len(data)
    assert distance(facts["average_color"], mean_of(upright.convert("RGBA"))) < 3


def mean_of(image: Image.Image) -> tuple[float, ...]:
    """Return the mean colour, from pixels multiplied by alpha."""
    red, green, blue, alpha = image.convert("RGBa").resize((1, 1), Image.Resampling.BOX).tobytes()
    return tuple(255 * value / alpha for value in (red, green, blue))


def distance(color: str, expected: tuple[float, ...]) -> float:
    found = bytes.fromhex(color.removeprefix("#"))
    return max(abs(one - other) for one, other in zip(found, expected, strict=True))


def test_colours_are_in_srgb() -> None:
    """The same photograph with a wide-gamut profile and without gives the same preview."""
    wide, plain = (
        read_facts((IMAGES / f"coffee-{name}.jpg").read_bytes(), Limits())
        for name in ("display-p3", "progressive")
    )
    assert wide.average_color == plain.average_color


def test_a_thumbhash_is_that_of_the_reference() -> None:
    """The expected value is that of the JavaScript, for the image reduced by Pillow to 100 x 67 pixels."""
    thumbhash = read_facts((IMAGES / "cat.jpg").read_bytes(), Limits()).thumbhash
    assert thumbhash[:8] == "EOcFFYItd2ZwiZd1h4iIdnZwbgbn"[:8]
    assert len(base64.b64decode(thumbhash)) == 21


@pytest.mark.parametrize("colour", ["#ff0000", "#102030", "#ffffff"])
def test_one_colour(colour: str) -> None:
    body = BytesIO()
    Image.new("RGB", (3, 300), colour).save(body, "PNG")
    facts = read_facts(body.getvalue(), Limits())
    assert (facts.average_color, facts.width, facts.height) == (colour, 3, 300)


@pytest.mark.parametrize("name", ["empty.jpg", "text.jpg", "truncated.jpg", "30000x30000.png"])
def test_no_facts_about_broken_files(name: str) -> None:
    with pytest.raises(ImageError):
        read_facts((IMAGES / "broken" / name).read_bytes(), Limits())


def test_limits() -> None:
    data = (IMAGES / "cat.png").read_bytes()
    with pytest.raises(TooManyPixels):
        read_facts(data, Limits(max_pixels=1000))
    with pytest.raises(TransformTooSlow):
        read_facts(data, Limits(), lambda: 0)


@pytest.mark.parametrize(
    ("requested", "content_type", "size"),
    [
        (ImageOptions(quality=50), "image/jpeg", (640, 427)),
        (ImageOptions(width=64, quality=80), "image/jpeg", (64, 43)),
        (ImageOptions(height=64, quality=80, format=OutputFormat.WEBP), "image/webp", (96, 64)),
        (
            ImageOptions(width=100, height=100, fit=Fit.COVER, format=OutputFormat.PNG),
            "image/png",
            (100, 100),
        ),
        (
            ImageOptions(width=900, height=900, fit=Fit.COVER, format=OutputFormat.AVIF),
            "image/avif",
            (427, 427),
        ),
        (ImageOptions(width=64, format=OutputFormat.AUTO_WEBP), "image/webp", (64, 43)),
    ],
)
def test_derived_images(requested: ImageOptions, content_type: str, size: tuple[int, int]) -> None:
    derived = derive((IMAGES / "cat.jpg").read_bytes(), requested, Limits())
    image = Image.open(BytesIO(derived.data))
    assert (derived.content_type, Image.MIME[image.format or ""], image.size) == (
        content_type,
        content_type,
        size,
    )


def test_a_focal_point_moves_the_crop() -> None:
    body = BytesIO()
    stripes = Image.new("RGB", (200, 50), "red")
    stripes.paste("blue", (100, 0, 200, 50))
    stripes.save(body, "PNG")
    requested = ImageOptions(width=50, height=50, fit=Fit.COVER)
    for focal_point, colour in ((Gravity(0, 50), (255, 0, 0)), (Gravity(100, 50), (0, 0, 255))):
        derived = derive(body.getvalue(), requested, Limits(), focal_point)
        assert Image.open(BytesIO(derived.data)).convert("RGB").getpixel((25, 25)) == colour


def test_without_options_only_metadata_is_removed() -> None:
    data = (IMAGES / "cat.jpg").read_bytes()
    assert derive(data, ImageOptions(), Limits()).data == clean(data, Limits()).data


def test_facts_are_json() -> None:
    data = (IMAGES / "cat.jpg").read_bytes()
    derived = derive(data, ImageOptions(format=OutputFormat.JSON), Limits())
    assert derived.content_type == "application/json"
    assert json.loads(derived.data)["format"] == "jpeg"
