"""EXIF as JSON: each kind of value, each section, each place in a file, and broken blocks."""

import json
import struct
import tracemalloc
import zlib
from base64 import b64decode
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from image_metadata import Json, NotAnImage, clean, read_exif
from PIL import ExifTags, Image

from tests.libs.image_metadata.test_cleaning import WHOLE_SAMPLES, read
from tools.fuzz import samples, tiff


def in_jpeg(block: bytes) -> bytes:
    return samples.file_of(samples.sample_image(), "JPEG", exif=b"Exif\0\0" + block)


def in_png(*chunks: bytes) -> bytes:
    signature, header, *rest = samples.split_png(samples.file_of(samples.sample_image(), "PNG"))
    return b"".join([signature, header, *chunks, *rest])


def in_webp(block: bytes) -> bytes:
    return samples.file_of(samples.sample_image(), "WEBP", exif=block)


def rationals(*values: tuple[int, int], kind: str = "L") -> bytes:
    return b"".join(struct.pack(f"<2{kind}", *value) for value in values)


def base64(text: str) -> dict[str, str]:
    return {"base64": text}


@pytest.mark.parametrize(
    ("entry", "name", "value"),
    [
        (tiff.text(0x010F, b"Example"), "Make", "Example"),
        (tiff.text(0x010F, b""), "Make", ""),
        (tiff.text(0x010F, b"Example\0\0\0"), "Make", "Example"),
        (tiff.text(0x013B, "Zoë 日本".encode()), "Artist", "Zoë 日本"),
        (tiff.text(0x8298, "© 2026".encode("latin-1")), "Copyright", "© 2026"),
        (tiff.text(0x8298, b"photographer\0editor"), "Copyright", ["photographer", "editor"]),
        (tiff.text(0x013B, b"\xed\xa0\x80"), "Artist", "\xed\xa0\x80"),
        ((0x013B, 129, 8, "Zoë ✓".encode()), "Artist", "Zoë ✓"),
        ((0x0106, 3, 1, b"\2\0"), "PhotometricInterpretation", 2),
        ((0x0102, 3, 3, b"\x08\0\x08\0\x08\0"), "BitsPerSample", [8, 8, 8]),
        ((0x8827, 3, 2, b"\x90\1\x20\3"), "ISOSpeedRatings", [400, 800]),
        ((0x0100, 4, 1, b"\xff\xff\xff\xff"), "ImageWidth", 4294967295),
        ((0x829A, 5, 1, rationals((1, 200))), "ExposureTime", 0.005),
        ((0x011A, 5, 1, rationals((144, 2))), "XResolution", 72),
        ((0x920A, 5, 1, rationals((1, 0))), "FocalLength", None),
        (
            (0xA432, 5, 4, rationals((24, 1), (70, 1), (28, 10), (0, 0))),
            "LensSpecification",
            [24, 70, 2.8, None],
        ),
        ((0x9204, 10, 1, rationals((-1, 3), kind="l")), "ExposureBiasValue", -1 / 3),
        ((0x9201, 10, 1, rationals((6, -3), kind="l")), "ShutterSpeedValue", -2),
        ((0x9999, 6, 2, b"\xff\1"), "0x9999", [-1, 1]),
        ((0x9999, 8, 1, b"\xfe\xff"), "0x9999", -2),
        ((0x9999, 9, 1, b"\xfe\xff\xff\xff"), "0x9999", -2),
        ((0x9999, 11, 1, struct.pack("<f", 0.5)), "0x9999", 0.5),
        ((0x9999, 11, 1, struct.pack("<f", float("nan"))), "0x9999", None),
        ((0x9999, 12, 2, struct.pack("<2d", float("inf"), -1e300)), "0x9999", [None, -1e300]),
        ((0x9999, 3, 0, b""), "0x9999", None),
        ((0xC612, 1, 4, b"\1\4\0\0"), "DNGVersion", [1, 4, 0, 0]),
        ((0x02BC, 1, 2 * len(samples.XMP), 2 * samples.XMP), "XMLPacket", 2 * samples.XMP.decode()),
        ((0x8649, 1, 66, bytes(66)), "ImageResources", base64("A" * 88)),
        ((0x9000, 7, 4, b"0232"), "ExifVersion", "0232"),
        ((0x9101, 7, 4, b"\1\2\3\0"), "ComponentsConfiguration", base64("AQIDAA==")),
        ((0xA300, 7, 1, b"\3"), "FileSource", 3),
        ((0x927C, 7, 8, b"AOC\0\xff\0\1\2"), "MakerNote", base64("QU9DAP8AAQI=")),
        ((0x9286, 7, 16, b"ASCII\0\0\0a note\0\0"), "UserComment", "a note"),
        ((0x9286, 7, 14, b"UNICODE\0" + "né!".encode("utf-16-le")), "UserComment", "né!"),
        ((0x9286, 7, 15, b"UNICODE\0" + "né!日".encode()), "UserComment", "né!日"),
        ((0x9286, 7, 12, b"UNICODE\0" + "日本".encode("utf-16-le")), "UserComment", "日本"),
        ((0x9286, 7, 10, b"UNICODE\0\0\xd8"), "UserComment", base64("ANg=")),
        ((0x9286, 7, 10, bytes(8) + b"hm"), "UserComment", base64("AAAAAAAAAABobQ==")),
        ((0x9286, 7, 7, b"no code"), "UserComment", "no code"),
        ((0x9C9B, 1, 12, "Titel\0".encode("utf-16-le")), "XPTitle", "Titel"),
        ((0x9C9B, 1, 3, b"a\0b"), "XPTitle", base64("YQBi")),
    ],
)
def test_a_value_of_each_kind(entry: tiff.Entry, name: str, value: Json) -> None:
    assert read_exif(in_jpeg(tiff.block([entry]))) == {"0th": {name: value}}


