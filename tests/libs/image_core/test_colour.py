"""ICC profiles kept or applied, CMYK and alpha as they should look."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from image_core import Box, Format, Transform, transform
from PIL import Image, ImageCms

from tests.libs.image_core import files
from tests.libs.image_core.pictures import error, file_of, gradient, pixels, seen

IMAGES = Path(__file__).parents[2] / "images"
HALF = Box(width=48, height=32)
PHOTOGRAPH = Box(width=150, height=100)


def of(name: str) -> bytes:
    """A sample photograph: all of them show the same cup."""
    return (IMAGES / name).read_bytes()


def as_srgb(data: bytes) -> Image.Image:
    """The picture as a viewer with colour management shows it."""
    image, profile = seen(data), files.icc_profile_of(data)
    if profile is None:
        return image.convert("RGB")
    managed = ImageCms.profileToProfile(
        image, BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    assert managed is not None
    return managed


@pytest.mark.parametrize("output", Format)
def test_cmyk_goes_through_its_profile(output: Format) -> None:
    wanted = as_srgb(transform(of("coffee-progressive.jpg"), Transform(box=PHOTOGRAPH)).data)

    result = transform(of("coffee-cmyk.jpg"), Transform(box=PHOTOGRAPH, output_format=output, quality=95))

    assert seen(result.data).mode != "CMYK"
    assert files.icc_profile_of(result.data) is None
    # Without the profile it would be off by 12; there are colours on the table that its inks cannot print.
    assert error(as_srgb(result.data).reduce(10), wanted.reduce(10)) < 6.5


def corrupt(profile: bytes) -> bytes:
    """A sound header before tags that make no sense."""
    return profile[:128] + b"\xff" * (len(profile) - 128)


@pytest.mark.parametrize("mode", ["RGB", "CMYK"])
def test_a_profile_that_cannot_be_applied_is_left_out(mode: str) -> None:
    image = gradient(96, 64).convert(mode)
    profile = corrupt(files.SRGB if mode == "RGB" else files.SRGB[:16] + b"CMYK" + files.SRGB[20:])
    data = file_of(image, "JPEG", quality=95, icc_profile=profile)
    picture = transform(data, Transform(box=HALF, output_format=Format.BMP))
    assert error(seen(picture.data), gradient(48, 32)) < 5


def test_a_profile_larger_than_a_picture_is_applied() -> None:
    data = file_of(gradient(96, 64), "JPEG", quality=95, icc_profile=files.SRGB + bytes(70_000))
    picture = transform(data, Transform(box=HALF))
    assert len(picture.data) < 5_000
    assert error(seen(picture.data), gradient(48, 32)) < 5


@pytest.mark.parametrize("output", [Format.BMP, Format.GIF])
def test_alpha_outlives_the_conversion_to_srgb(output: Format) -> None:
    image = gradient(96, 64)
    image.putalpha(Image.new("L", image.size, 255))
    image.paste((0, 0, 0, 0), (0, 0, 48, 64))
    data = file_of(image, "PNG", icc_profile=files.SRGB)
    result = seen(transform(data, Transform(box=HALF, output_format=output)).data).convert("RGBA")
    alpha = np.asarray(result.getchannel("A"))
    assert alpha[:, :20].max() == 0
    assert alpha[:, 28:].min() == 255


def test_jpeg_shows_white_where_nothing_is() -> None:
    image = Image.new("RGBA", (96, 64), (200, 0, 0, 0))
    image.paste((10, 20, 200, 255), (48, 0, 96, 64))
    picture = transform(file_of(image, "PNG"), Transform(box=HALF, output_format=Format.JPEG, quality=95))
    look = pixels(seen(picture.data))
    assert look[:, :16].min() > 250
    assert np.abs(look[:, 32:] - (10, 20, 200)).max() < 6
