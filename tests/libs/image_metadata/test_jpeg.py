"""The application segments of a JPEG that are kept, and their order."""

import pytest
from image_metadata import clean, read_exif

from tools.fuzz import samples, tiff
from tools.fuzz.oracles import render

START, JFIF, *REST = samples.split_jpeg(samples.file_of(samples.sample_image(), "JPEG", dpi=(300, 300)))
SCAN, END = REST[-2:]
ICC_PARTS = [
    piece[4:]
    for piece in samples.split_jpeg(
        samples.file_of(samples.sample_image(), "JPEG", icc_profile=samples.BIG_PROFILE)
    )
    if piece[1] == 0xE2
]


def with_segments(*segments: bytes) -> bytes:
    return b"".join([START, *segments, *REST])


def behind_the_scan(*segments: bytes) -> bytes:
    return b"".join([START, *REST[:-1], *segments, END])


def test_the_thumbnail_of_jfif_is_dropped_and_the_density_kept() -> None:
    thumbnail = samples.segment(0xE0, JFIF[4:16] + b"\1\1" + samples.SECRET[:3])
    assert clean(with_segments(thumbnail)).data == with_segments(JFIF)


@pytest.mark.parametrize("body", [b"JFIF\0", b"JFIF\0\1\1\0\0\1\0\1\0"])
def test_a_jfif_segment_that_is_too_short_is_dropped(body: bytes) -> None:
    assert clean(with_segments(samples.segment(0xE0, body))).data == with_segments()


def rgb(adobe: bytes) -> bytes:
    """An image in RGB that only the segment of Adobe identifies as RGB."""
    start, *rest = samples.split_jpeg(samples.file_of(samples.sample_image(), "JPEG", keep_rgb=True))
    pieces = [piece for piece in rest if piece[1] != 0xEE]
    for place, piece in enumerate(pieces):
        if piece[1] in {0xC0, 0xDA}:
            length = int.from_bytes(piece[2:4]) + 2
            numbered = piece[:length].replace(b"R", b"\1").replace(b"G", b"\2").replace(b"B", b"\3")
            pieces[place] = numbered + piece[length:]
    return b"".join([start, adobe, *pieces])


def test_the_colour_transform_of_adobe_is_kept() -> None:
    adobe = samples.segment(0xEE, b"Adobe\0\x64\0\0\0\0\0")
    assert render(rgb(adobe)) != render(rgb(b""))
    assert clean(rgb(adobe)).data == rgb(adobe)
    assert clean(rgb(samples.segment(0xEE, adobe[4:] + samples.SECRET))).data == rgb(adobe)


def test_the_last_of_two_segments_of_adobe_counts() -> None:
    ycc, plain = (samples.segment(0xEE, b"Adobe\0\x64\0\0\0\0" + transform) for transform in (b"\1", b"\0"))
    assert clean(rgb(ycc + plain)).data == rgb(plain)
    assert render(rgb(ycc + plain)) == render(rgb(plain))


def test_segments_behind_the_first_scan_are_ignored() -> None:
    exif = samples.segment(0xE1, b"Exif\0\0" + tiff.block([tiff.orientation(6)]))
    adobe = samples.segment(0xEE, b"Adobe\0\x64\0\0\0\0\0")
    data = behind_the_scan(JFIF, adobe, exif)
    assert clean(data).data == with_segments()
    assert clean(data).orientation == 1
    assert read_exif(data) == {}


def test_the_parts_of_a_profile_come_in_any_order() -> None:
    parts = [samples.segment(0xE2, part) for part in ICC_PARTS]
    assert len(parts) == 2
    assert clean(with_segments(*reversed(parts))).data == with_segments(*parts)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(ICC_PARTS[:1], id="last-is-missing"),
        pytest.param(ICC_PARTS[1:], id="first-is-missing"),
        pytest.param([*ICC_PARTS, ICC_PARTS[0]], id="one-too-many"),
        pytest.param([part[:13] + b"\3" + part[14:] for part in ICC_PARTS], id="wrong-count"),
        pytest.param([part[:12] + b"\1" + part[13:] for part in ICC_PARTS], id="one-number"),
        pytest.param([b"ICC_PROFILE\0\1"], id="short"),
    ],
)
def test_an_incomplete_profile_is_dropped(parts: list[bytes]) -> None:
    assert clean(with_segments(*(samples.segment(0xE2, part) for part in parts))).data == with_segments()


def test_tables_of_sixteen_bits_are_kept() -> None:
    table = samples.segment(0xDB, b"\x12" + bytes(range(1, 129)))
    arithmetic = samples.segment(0xCC, b"\0\x10\x10\5")
    data = with_segments(table, arithmetic, samples.segment(0xDD, b"\0\0"))
    assert clean(data).data == data


@pytest.mark.parametrize("between", [b"\xff", b"\xff\xff\xff", samples.SECRET, b"\xff\0" + samples.SECRET])
def test_bytes_between_segments_are_dropped(between: bytes) -> None:
    data = b"".join([START, JFIF, between, *REST[:-2], between, SCAN, END])
    assert clean(data).data == with_segments(JFIF)
    assert render(data) == render(with_segments(JFIF))