@pytest.mark.parametrize("byte_order", ["<", ">"])
def test_every_section_has_its_names(byte_order: str) -> None:
    def number(tag: int, value: int) -> tiff.Entry:
        return tag, tiff.SHORT, 1, struct.pack(f"{byte_order}H", value)

    comment = b"UNICODE\0" + "né".encode("utf-16-le" if byte_order == "<" else "utf-16-be")
    block = tiff.block(
        [number(0x0112, 6)],
        exif=[number(0xA001, 1), (0x9286, tiff.UNDEFINED, len(comment), comment)],
        gps=[tiff.text(0x0001, b"N"), number(0x001E, 1), (0x001B, tiff.UNDEFINED, 11, b"ASCII\0\0\0GPS")],
        interop=[tiff.text(0x0001, b"R98"), (0x0002, tiff.UNDEFINED, 4, b"0100")],
        first=[number(0x0103, 6)],
        thumbnail=bytes(500),
        byte_order=byte_order,
    )

    assert read_exif(in_jpeg(block)) == {
        "0th": {"Orientation": 6},
        "Exif": {"ColorSpace": 1, "UserComment": "né"},
        "GPS": {"GPSLatitudeRef": "N", "GPSDifferential": 1, "GPSProcessingMethod": "GPS"},
        "Interop": {"InteropIndex": "R98", "InteropVersion": "0100"},
        "1st": {"Compression": 6, "JpegIFOffset": 8, "JpegIFByteCount": 500},
    }


def test_two_tags_of_one_name_are_both_returned() -> None:
    block = tiff.block([(0x828E, 1, 2, b"\0\1"), (0xA302, 1, 2, b"\2\3")])
    assert read_exif(in_jpeg(block)) == {"0th": {"CFAPattern": [0, 1], "CFAPattern (0xA302)": [2, 3]}}


