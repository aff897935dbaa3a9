"""Metadata goes, the picture stays: photographs first, then small files of every kind full of secrets."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from image_metadata import Format, NotAnImage, clean, read_exif
from PIL import Image

from tests.libs.image_metadata import rich
from tests.libs.image_metadata.eyes import metadata, seen

IMAGES = Path(__file__).parents[2] / "images"
SAMPLES = sorted(
    path.relative_to(IMAGES).as_posix() for path in IMAGES.glob("**/*.*") if path.suffix != ".md"
)
WHOLE_SAMPLES = [name for name in SAMPLES if not name.startswith("broken/")]


def read(sample: str) -> bytes:
    return (IMAGES / sample).read_bytes()


@pytest.mark.parametrize("sample", WHOLE_SAMPLES)
def test_a_sample_loses_its_metadata_and_nothing_else(sample: str) -> None:
    original = read(sample)

    cleaned = clean(original)

    assert seen(cleaned.data) == seen(original)
    assert metadata(cleaned.data) == set()
    assert read_exif(cleaned.data) == {}
    assert len(cleaned.data) <= len(original)
    assert clean(cleaned.data).data == cleaned.data


def test_the_samples_have_metadata_to_lose() -> None:
    assert {sample for sample in WHOLE_SAMPLES if metadata(read(sample))} >= {
        "sunset.jpg",
        "wine-tall.jpg",
        "coffee.mpo",
        "orientation/6.jpg",
        "orientation/6.png",
        "orientation/6.webp",
    }


@pytest.mark.parametrize("name", rich.FILES)
def test_nothing_of_a_secret_is_left(name: str) -> None:
    original = rich.FILES[name]
    assert original.count(rich.SECRET) > 1

    cleaned = clean(original).data

    assert rich.SECRET not in cleaned
    assert seen(cleaned) == seen(original)
    assert metadata(cleaned) == set()
    assert read_exif(cleaned) == {}
    assert clean(cleaned).data == cleaned


@pytest.mark.parametrize("name", rich.FILES)
def test_the_format_is_that_of_the_bytes(name: str) -> None:
    formats = {"jpg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP", "bmp": "BMP"}
    assert clean(rich.FILES[name]).format == Format(formats[name.rpartition(".")[2]])


@pytest.mark.parametrize("name", ["coffee.mpo", "camera-grey.jpg"])
def test_of_several_pictures_in_a_jpeg_the_first_stays(name: str) -> None:
    original = read(name)
    second = read("cat.jpg")

    cleaned = clean(original + second)

    assert cleaned.format is Format.JPEG
    assert cleaned.data == clean(original).data
    assert cleaned.data.count(b"\xff\xd8\xff") == 1
    assert b"MPF\0" not in cleaned.data


@pytest.mark.parametrize(
    ("sample", "orientation"),
    [
        *((f"orientation/{number}.jpg", number) for number in range(1, 9)),
        ("orientation/6.png", 6),
        ("orientation/6.webp", 6),
        ("wine-tall.jpg", 6),
        ("sunset.jpg", 1),
        ("cat.jpg", 1),
        ("cat.png", 1),
        ("cat.gif", 1),
        ("cat.bmp", 1),
        ("cat.webp", 1),
    ],
)
def test_the_orientation_is_told(sample: str, orientation: int) -> None:
    assert clean(read(sample)).orientation == orientation


def colours_of_png(*chunks: bytes) -> bytes:
    signature, header, *rest = rich.split_png(rich.file_of(rich.picture("P"), "PNG"))
    return b"".join([signature, header, *chunks, *rest])


GAMMA = rich.chunk(b"gAMA", b"\0\0\xb1\x8f")
COLOURS = [
    rich.chunk(b"cHRM", bytes(range(32))),
    GAMMA,
    rich.chunk(b"sBIT", b"\5\6\5"),
    rich.chunk(b"sRGB", b"\0"),
    rich.chunk(b"cICP", b"\x0c\x0d\0\1"),
    rich.chunk(b"mDCV", bytes(24)),
    rich.chunk(b"cLLI", bytes(8)),
    rich.chunk(b"pHYs", b"\0\0\x0b\x13\0\0\x0b\x13\1"),
    rich.chunk(b"bKGD", b"\1"),
]


def test_png_chunks_of_colour_and_size_stay_as_they_are() -> None:
    data = colours_of_png(*COLOURS)
    assert clean(data).data == data


@pytest.mark.parametrize("chunk", COLOURS, ids=lambda chunk: chunk[4:8].decode())
def test_png_chunks_of_a_wrong_length_go(chunk: bytes) -> None:
    name, body = chunk[4:8], chunk[8:-4]
    data = colours_of_png(rich.chunk(name, body + rich.SECRET))
    assert clean(data).data == colours_of_png()


def test_png_chunks_that_come_twice_or_late_go() -> None:
    *before, end = rich.split_png(colours_of_png(GAMMA, GAMMA))
    assert clean(b"".join([*before, GAMMA, end])).data == colours_of_png(GAMMA)


def test_frames_that_no_animation_announces_go() -> None:
    pieces = rich.split_png(rich.apng())
    still = b"".join(piece for piece in pieces if piece[4:8] != b"acTL")
    assert len(seen(clean(still).data).frames) == 1
    assert clean(still).data.count(b"fdAT") == 0


def test_a_thumbnail_in_jfif_goes_but_its_density_stays() -> None:
    start, jfif, *rest = rich.split_jpeg(rich.file_of(rich.picture(), "JPEG", dpi=(300, 300)))
    thumbnail = rich.segment(0xE0, jfif[4:16] + b"\1\1" + rich.SECRET[:3])
    assert clean(b"".join([start, thumbnail, *rest])).data == b"".join([start, jfif, *rest])


def test_a_profile_ends_where_it_says() -> None:
    padded = rich.PROFILE + rich.SECRET
    for file_format in ("JPEG", "PNG", "WEBP"):
        cleaned = clean(rich.file_of(rich.picture(), file_format, icc_profile=padded)).data
        assert seen(cleaned).profile == rich.PROFILE


def test_what_is_no_profile_goes() -> None:
    for file_format in ("JPEG", "PNG", "WEBP"):
        data = rich.file_of(rich.picture(), file_format, icc_profile=rich.SECRET * 40)
        cleaned = clean(data).data
        assert seen(cleaned).profile is None
        assert seen(cleaned).frames == seen(data).frames


def test_a_gif_and_a_bmp_keep_their_profiles() -> None:
    for name in ("still.gif", "profile.bmp"):
        cleaned = clean(rich.FILES[name]).data
        assert b"".join(rich.PROFILE[at : at + 255] for at in range(0, len(rich.PROFILE), 255)) in unblocked(
            cleaned
        )


def unblocked(data: bytes) -> bytes:
    """The bytes without the lengths of the sub-blocks, if there are any before an ICC profile."""
    at = data.find(b"ICCRGBG1012") + 11
    if at < 11:
        return data
    content = b""
    while data[at]:
        content += data[at + 1 : at + 1 + data[at]]
        at += 1 + data[at]
    return content


def test_the_timing_of_a_gif_stays_where_a_text_goes() -> None:
    screen, loop, control, *rest = rich.split_gif(rich.animated("GIF", "P"))
    data = b"".join([screen, loop, control, rich.PLAIN_TEXT, *rest[:-1], control, rest[-1]])
    assert clean(data).data == b"".join([screen, loop, control, *rest])
    assert seen(clean(data).data) == seen(data)


@pytest.mark.parametrize("file_format", Format)
def test_memory_holds_the_file_once_more_and_no_second_time(file_format: Format) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (900, 900, 3), dtype=np.uint8)
    options = {"lossless": True} if file_format is Format.WEBP else {}
    data = rich.file_of(Image.fromarray(noise), file_format, **options)
    tracemalloc.start()
    try:
        clean(data)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 1.1 * len(data)


@pytest.mark.parametrize("name", rich.FILES)
def test_what_is_cut_off_is_refused(name: str) -> None:
    cleaned = clean(rich.FILES[name]).data
    for length in range(len(cleaned)) if len(cleaned) < 3_000 else range(0, len(cleaned), 97):
        with pytest.raises(NotAnImage):
            clean(cleaned[:length])
