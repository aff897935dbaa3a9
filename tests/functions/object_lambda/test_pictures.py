"""Every sample photograph as it is delivered: its pixels, how it stands, and that nothing else is in it."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from image_core import ImageError, TooManyPixels
from image_metadata import clean
from image_query import DEFAULT_SIZES, ImageQuery
from object_lambda.picture import make
from object_lambda.settings import Settings
from PIL import Image, ImageOps

from tests.libs.image_metadata.test_exiftool import surplus, told
from tools.fuzz.oracles import find_metadata, render

IMAGES = Path(__file__).parents[2] / "images"
CASES = Path(__file__).parents[2] / "cases"
SETTINGS = Settings(quality=80, sizes=DEFAULT_SIZES)
AS_IT_IS = ImageQuery(size_name=None, to_webp=False)
SAMPLES = sorted(
    path.relative_to(IMAGES).as_posix()
    for path in IMAGES.rglob("*")
    if path.suffix in {".jpg", ".png", ".gif", ".bmp", ".webp", ".mpo"} and path.parent.name != "broken"
)
TURNED = [
    "wine-tall.jpg",
    *(name for name in SAMPLES if name.startswith("orientation/") and "/1." not in name),
]
WISHES = {
    "as it is": AS_IT_IS,
    "small": ImageQuery(size_name="SS", to_webp=False),
    "not enlarged": ImageQuery(size_name="L", to_webp=False),
    "webp": ImageQuery(size_name=None, to_webp=True),
    "small webp": ImageQuery(size_name="SXS", to_webp=True),
}


def read(name: str) -> bytes:
    return (IMAGES / name).read_bytes()


@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in TURNED])
def test_upright_pictures_keep_their_pixels(name: str) -> None:
    product = make(read(name), AS_IT_IS, SETTINGS)
    assert product.same_format
    assert render(product.data) == render(read(name))


@pytest.mark.parametrize("name", TURNED)
def test_turned_pictures_stand_upright(name: str) -> None:
    product = make(read(name), AS_IT_IS, SETTINGS)
    assert product.same_format
    with Image.open(BytesIO(read(name))) as original, Image.open(BytesIO(product.data)) as picture:
        upright = ImageOps.exif_transpose(original)
        assert picture.getexif() == {}
        assert picture.format == original.format
        assert picture.size == upright.size
        difference = np.asarray(upright.convert("RGB"), float) - np.asarray(picture.convert("RGB"), float)
    # 32 dB: encoded once more, and nobody sees it.
    assert 10 * np.log10(255**2 / max(np.mean(difference**2), 1e-9)) > 32


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("name", SAMPLES)
def test_pillow_finds_no_metadata(name: str, wish: str) -> None:
    product = make(read(name), WISHES[wish], SETTINGS)
    assert find_metadata(product.data) == set()
    assert clean(product.data).orientation == 1
    with Image.open(BytesIO(product.data)) as picture:
        assert (
            product.content_type
            == f"image/{'webp' if WISHES[wish].to_webp else (picture.format or '').lower()}"
        )


@pytest.fixture(scope="module")
def by_exiftool(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """By name of sample and wish, what exiftool finds in what is delivered."""
    files = {
        f"{wish}-{name.replace('/', '-')}": make(read(name), query, SETTINGS).data
        for wish, query in WISHES.items()
        for name in SAMPLES
    }
    return told(files, tmp_path_factory.mktemp("delivered"))


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("name", SAMPLES)
def test_exiftool_finds_no_metadata(name: str, wish: str, by_exiftool: dict[str, dict[str, Any]]) -> None:
    assert surplus(by_exiftool[f"{wish}-{name.replace('/', '-')}"]) == set()


@pytest.mark.parametrize("name", ["coffee-display-p3.jpg", "coffee-cmyk.jpg"])
def test_the_colour_profile_stays(name: str) -> None:
    with Image.open(BytesIO(make(read(name), AS_IT_IS, SETTINGS).data)) as picture:
        kept = picture.info["icc_profile"]
    with Image.open(IMAGES / name) as original:
        assert kept == original.info["icc_profile"]


def test_more_pixels_than_are_decoded_are_cleaned() -> None:
    """70 megapixels: image_core would refuse to decode them."""
    wide = Image.new("L", (10_000, 7_000))
    file = BytesIO()
    wide.save(file, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
    product = make(file.getvalue(), AS_IT_IS, SETTINGS)
    assert b"Exif" not in product.data
    with pytest.raises(TooManyPixels):
        make(file.getvalue(), ImageQuery(size_name=None, to_webp=True), SETTINGS)


@pytest.mark.parametrize("query", WISHES.values(), ids=WISHES)
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
def test_damage_that_browsers_ignore(name: str, query: ImageQuery) -> None:
    product = make((CASES / name).read_bytes(), query, SETTINGS)
    assert find_metadata(product.data) == set()
    assert product.same_format is not query.to_webp


@pytest.mark.parametrize("query", WISHES.values(), ids=WISHES)
def test_an_image_without_its_last_pixels_is_refused_whatever_is_requested(query: ImageQuery) -> None:
    data = read("cat.jpg")
    with pytest.raises(ImageError, match="incomplete"):
        make(data[:-1000] + b"SECRET", query, SETTINGS)