WEBP = samples.file_of(samples.sample_image(), "WEBP")[12:]
BLOCK = tiff.block([tiff.text(0x010F, b"Example"), tiff.orientation(8)])
RAW_PROFILE = f"\nexif\n{len(BLOCK) + 6:8}\n".encode() + (b"Exif\0\0" + BLOCK).hex("\n", 36).encode() + b"\n"


@pytest.mark.parametrize(
    ("data", "orientation"),
    [
        pytest.param(in_jpeg(BLOCK), 8, id="jpeg"),
        pytest.param(in_png(samples.chunk(b"eXIf", 2 * b"Exif\0\0" + BLOCK)), 8, id="png-with-two-codes"),
        pytest.param(in_png(samples.chunk(b"eXIf", BLOCK)), 8, id="png"),
        pytest.param(in_png(samples.chunk(b"eXIf", b"Exif\0\0" + BLOCK)), 8, id="png-with-code"),
        pytest.param(
            in_png(samples.chunk(b"tEXt", b"Raw profile type exif\0" + RAW_PROFILE)), 1, id="png-text"
        ),
        pytest.param(
            in_png(samples.chunk(b"zTXt", b"Raw profile type APP1\0\0" + zlib.compress(RAW_PROFILE))),
            1,
            id="png-compressed-text",
        ),
        pytest.param(in_webp(BLOCK), 8, id="webp"),
        pytest.param(in_webp(b"Exif\0\0" + BLOCK), 8, id="webp-with-code"),
        pytest.param(
            samples.webp_file([WEBP, samples.riff(b"EXIF", BLOCK)]), 1, id="webp-without-announcement"
        ),
    ],
)
def test_exif_is_read_from_every_place_but_orientation_only_where_viewers_look(
    data: bytes, orientation: int
) -> None:
    assert read_exif(data) == {"0th": {"Make": "Example", "Orientation": 8}}
    assert clean(data).orientation == orientation
    assert (BLOCK in Image.open(BytesIO(data)).info.get("exif", b"")) == (orientation == 8)


def test_a_block_behind_the_pixels_of_a_png_counts() -> None:
    *before, end = samples.split_png(in_png())
    data = b"".join([*before, samples.chunk(b"eXIf", BLOCK), end])
    assert clean(data).orientation == 8


def test_a_block_may_continue_in_the_next_segment() -> None:
    note = bytes(range(256)) * 300
    block = tiff.block([tiff.orientation(3)], exif=[(0x927C, tiff.UNDEFINED, len(note), note)])
    start, *rest = samples.split_jpeg(samples.file_of(samples.sample_image(), "JPEG"))
    parts = [samples.segment(0xE1, b"Exif\0\0" + block[at : at + 65_000]) for at in (0, 65_000)]
    data = b"".join([start, *parts, *rest])

    exif: Any = read_exif(data)
    assert exif["0th"] == {"Orientation": 3}
    assert len(exif["Exif"]["MakerNote"]["base64"]) == len(note) * 4 / 3
    assert clean(data).orientation == 3


@pytest.mark.parametrize(
    "entry",
    [
        *(tiff.orientation(value) for value in (0, 9, 65_535)),
        tiff.text(0x0112, b"\6"),
        (0x0112, tiff.BYTE, 1, b"\6"),
        (0x0112, tiff.RATIONAL, 1, rationals((6, 1))),
        (0x0112, tiff.SHORT, 0, b""),
    ],
)
def test_invalid_orientations_are_upright(entry: tiff.Entry) -> None:
    assert clean(in_jpeg(tiff.block([entry]))).orientation == 1


@pytest.mark.parametrize("name", ["cat.jpg", "cat.gif", "cat.bmp", "logo-palette.png", "cat.webp"])
def test_without_exif_the_result_is_empty(name: str) -> None:
    assert read_exif(read(name)) == {}


