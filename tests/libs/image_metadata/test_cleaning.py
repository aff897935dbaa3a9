"""Metadata is removed and the image kept: photographs, then small files of every format full of secrets."""

import tracemalloc
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from image_metadata import Format, NotAnImage, clean, read_exif
from PIL import Image

from tools.fuzz import samples
from tools.fuzz.oracles import find_metadata, render

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

    assert render(cleaned.data) == render(original)
    assert find_metadata(cleaned.data) == set()
    assert read_exif(cleaned.data) == {}
    assert len(cleaned.data) <= len(original)
    assert clean(cleaned.data).data == cleaned.data


def test_the_samples_have_metadata_to_lose() -> None:
    assert {sample for sample in WHOLE_SAMPLES if find_metadata(read(sample))} >= {
        "sunset.jpg",
        "wine-tall.jpg",
        "coffee.mpo",
        "orientation/6.jpg",
        "orientation/6.png",
        "orientation/6.webp",
    }


@pytest.mark.parametrize("name", samples.FILES)
def test_secrets_are_dropped(name: str) -> None:
    original = samples.FILES[name]
    assert original.count(samples.SECRET) > 1

    found = clean(original)
    cleaned = found.data
    with Image.open(BytesIO(cleaned)) as image:
        # Pillow counts the image for viewers without animation, too.
        assert found.frames == getattr(image, "n_frames", 1) - image.info.get("default_image", False)

    assert samples.SECRET not in cleaned
    assert render(cleaned) == render(original)
    assert find_metadata(cleaned) == set()
    assert read_exif(cleaned) == {}
    assert clean(cleaned).data == cleaned


@pytest.mark.parametrize("name", samples.FILES)
def test_the_format_is_that_of_the_bytes(name: str) -> None:
    formats = {"jpg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP", "bmp": "BMP", "avif": "AVIF"}
    assert clean(samples.FILES[name]).format == Format(formats[name.rpartition(".")[2]])


@pytest.mark.parametrize("name", ["coffee.mpo", "camera-grey.jpg"])
def test_the_first_of_several_images_in_a_jpeg_is_kept(name: str) -> None:
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
        ("cat.avif", 1),
    ],
)
def test_the_orientation_is_returned(sample: str, orientation: int) -> None:
    assert clean(read(sample)).orientation == orientation


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_profile_is_trimmed_to_the_length_in_its_header(file_format: str) -> None:
    padded = samples.PROFILE + samples.SECRET
    cleaned = clean(samples.file_of(samples.sample_image(), file_format, icc_profile=padded)).data
    assert render(cleaned).profile == samples.PROFILE


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize(
    "profile",
    [
        pytest.param(samples.SECRET * 40, id="text"),
        pytest.param(b"\0\0\1\0" + bytes(252), id="no-signature"),
        pytest.param(samples.PROFILE[:-1], id="shorter-than-its-length"),
        pytest.param(b"\0\0\0\x80" + samples.PROFILE[4:128], id="header-alone"),
    ],
)
def test_invalid_profiles_are_dropped(file_format: str, profile: bytes) -> None:
    data = samples.file_of(samples.sample_image(), file_format, icc_profile=profile)
    cleaned = clean(data).data
    assert render(cleaned).profile is None
    assert render(cleaned).frames == render(data).frames


@pytest.mark.parametrize("file_format", Format)
def test_the_file_is_copied_once(file_format: Format) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (900, 900), dtype=np.uint8)
    options = {"lossless": True} if file_format is Format.WEBP else {}
    data = samples.file_of(Image.fromarray(noise), file_format, **options)
    tracemalloc.start()
    try:
        clean(data)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 1.1 * len(data)


@pytest.mark.parametrize("name", samples.FILES)
def test_truncated_files_are_refused(name: str) -> None:
    cleaned = clean(samples.FILES[name]).data
    possible_ends = _possible_ends(cleaned)
    for length in range(len(cleaned)) if len(cleaned) < 3_000 else range(0, len(cleaned), 97):
        if length not in possible_ends:
            with pytest.raises(NotAnImage):
                clean(cleaned[:length])
    for length, frames in possible_ends.items():
        assert render(clean(cleaned[:length]).data).frames == render(cleaned).frames[:frames]


def _possible_ends(cleaned: bytes) -> dict[int, int]:
    """Offsets where only an end marker or padding is missing, with the number of frames before each."""
    if cleaned.startswith(b"GIF"):
        pieces = samples.split_gif(cleaned)
        images = [place for place, piece in enumerate(pieces) if piece[:1] == b","]
        return {len(b"".join(pieces[: place + 1])): number for number, place in enumerate(images, start=1)}
    if cleaned.startswith(b"RIFF"):
        pieces = samples.split_riff(cleaned[12:])
        images = [place for place, piece in enumerate(pieces) if piece[:4] in {b"VP8 ", b"VP8L", b"ANMF"}]
        ends = {12 + len(b"".join(pieces[: place + 1])): n for n, place in enumerate(images, start=1)}
        # A cut in the header of the next chunk, or the padding of the last one is missing.
        more = {end + bytes_more: n for end, n in ends.items() for bytes_more in range(8)}
        odd = int.from_bytes(pieces[-1][4:8], "little") % 2
        return {end: n for end, n in more.items() if end < len(cleaned)} | (
            {len(cleaned) - 1: len(images)} if odd else {}
        )
    return {}
