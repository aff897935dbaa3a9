"""The headers of a BMP."""

import struct

import pytest
from image_format import NotAnImage
from image_format.bmp import dimensions, embedded_profile, read_header


def file(header: bytes, behind: bytes = b"") -> bytes:
    return b"BM" + bytes(12) + header + behind


def info(size: int, height: int = 4) -> bytes:
    fields = struct.pack("<IiiHHIIIIII", size, 5, height, 1, 8, 1, 99, 0, 0, 16, 0)
    return fields.ljust(size, b"\0")


CORE = struct.pack("<IHHHH", 12, 5, 4, 1, 24)


def test_the_core_header() -> None:
    header = read_header(file(CORE))
    assert (header.width, header.height, header.depth, header.compression) == (5, 4, 24, 0)
    assert dimensions(file(CORE)) == (5, 4)


@pytest.mark.parametrize("size", [40, 52, 56, 64, 108, 124])
def test_larger_headers(size: int) -> None:
    header = read_header(file(info(size, height=-4), b"more"))
    assert header[1:] == (5, -4, 8, 1, 99, 16)
    assert len(header.whole) == size
    assert dimensions(file(info(size, height=-4))) == (5, 4)
    with pytest.raises(NotAnImage):
        read_header(file(info(size))[:-1])


@pytest.mark.parametrize("size", [0, 11, 41, 2**31])
def test_unknown_headers(size: int) -> None:
    with pytest.raises(NotAnImage):
        read_header(file(struct.pack("<I", size) + bytes(200)))


@pytest.mark.parametrize(
    ("colour_space", "length", "profile"),
    [(b"DEBM", 7, b"profile"), (b"DEBM", 99, b"profile, and more"), (b"KNIL", 7, b""), (b"BGRs", 7, b"")],
)
def test_an_embedded_profile(colour_space: bytes, length: int, profile: bytes) -> None:
    header = bytearray(info(124))
    header[56:60] = colour_space
    struct.pack_into("<II", header, 112, 124, length)
    assert embedded_profile(file(bytes(header), b"profile, and more")) == profile


def test_older_headers_have_no_profile() -> None:
    assert embedded_profile(file(CORE, bytes(200))) == b""
    assert embedded_profile(file(info(108), b"DEBM" * 40)) == b""
