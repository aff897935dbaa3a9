"""Representations of every sample image: pixels, orientation, and no metadata."""

from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from image_core import ImageError, TooManyPixels
from image_metadata import clean
from image_url import DEFAULT_SIZES, ImageOptions, parse_query
from object_lambda.representation import Representation, create_representation
from object_lambda.settings import Settings
from PIL import Image, ImageOps

from tests.libs.image_metadata.test_exiftool import read_tags
from tools.fuzz.exiftool import surplus
from tools.fuzz.oracles import find_metadata, render

# One worker creates each representation once.
pytestmark = pytest.mark.xdist_group("representations")

type Represent = Callable[[str, str], Representation]

IMAGES = Path(__file__).parents[2] / "images"
CASES = Path(__file__).parents[2] / "cases"
SETTINGS = Settings(quality=80, sizes=DEFAULT_SIZES)
CLEANED = ImageOptions()
SAMPLES = sorted(
    path.relative_to(IMAGES).as_posix()
    for path in IMAGES.rglob("*")
    if path.suffix in {".jpg", ".png", ".gif", ".bmp", ".webp", ".avif", ".mpo"}
    and path.parent.name != "broken"
)
ROTATED = [
    "wine-tall.jpg",
    # An AVIF is turned by its container, which is kept.
    *(
        name
        for name in SAMPLES
        if name.startswith("orientation/") and "/1." not in name and not name.endswith(".avif")
    ),
]
QUERIES = {
    "cleaned": "",
    "small": "size=SS",
    "not enlarged": "size=L",
    "webp": "to_webp=1",
    "small webp": "size=SXS&to_webp=1",
    "avif": "width=64&format=avif",
    "automatic": "width=64&format=auto-avif",
    "cropped": "width=64&height=64&fit=cover",
}


def parse(query: str) -> ImageOptions:
    return parse_query(query, DEFAULT_SIZES, default_quality=80)


def read_sample(name: str) -> bytes:
    return (IMAGES / name).read_bytes()


@pytest.fixture(scope="module")
def represent() -> Represent:
    """Return the representation for the names of a sample and of a query."""
    return cache(
        lambda name, query_name: create_representation(
            read_sample(name), parse(QUERIES[query_name]), SETTINGS
        )
    )


@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in ROTATED])
def test_upright_images_keep_their_pixels(name: str, represent: Represent) -> None:
    representation = represent(name, "cleaned")
    assert representation.same_format
    assert render(representation.data) == render(read_sample(name))


@pytest.mark.parametrize("name", ROTATED)
def test_rotated_images_become_upright(name: str, represent: Represent) -> None:
    representation = represent(name, "cleaned")
    assert representation.same_format
    with (
        Image.open(BytesIO(read_sample(name))) as original,
        Image.open(BytesIO(representation.data)) as image,
    ):
        upright = ImageOps.exif_transpose(original)
        assert image.getexif() == {}
        assert image.format == original.format
        assert image.size == upright.size
        difference = np.asarray(upright.convert("RGB"), float) - np.asarray(image.convert("RGB"), float)
    # 32 dB: encoded once more, without a visible difference.
    assert 10 * np.log10(255**2 / max(np.mean(difference**2), 1e-9)) > 32


@pytest.mark.parametrize("query_name", QUERIES)
@pytest.mark.parametrize("name", SAMPLES)
def test_pillow_finds_no_metadata(name: str, query_name: str, represent: Represent) -> None:
    representation = represent(name, query_name)
    assert find_metadata(representation.data) == set()
    assert clean(representation.data).orientation == 1
    with Image.open(BytesIO(representation.data)) as image:
        assert representation.content_type == f"image/{(image.format or '').lower()}"


@pytest.fixture(scope="module")
def by_exiftool(tmp_path_factory: pytest.TempPathFactory, represent: Represent) -> dict[str, dict[str, Any]]:
    """Metadata that exiftool finds in each representation, by names of query and sample."""
    files = {
        f"{query_name}-{name.replace('/', '-')}": represent(name, query_name).data
        for query_name in QUERIES
        for name in SAMPLES
    }
    return read_tags(files, tmp_path_factory.mktemp("delivered"))


@pytest.mark.parametrize("query_name", QUERIES)
@pytest.mark.parametrize("name", SAMPLES)
def test_exiftool_finds_no_metadata(
    name: str, query_name: str, by_exiftool: dict[str, dict[str, Any]]
) -> None:
    assert surplus(by_exiftool[f"{query_name}-{name.replace('/', '-')}"]) == set()


@pytest.mark.parametrize("name", ["coffee-display-p3.jpg", "coffee-cmyk.jpg"])
def test_the_icc_profile_is_kept(name: str, represent: Represent) -> None:
    with Image.open(BytesIO(represent(name, "cleaned").data)) as image:
        kept = image.info["icc_profile"]
    with Image.open(IMAGES / name) as original:
        assert kept == original.info["icc_profile"]


def test_an_image_too_large_to_decode_is_cleaned() -> None:
    """70 megapixels are over the limit of image_core for decoding."""
    wide = Image.new("L", (10_000, 7_000))
    file = BytesIO()
    wide.save(file, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
    representation = create_representation(file.getvalue(), CLEANED, SETTINGS)
    assert b"Exif" not in representation.data
    with pytest.raises(TooManyPixels):
        create_representation(file.getvalue(), parse("to_webp=1"), SETTINGS)


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
@pytest.mark.parametrize(
    "name",
    [
        "badcrc-iccp.png",
        "gif-no-trailer.gif",
        "icc-1300k.png",
        "jpeg-no-eoi.jpg",
        "png-trns-on-rgba.png",
    ],
)
def test_damage_that_browsers_ignore(name: str, query: str) -> None:
    representation = create_representation((CASES / name).read_bytes(), parse(query), SETTINGS)
    assert find_metadata(representation.data) == set()
    with Image.open(BytesIO(representation.data)) as image:
        assert representation.same_format is (
            image.format == Image.registered_extensions()[Path(name).suffix]
        )


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_an_image_with_missing_pixels_is_rejected_for_every_query(query: str) -> None:
    data = read_sample("cat.jpg")
    with pytest.raises(ImageError, match="incomplete"):
        create_representation(data[:-1000] + b"SECRET", parse(query), SETTINGS)
