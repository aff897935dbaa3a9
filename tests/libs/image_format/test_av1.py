"""The units of an AV1 bitstream, of files by several encoders."""

from pathlib import Path

import pytest
from image_format import NotAnImage
from image_format.av1 import Kind, sequence_size, units
from image_format.avif_items import content, read_items

ENCODERS = Path(__file__).parents[1] / "encoders"


def bitstream(name: str) -> memoryview:
    data = (ENCODERS / name).read_bytes()
    items = read_items(data)
    return content(data, items.tiles(items.image)[0])


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("avifenc-animation.avif", (60, 40)),
        ("avifenc-grid-with-alpha.avif", (64, 64)),
        ("avifenc-turned-10-bit.avif", (192, 128)),
        ("libheif-thumbnail.avif", (192, 128)),
        ("sharp.avif", (192, 128)),
    ],
)
def test_the_size_of_the_sequence(name: str, size: tuple[int, int]) -> None:
    stream = bitstream(name)
    found = list(units(stream))
    headers = [each for each in found if each.kind == Kind.SEQUENCE_HEADER]
    assert [sequence_size(each.body) for each in headers] == [size] * len(headers)
    assert headers
    assert b"".join(bytes(each.header) + bytes(each.body) for each in found) == bytes(stream)


def test_a_header_with_every_field() -> None:
    bits = "00000"  # profile, still picture, reduced header
    bits += "1" + "1" * 64 + "1" + "00101"  # timing; a number of variable length with two zeros
    bits += "1" + "00011" + "1" * 42 + "1"  # decoder model: delays of 4 bits; display delay
    bits += "00001"  # two operating points
    bits += "1" * 12 + "01000" + "1" + "1" + "1" * 9 + "1" + "1010"  # with tier, delays and display delay
    bits += "1" * 12 + "00111" + "0" + "0"  # without them
    bits += "1001" + "0111" + f"{639:010b}" + f"{199:08b}"
    header = int(bits.ljust(-len(bits) // 8 * -8, "0"), 2).to_bytes(-(-len(bits) // 8))
    assert sequence_size(memoryview(header)) == (640, 200)
    for length in range(len(header) - 1):
        with pytest.raises(NotAnImage):
            sequence_size(memoryview(header[:length]))


def test_units_with_extension_and_without_length() -> None:
    stream = memoryview(b"\x16\x08\x02ab" + b"\x2a\x80\x00" + b"\x78cd")
    assert [(each.kind, each.start, bytes(each.header), bytes(each.body)) for each in units(stream)] == [
        (Kind.TEMPORAL_DELIMITER, 0, b"\x16\x08\x02", b"ab"),
        (Kind.METADATA, 5, b"\x2a\x80\x00", b""),
        (Kind.PADDING, 8, b"\x78", b"cd"),
    ]


@pytest.mark.parametrize(
    "stream",
    [b"\x0a\x03ab", b"\x0a", b"\x0a" + b"\x80" * 8 + b"\0", b"\x0e", b"\x12\0" * 10_001],
    ids=["truncated", "no length", "endless length", "no extension", "too many"],
)
def test_units_that_break_the_rules(stream: bytes) -> None:
    with pytest.raises(NotAnImage):
        list(units(memoryview(stream)))