@pytest.mark.parametrize("sample", WHOLE_SAMPLES)
def test_pillow_reads_the_same_from_the_samples(sample: str) -> None:
    image = Image.open(BytesIO(read(sample)))
    theirs = image.getexif()
    if image.format == "AVIF":
        theirs.pop(ExifTags.Base.Orientation, None)  # Pillow makes it of the transforms in the container.
    sections = {
        "0th": theirs,
        "Exif": theirs.get_ifd(ExifTags.IFD.Exif),
        "GPS": theirs.get_ifd(ExifTags.IFD.GPSInfo),
        "Interop": theirs.get_ifd(ExifTags.IFD.Interop),
        "1st": theirs.get_ifd(ExifTags.IFD.IFD1),
    }
    pointers = set(ExifTags.IFD)
    assert comparable(read_exif(read(sample))) == {
        section: {
            (ExifTags.GPSTAGS if section == "GPS" else ExifTags.TAGS)[tag]: comparable(value)
            for tag, value in fields.items()
            if tag not in pointers
        }
        for section, fields in sections.items()
        if fields
    }


def comparable(value: Any) -> Any:
    """The value, ours or Pillow's: bytes as bytes, numbers with some tolerance."""
    match value:
        case {"base64": text}:
            return b64decode(text)
        case dict():
            return {key: comparable(part) for key, part in value.items()}
        case tuple() | list():
            return [comparable(part) for part in value]
        case str():
            return value.encode()
        case bytes():
            return value
    return pytest.approx(float(value))


