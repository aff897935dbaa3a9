"""The chunks of a PNG."""

import struct
import zlib

import pytest
from image_format import NotAnImage
from image_format.png import SIGNATURE, chunk, chunks, dimensions, header_of, in_sequence, profile_stream

HEADER = chunk(b"IHDR", struct.pack(">IIBBBBB", 5, 4, 8, 3, 0, 0, 0))
TEXT, PIXELS, END = chunk(b"tEXt", b"a\0b"), chunk(b"IDAT", zlib.compress(bytes(24))), chunk(b"IEND", b"")


def test_chunks_are_yielded_up_to_the_end_of_the_image() -> None:
    pieces = [HEADER, TEXT, PIXELS, END]
    found = list(chunks(SIGNATURE + b"".join(pieces) + TEXT))
    assert [bytes(each.whole) for each in found] == pieces
    assert [each.name for each in found] == [b"IHDR", b"tEXt", b"IDAT", b"IEND"]
    assert [each.ancillary for each in found] == [False, True, False, False]
    assert all(each.complete and each.intact for each in found)


def test_a_truncated_chunk_is_not_complete() -> None:
    for length in range(8, len(TEXT)):
        (found,) = chunks(SIGNATURE + TEXT[:length])
        assert (found.complete, found.intact) == (False, False)
        assert found.body == b"a\0b"[: length - 8]
    for length in range(8):
        assert list(chunks(SIGNATURE + TEXT[:length])) == []


def test_a_wrong_checksum() -> None:
    (found,) = chunks(SIGNATURE + TEXT[:-1] + b"?")
    assert (found.complete, found.intact) == (True, False)


def test_too_many_chunks() -> None:
    with pytest.raises(NotAnImage, match="too many"):
        list(chunks(SIGNATURE + chunk(b"prVt", b"") * 100_001))


def test_the_header() -> None:
    header = header_of(SIGNATURE + HEADER)
    assert (header.width, header.height, header.colour_type) == (5, 4, 3)
    assert (header.has_palette, header.has_colour) == (True, True)
    assert dimensions(SIGNATURE + HEADER) == (5, 4)


@pytest.mark.parametrize("data", [b"", HEADER[:20], TEXT, chunk(b"IHDR", bytes(14))])
def test_without_a_header(data: bytes) -> None:
    with pytest.raises(NotAnImage):
        dimensions(SIGNATURE + data)


@pytest.mark.parametrize(
    ("colour_type", "fitting"), [(0, {2}), (2, {6}), (3, {1, 2, 3, 4, 5}), (4, set()), (6, set())]
)
def test_the_length_of_transparency(colour_type: int, fitting: set[int]) -> None:
    header = header_of(SIGNATURE + chunk(b"IHDR", bytes(9) + bytes([colour_type]) + bytes(3)))
    lengths = {length for length in range(9) if header.fits_transparency(memoryview(bytes(length)), 5)}
    assert lengths == fitting


@pytest.mark.parametrize(
    ("numbers", "valid"), [([0, 1, 2], True), ([0, 2], False), ([1, 2], False), ([0, 0], False)]
)
def test_the_sequence_of_frames(numbers: list[int], *, valid: bool) -> None:
    frames = [chunk(b"fcTL", number.to_bytes(4).ljust(26, b"\0")) for number in numbers]
    data = SIGNATURE + HEADER + b"".join(frames) + END
    if valid:
        assert list(in_sequence(chunks(data))) == list(chunks(data))
    else:
        with pytest.raises(NotAnImage):
            list(in_sequence(chunks(data)))


def test_the_stream_of_a_profile() -> None:
    assert profile_stream(b"name\0\0stream\0more") == b"stream\0more"
    assert [profile_stream(body) for body in (b"", b"name", b"name\0", b"name\0\1stream")] == [b""] * 4
