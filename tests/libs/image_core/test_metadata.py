"""Results hold nothing but pixels, colours and timing; an image that is right keeps its pixels."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from image_core import Box, Format, Options, transform
from PIL import Image

from tests.libs.image_core import files
from tests.libs.image_core.images import file_of, frames_of, gradient, load

IMAGES = Path(__file__).parents[2] / "images"
SECRET = b"secret-42"
HALF = Box(width=48, height=32)
LARGE = Box(width=2000, height=2000)


def exif(orientation: int = 1) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x010E] = SECRET.decode()  # description
    block[0x013B] = SECRET.decode()  # artist
    return block.tobytes()


def jpeg(orientation: int = 1) -> bytes:
    data = file_of(
        gradient(96, 64), "JPEG", comment=SECRET, exif=exif(orientation), xmp=b"<x>" + SECRET, dpi=(300, 300)
    )
    data = files.with_jpeg_segment(data, 0xED, b"Photoshop 3.0\0" + SECRET)
    data = files.with_jpeg_segment(data, 0xE2, b"FPXR\0" + SECRET)
    thumbnail = b"JFXX\0\x13\1\1" + SECRET
    return files.with_jpeg_segment(data, 0xE0, thumbnail) + b"trailer " + SECRET


def png(orientation: int = 1) -> bytes:
    data = file_of(gradient(96, 64), "PNG", exif=exif(orientation))
    for name, content in (
        (b"tEXt", b"Comment\0" + SECRET),
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + SECRET),
        (b"tIME", b"\x07\xea\1\1\1\1\1"),
        (b"pHYs", b"\0\0\x0b\x13\0\0\x0b\x13\1"),
        (b"prVt", SECRET),
    ):
        data = files.with_png_chunk(data, name, content, before=b"IDAT")
    return files.with_png_chunk(data, b"tEXt", b"Late\0" + SECRET, before=b"IEND") + SECRET


def gif(orientation: int = 1) -> bytes:
    assert orientation == 1, "a GIF has none"
    data = file_of(gradient(96, 64), "GIF", comment=SECRET)
    xmp = b"!\xff\x0bXMP DataXMP" + bytes([len(SECRET)]) + SECRET + b"\0"
    return data[:-1] + xmp + b"!\xfe" + bytes([len(SECRET)]) + SECRET + b"\0;" + SECRET


def webp(orientation: int = 1) -> bytes:
    data = file_of(gradient(96, 64), "WEBP", exif=exif(orientation), xmp=b"<x>" + SECRET)
    return files.with_webp_chunk(data, b"note", SECRET)


def animate(file_format: str) -> bytes:
    frames = [gradient(96, 64), gradient(96, 64).rotate(90)]
    options = {"exif": exif(), "xmp": SECRET} if file_format == "WEBP" else {"comment": SECRET}
    data = file_of(frames[0], file_format, save_all=True, append_images=frames[1:], duration=70, **options)
    if file_format == "PNG":
        data = files.with_png_chunk(data, b"tEXt", b"Comment\0" + SECRET, before=b"IDAT")
        data = files.with_png_chunk(data, b"tEXt", b"Comment\0" + SECRET, before=b"fdAT")
    return data


FILES: dict[str, Callable[[], bytes]] = {
    "JPEG": jpeg,
    "JPEG lying": lambda: jpeg(6),
    "JPEG progressive": lambda: file_of(gradient(), "JPEG", progressive=True, comment=SECRET, exif=exif()),
    "JPEG CMYK": lambda: file_of(gradient().convert("CMYK"), "JPEG", comment=SECRET, exif=exif()),
    "PNG": png,
    "PNG lying": lambda: png(6),
    "PNG palette": lambda: files.with_png_chunk(
        file_of(gradient(96, 64).quantize(32), "PNG"), b"tEXt", b"Comment\0" + SECRET, before=b"IDAT"
    ),
    "GIF": gif,
    "WebP": webp,
    "WebP lying": lambda: webp(6),
    "GIF animation": lambda: animate("GIF"),
    "PNG animation": lambda: animate("PNG"),
    "WebP animation": lambda: animate("WEBP"),
}

# Markers of metadata that are no part of any image.
TRACES = re.compile(rb"secret|Exif\0|EXIF|XMP |xap/1\.0|8BIM|Photoshop|FPXR|MPF\0|JFXX|[zti][TE]Xt|tIME|eXIf")


@pytest.mark.parametrize("box", [HALF, LARGE, None], ids=["smaller", "fits", "whole"])
@pytest.mark.parametrize("output", [None, *Format])
@pytest.mark.parametrize("name", FILES)
def test_no_metadata_leaves(name: str, output: Format | None, box: Box | None) -> None:
    data = FILES[name]()
    assert SECRET in data

    derivative = transform(data, Options(box=box, output_format=output))

    # A comment would appear verbatim; compressed data may contain any three bytes by chance.
    assert not TRACES.search(derivative.data)
    if derivative.data[12:16] == b"VP8X":
        assert derivative.data[20] & 0x0C == 0, "the header announces EXIF or XMP"
    left = {"comment", "exif", "xmp", "XML:com.adobe.xmp", "photoshop"} & set(load(derivative.data).info)
    assert left == set()


PHOTOGRAPHS = sorted(
    path for path in IMAGES.glob("**/*.*") if path.suffix != ".md" and path.parent.name != "broken"
)


@pytest.mark.parametrize("path", PHOTOGRAPHS, ids=lambda path: path.relative_to(IMAGES).as_posix())
def test_no_metadata_leaves_a_photograph(path: Path) -> None:
    for box in (Box(width=180, height=180), None):
        derivative = transform(path.read_bytes(), Options(box=box))
        assert not re.search(rb"Exif\0|xap/1\.0|8BIM|GPS", derivative.data)


# JPEG, PNG, GIF, WebP and BMP: upright, still and animated.
RIGHT_ALREADY: dict[str, Callable[[], bytes]] = {
    **{name: make for name, make in FILES.items() if "lying" not in name and "CMYK" not in name},
    "JPEG of low quality": lambda: file_of(gradient(), "JPEG", quality=15, comment=SECRET),
    "JPEG with restart markers": lambda: file_of(gradient(), "JPEG", restart_marker_blocks=2, comment=SECRET),
    "JPEG grey": lambda: file_of(gradient().convert("L"), "JPEG", comment=SECRET),
    "BMP": lambda: file_of(gradient(96, 64), "BMP"),
    "PNG 16-bit": lambda: files.png((4, 2), 16, 0, bytes(range(16)), (b"tEXt", b"a\0" + SECRET)),
    "PNG 1-bit": lambda: file_of(gradient(96, 64).convert("1"), "PNG"),
}


@pytest.mark.parametrize("box", [LARGE, None], ids=["fits", "whole"])
@pytest.mark.parametrize("name", RIGHT_ALREADY)
def test_an_image_that_is_right_keeps_its_pixels(name: str, box: Box | None) -> None:
    data = RIGHT_ALREADY[name]()

    derivative = transform(data, Options(box=box, quality=30))

    before, after = load(data), load(derivative.data)
    assert after.mode == before.mode
    assert after.info.get("progressive") == before.info.get("progressive")
    assert derivative.frames == getattr(before, "n_frames", 1)
    assert len(derivative.data) <= len(data)
    for (old, old_time), (new, new_time) in zip(frames_of(data), frames_of(derivative.data), strict=True):
        assert old.tobytes() == new.tobytes()
        assert old_time == new_time
    assert transform(derivative.data, Options(box=box)).data == derivative.data


def test_a_moving_webp_whose_lengths_are_wrong_keeps_its_frames() -> None:
    # The decoder uses the inner lengths; by the outer one all frames but one would be lost.
    data = bytearray(animate("WEBP"))
    data[data.index(b"ANMF") + 4] += 1
    derivative = transform(bytes(data), Options(box=None))
    assert derivative.frames == len(frames_of(derivative.data)) == 2


def test_an_mpo_becomes_the_jpeg_that_it_begins_with() -> None:
    data = file_of(gradient(96, 64), "MPO", save_all=True, append_images=[gradient(96, 64).rotate(180)])
    derivative = transform(data, Options(box=None))
    result = load(derivative.data)
    assert result.format == "JPEG"
    assert result.tobytes() == load(file_of(gradient(96, 64), "JPEG")).tobytes()
    assert len(derivative.data) < len(data) * 0.6


@pytest.mark.parametrize("segment", [(0xEE, b"Adobe\0\x64"), (0xE0, b"JFIF\0\1\1\1\0\1\0\1\2\2" + b"x" * 12)])
def test_segments_that_are_too_short_or_too_long(segment: tuple[int, bytes]) -> None:
    data = files.with_jpeg_segment(file_of(gradient(96, 64), "JPEG"), *segment)
    derivative = transform(data, Options(box=None))
    assert load(derivative.data).tobytes() == load(data).tobytes()
    assert b"xxx" not in derivative.data
    assert derivative.data[18:20] == b"\0\0", "the header announces a thumbnail"


@pytest.mark.parametrize("length", [len(files.SRGB), 150_000], ids=["one segment", "three"])
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_the_profile_stays_with_the_pixels(file_format: str, length: int) -> None:
    icc = length.to_bytes(4) + files.SRGB[4:].ljust(length - 4, b"\0")
    data = file_of(gradient(96, 64), file_format, icc_profile=icc)
    assert files.icc_profile_of(transform(data, Options(box=None)).data) == icc


def test_what_is_no_profile_goes() -> None:
    data = file_of(gradient(96, 64), "PNG", icc_profile=SECRET * 20)
    derivative = transform(data, Options(box=None))
    assert files.icc_profile_of(derivative.data) is None
    assert load(derivative.data).tobytes() == load(data).tobytes()


def test_a_bmp_ends_with_its_pixels() -> None:
    data = file_of(gradient(96, 64), "BMP")
    assert transform(data + SECRET, Options(box=None)).data == data


def test_a_file_that_cannot_be_taken_apart_is_encoded_anew() -> None:
    # Pillow skips an unknown chunk even if the name marks the chunk as critical.
    data = files.with_png_chunk(file_of(gradient(96, 64), "PNG"), b"NEWS", SECRET, before=b"IDAT")
    derivative = transform(data, Options(box=None))
    assert SECRET not in derivative.data
    assert load(derivative.data).tobytes() == load(data).tobytes()
