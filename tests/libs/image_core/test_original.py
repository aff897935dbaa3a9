"""The original without metadata: unchanged pixels where possible, else decoded and encoded anew."""

from io import BytesIO
from pathlib import Path

import image_metadata
import pytest
from image_core import Format, ImageError, Limits, TooManyPixels, clean
from PIL import Image

from tools.fuzz import samples
from tools.fuzz.core_invariants import assert_sound

IMAGES = Path(__file__).parents[2] / "images"
SAMPLES = {
    path.relative_to(IMAGES).as_posix(): path.read_bytes()
    for path in sorted(IMAGES.rglob("*"))
    if path.suffix in {".jpg", ".png", ".gif", ".bmp", ".webp", ".avif", ".mpo"}
    and path.parent.name != "broken"
}
FILES = {**SAMPLES, **samples.FILES}


@pytest.mark.parametrize("name", FILES)
def test_every_file_has_no_metadata_and_stands_upright(name: str) -> None:
    image = clean(FILES[name], Limits())

    assert_sound(image, None)
    cleaned = image_metadata.clean(FILES[name])
    if cleaned.orientation == 1:
        assert image.data == cleaned.data
    else:
        with Image.open(BytesIO(FILES[name])) as original:
            assert (image.width, image.height) == (
                original.size[::-1] if cleaned.orientation > 4 else original.size
            )


def test_damage_that_decoders_tolerate_is_encoded_anew() -> None:
    """Return a GIF with stray bytes between its blocks, which the strict cleaner refuses."""
    data = SAMPLES["logo-animated.gif"]
    at = data.index(b"\x21\xf9")
    damaged = data[:at] + b"\0SECRET" + data[at:]
    with pytest.raises(image_metadata.NotAnImage):
        image_metadata.clean(damaged)

    image = clean(damaged, Limits())

    assert_sound(image, None)
    assert image.format is Format.GIF
    assert image.frames > 1
    assert b"SECRET" not in image.data


def test_lossless_cleaning_has_its_own_limit_of_pixels() -> None:
    wide = BytesIO()
    Image.new("L", (10_000, 7_000)).save(wide, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
    image = clean(wide.getvalue(), Limits(max_pixels=1, max_bytes=1))
    assert (image.width, image.height, image.frames) == (10_000, 7_000, 1)
    assert b"Exif" not in image.data

    with pytest.raises(TooManyPixels, match="900,000,000"):
        clean((IMAGES / "broken" / "30000x30000.png").read_bytes(), Limits())


@pytest.mark.parametrize("limits", [Limits(max_pixels=1), Limits(max_bytes=1), Limits(max_memory_bytes=1)])
def test_an_image_that_has_to_be_decoded_is_held_against_the_limits(limits: Limits) -> None:
    with pytest.raises(ImageError):
        clean(SAMPLES["wine-tall.jpg"], limits)


@pytest.mark.parametrize("name", ["text.jpg", "empty.jpg", "truncated.jpg"])
def test_broken_files_are_refused(name: str) -> None:
    with pytest.raises(ImageError):
        clean((IMAGES / "broken" / name).read_bytes(), Limits())