MAKE = tiff.text(0x010F, b"Example")
BROKEN = {
    "no-tiff": (b"II*\1" + BLOCK[4:], {}),
    "big-tiff": (b"II+\0\x08\0\0\0" + BLOCK[8:], {}),
    "empty": (b"", {}),
    "header-alone": (b"II*\0\x08\0\0\0", {}),
    "directory-behind-the-end": (b"II*\0\xff\xff\xff\xff" + BLOCK[8:], {}),
    "directory-in-the-header": (b"II*\0\0\0\0\0", {}),
    "half-a-directory": (
        b"II*\0\x08\0\0\0\xff\xff" + tiff.block([tiff.orientation(6)])[10:],
        {"0th": {"Orientation": 6}},
    ),
    "value-behind-the-end": (
        tiff.block([(0x0110, tiff.ASCII, 99, b"value"), MAKE]),
        {"0th": {"Make": "Example"}},
    ),
    "endless-value": (
        tiff.block([(0x0110, tiff.RATIONAL, 2**32 - 1, bytes(8)), MAKE]),
        {"0th": {"Make": "Example"}},
    ),
    "unknown-type": (tiff.block([(0x0110, 99, 1, bytes(4)), MAKE]), {"0th": {"Make": "Example"}}),
    "twice": (tiff.block([MAKE, tiff.text(0x010F, b"Another")]), {"0th": {"Make": "Example"}}),
    "pointer-to-itself": (
        tiff.block([tiff.long(tiff.EXIF, 8), MAKE]),
        {"0th": {"Make": "Example"}, "Exif": {"Make": "Example"}},
    ),
    "pointer-of-text": (tiff.block([tiff.text(tiff.EXIF, b"there"), MAKE]), {"0th": {"Make": "Example"}}),
    "pointer-behind-the-end": (
        tiff.block([tiff.long(tiff.GPS, 2**32 - 1), MAKE]),
        {"0th": {"Make": "Example"}},
    ),
    "next-is-itself": (
        b"II*\0\x08\0\0\0" + tiff.directory([MAKE], 8, next_at=8),
        {"0th": {"Make": "Example"}, "1st": {"Make": "Example"}},
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_valid_part_of_a_broken_block_is_read(name: str) -> None:
    block, expected = BROKEN[name]
    assert read_exif(in_png(samples.chunk(b"eXIf", block))) == expected
    assert clean(in_png(samples.chunk(b"eXIf", block))).orientation in {1, 6}


@pytest.mark.parametrize(
    "text", [b"\nexif\n 4\nzz", b"\nexif\n 4\nabc", b"\nexif\n", b"", "\nexif\n4\n日".encode()]
)
def test_a_broken_raw_profile_is_ignored(text: bytes) -> None:
    assert read_exif(in_png(samples.chunk(b"tEXt", b"Raw profile type exif\0" + text))) == {}
    assert read_exif(in_png(samples.chunk(b"zTXt", b"Raw profile type exif\0\0" + text))) == {}


def test_only_the_first_raw_profile_is_read() -> None:
    names = [b"Raw profile type exif\0", b"Raw profile type APP1\0"]
    assert read_exif(
        in_png(samples.chunk(b"tEXt", b"Author\0"), samples.chunk(b"tEXt", names[1] + RAW_PROFILE))
    )
    for name in names:
        broken = samples.chunk(b"tEXt", name + b"not one")
        assert (
            read_exif(in_png(broken, *(samples.chunk(b"tEXt", each + RAW_PROFILE) for each in names))) == {}
        )


def test_a_truncated_raw_profile_is_ignored() -> None:
    stream = zlib.compress(RAW_PROFILE)
    data = in_png(samples.chunk(b"zTXt", b"Raw profile type exif\0\0" + stream[:-4]))
    assert read_exif(data) == {}


def overlapping(entries: int, length: int) -> bytes:
    """Tags with overlapping values, each the same `length` bytes."""
    table = b"".join(struct.pack("<HHLL", tag, tiff.SHORT, length // 2, 8) for tag in range(entries))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", entries) + table + bytes(4) + b"\xff" * length


def one_in_another(entries: int) -> bytes:
    """As many tags, in one directory that is all the sections."""
    pointers = [tiff.long(tag, 8) for tag in (tiff.EXIF, tiff.GPS, tiff.INTEROP)]
    tags = [(tag, tiff.ASCII, 4, b"\1\2\3\4") for tag in range(1, entries)]
    return b"II*\0\x08\0\0\0" + tiff.directory([*pointers, *tags], 8, next_at=8)


# Made by the tests: each worker of pytest-xdist imports this module and would keep the 100 MB to its end.
@pytest.mark.parametrize(
    "make_block",
    [
        pytest.param(partial(overlapping, 50, 400_000), id="values-over-each-other"),
        pytest.param(partial(overlapping, 65_535, 400_000), id="many-values-over-each-other"),
        pytest.param(partial(overlapping, 1, 20_000_000), id="one-long-value"),
        pytest.param(partial(one_in_another, 34_000), id="directories-over-each-other"),
        pytest.param(lambda: tiff.block([tiff.text(0x010F, b"\1" * 20_000_000)]), id="one-long-text"),
    ],
)
def test_a_block_with_overlapping_values_gives_a_small_result(make_block: Callable[[], bytes]) -> None:
    block = make_block()
    data = in_png(samples.chunk(b"eXIf", block))
    tracemalloc.start()
    try:
        text = json.dumps(read_exif(data), allow_nan=False)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(text) < 2_500_000
    assert peak_bytes < 2 * len(block) + 50_000_000


def test_a_compressed_bomb_is_not_read() -> None:
    bomb = zlib.compress(b"\nexif\n99\n" + b"00" * 50_000_000)
    data = in_png(samples.chunk(b"zTXt", b"Raw profile type exif\0\0" + bomb))
    tracemalloc.start()
    try:
        assert read_exif(data) == {}
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("data", [b"", b"text", BLOCK, in_jpeg(BLOCK)[:-1], in_png()[:-1]])
def test_files_that_are_no_image_are_refused(data: bytes) -> None:
    with pytest.raises(NotAnImage):
        read_exif(data)


def test_truncated_exif_data_are_ignored() -> None:
    assert read_exif(in_webp(BLOCK)[:-1]) == {}
