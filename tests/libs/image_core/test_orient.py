"""EXIF orientation that is invalid, or in a place that viewers ignore."""

import pytest
from image_core import Box, Format, Options, transform

from tests.libs.image_core import files
from tests.libs.image_core.images import file_of, frames_of, gradient
from tests.libs.image_core.test_matrix import exif, with_other


def test_every_frame_is_turned() -> None:
    data = with_other(gradient(64, 32), "WEBP", 6)
    derivative = transform(data, Options(box=Box(width=32, height=16), output_format=Format.PNG))
    assert [frame.size for frame, _ in frames_of(derivative.data)] == [(16, 32), (16, 32)]


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
    data = files.with_jpeg_segment(file_of(gradient(64, 32), "JPEG"), 0xE1, block)
    assert transform(data, Options(box=Box(width=32, height=32))).width == 32


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_says_nothing(orientation: int) -> None:
    derivative = transform(
        file_of(gradient(64, 32), "JPEG", exif=exif(orientation)), Options(box=Box(width=32, height=32))
    )
    assert (derivative.width, derivative.height) == (32, 16)


def test_xmp_is_not_asked_as_browsers_do_not_ask_it() -> None:
    xmp = b'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta tiff:Orientation="6"/>'
    data = files.with_jpeg_segment(file_of(gradient(64, 32), "JPEG"), 0xE1, xmp)
    assert transform(data, Options(box=Box(width=32, height=32))).width == 32
