"""Directories of TIFF and EXIF blocks. Their values are tested as JSON, in the tests of image_metadata."""

import struct

import pytest
from image_format.tiff import EXIF_PREFIX, Directories, Type, read_orientation

from tools.fuzz import tiff

ORIENTATION = 0x0112


def block(*entries: bytes, order: str = "<") -> bytes:
    """A block with one directory, of finished entries."""
    start = b"II*\0" if order == "<" else b"MM\0*"
    return start + struct.pack(f"{order}LH", 8, len(entries)) + b"".join(entries) + bytes(4)


def entry(tag: int, kind: int, count: int, value: int, order: str = "<") -> bytes:
    letter = "HH" if kind == Type.SHORT and count == 1 else "L"
    return struct.pack(f"{order}HHL{letter}", tag, kind, count, *[value, 0][: len(letter)])


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("prefix", [b"", EXIF_PREFIX, EXIF_PREFIX * 2])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation(orientation: int, prefix: bytes, order: str) -> None:
    data = block(entry(0x0100, 4, 1, 99, order), entry(ORIENTATION, 3, 1, orientation, order), order=order)
    assert read_orientation(prefix + data) == orientation


@pytest.mark.parametrize(
    ("entries", "orientation"),
    [
        pytest.param([entry(ORIENTATION, 4, 1, 6)], 6, id="LONG"),
        pytest.param([entry(ORIENTATION, 3, 1, 0)], 1, id="too small"),
        pytest.param([entry(ORIENTATION, 3, 1, 9)], 1, id="too large"),
        pytest.param([entry(ORIENTATION, 2, 1, 6)], 1, id="a text"),
        pytest.param([entry(ORIENTATION, 3, 0, 6)], 1, id="no value"),
        pytest.param([entry(ORIENTATION, 3, 1, 3), entry(ORIENTATION, 3, 1, 6)], 3, id="repeated"),
        pytest.param([entry(ORIENTATION, 2, 1, 3), entry(ORIENTATION, 3, 1, 6)], 6, id="a text before"),
        pytest.param([entry(ORIENTATION, 3, 2**31, 12)], 3, id="a long list of which the first counts"),
        pytest.param([entry(ORIENTATION, 3, 3, 10**6)], 1, id="beyond the end"),
        pytest.param([entry(ORIENTATION, 3, 3, 25)], 1, id="half beyond the end"),
    ],
)
def test_odd_orientations(entries: list[bytes], orientation: int) -> None:
    assert read_orientation(block(*entries)) == orientation


@pytest.mark.parametrize(
    "data", [b"", b"Exif\0\0", b"II*\0", b"II*\0\xff\xff\xff\xff", b"II*\0\0\0\0\0", b"PK\3\4"]
)
def test_other_blocks_are_upright_and_empty(data: bytes) -> None:
    directories = Directories(data)
    assert read_orientation(data) == 1
    assert directories.read(directories.first()) == ({}, 0)


def test_a_truncated_block_gives_its_complete_entries() -> None:
    data = tiff.block([tiff.orientation(6), tiff.text(0x010F, b"Example"), tiff.text(0x0110, b"Another")])
    for length in range(len(data)):
        directories = Directories(data[:length])
        fields, _ = directories.read(directories.first())
        assert read_orientation(data[:length]) == (6 if ORIENTATION in fields else 1)


def test_all_reading_has_a_limit_though_values_overlap() -> None:
    data = block(*(entry(tag, 7, 60_000, 8) for tag in range(6_000)))
    directories = Directories(data)
    fields, _ = directories.read(directories.first())
    assert 60_000 < sum(len(field.raw) for field in fields.values()) < 512 * 1024
