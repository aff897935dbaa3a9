"""Upright by EXIF orientation, in every format that carries it."""

from collections.abc import Callable

import numpy as np
import pytest
from image_core import Box, Format, Transform, transform
from PIL import Image

from tests.libs.image_core import files
from tests.libs.image_core.pictures import file_of, frames_of, pixels, seen

ORIENTATION = 0x0112
RED, GREEN, BLUE, WHITE = (230, 20, 20), (20, 200, 20), (20, 20, 230), (250, 250, 250)

# How a camera held so stores what was upright: the opposite of what makes it upright.
STORED: dict[int, Callable[[Image.Image], Image.Image]] = {
    1: lambda image: image,
    2: lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    3: lambda image: image.transpose(Image.Transpose.ROTATE_180),
    4: lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
    6: lambda image: image.transpose(Image.Transpose.ROTATE_90),
    7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
    8: lambda image: image.transpose(Image.Transpose.ROTATE_270),
}


def quarters(width: int, height: int) -> Image.Image:
    """Red, green / blue, white."""
    image = Image.new("RGB", (width, height), WHITE)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """The colour in the middle of each quarter."""
    look = pixels(image)
    height, width = look.shape[:2]
    places = [(x, y) for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)]
    return [tuple(int(band) for band in look[y, x]) for x, y in places]


def exif(orientation: int) -> bytes:
    block = Image.Exif()
    block[ORIENTATION] = orientation
    return block.tobytes()


def jpeg(image: Image.Image, orientation: int) -> bytes:
    return file_of(image, "JPEG", quality=95, exif=exif(orientation))


def mpo(image: Image.Image, orientation: int) -> bytes:
    other = Image.new("RGB", image.size)
    return file_of(image, "MPO", quality=95, save_all=True, append_images=[other], exif=exif(orientation))


def png(image: Image.Image, orientation: int) -> bytes:
    return file_of(image, "PNG", exif=exif(orientation))


def png_with_late_exif(image: Image.Image, orientation: int) -> bytes:
    return files.with_png_chunk(file_of(image, "PNG"), b"eXIf", exif(orientation)[6:], before=b"IEND")


def webp(image: Image.Image, orientation: int) -> bytes:
    return file_of(image, "WEBP", quality=95, exif=exif(orientation))


def animated_webp(image: Image.Image, orientation: int) -> bytes:
    other = Image.new("RGB", image.size)
    return file_of(image, "WEBP", quality=95, save_all=True, append_images=[other], exif=exif(orientation))


@pytest.mark.parametrize("box", [Box(width=40, height=20), None], ids=["smaller", "whole"])
@pytest.mark.parametrize("size", [(64, 32), (32, 64), (48, 48)], ids=["wide", "tall", "square"])
@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("make", [jpeg, mpo, png, png_with_late_exif, webp, animated_webp])
def test_upright(
    make: Callable[[Image.Image, int], bytes], orientation: int, size: tuple[int, int], box: Box | None
) -> None:
    data = make(STORED[orientation](quarters(*size)), orientation)

    picture = transform(data, Transform(box=box, quality=95))

    boxed = {(64, 32): (40, 20), (32, 64): (20, 40), (48, 48): (20, 20)}[size]
    assert (picture.width, picture.height) == (boxed if box else size)
    result = seen(picture.data)
    assert result.size == (picture.width, picture.height)
    assert ORIENTATION not in result.getexif()
    assert np.abs(np.subtract(corners(result), [RED, GREEN, BLUE, WHITE])).max() < 25


def test_every_frame_is_turned() -> None:
    data = animated_webp(STORED[6](quarters(32, 64)), 6)
    picture = transform(data, Transform(box=Box(width=32, height=16), output_format=Format.PNG))
    assert [frame.size for frame, _ in frames_of(picture.data)] == [(16, 32), (16, 32)]


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"Exif\0\0",
        b"Exif\0\0MM\0*",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        exif(6)[:20],
        b"Exif\0\0" + b"\xff" * 99,
    ],
)
def test_broken_exif_says_nothing(block: bytes) -> None:
    data = files.with_jpeg_segment(file_of(quarters(64, 32), "JPEG"), 0xE1, block)
    assert transform(data, Transform(box=Box(width=32, height=32))).width == 32


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_says_nothing(orientation: int) -> None:
    picture = transform(jpeg(quarters(64, 32), orientation), Transform(box=Box(width=32, height=32)))
    assert (picture.width, picture.height) == (32, 16)


def test_xmp_is_not_asked_as_browsers_do_not_ask_it() -> None:
    xmp = b'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta tiff:Orientation="6"/>'
    data = files.with_jpeg_segment(file_of(quarters(64, 32), "JPEG"), 0xE1, xmp)
    assert transform(data, Transform(box=Box(width=32, height=32))).width == 32
