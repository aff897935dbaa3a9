"""The chunks of a WebP."""

import struct

import pytest
from image_format import NotAnImage
from image_format.webp import chunks, chunks_of_frame, dimensions, end_of


def riff(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def file(*pieces: bytes) -> bytes:
    return riff(b"RIFF", b"WEBP" + b"".join(pieces))


ODD, EVEN = riff(b"EXIF", b"abc"), riff(b"VP8 ", b"abcdef")


def test_chunks_are_yielded_up_to_the_length_in_the_header() -> None:
    data = file(ODD, EVEN)
    found = list(chunks(data + EVEN))
    assert [(each.name, bytes(each.body), each.complete) for each in found] == [
        (b"EXIF", b"abc", True),
        (b"VP8 ", b"abcdef", True),
    ]
    assert [each.end for each in found] == [12 + len(ODD), len(data)]
    assert end_of(data + EVEN) == len(data)


def test_a_truncated_chunk_is_not_complete() -> None:
    data = file(EVEN)
    for missing in range(1, 7):
        (found,) = chunks(data[:-missing])
        assert (found.complete, bytes(found.body), found.end) == (False, b"abcdef"[:-missing], len(data))
    for missing in range(7, 16):
        assert list(chunks(data[:-missing])) == []


def test_padding_may_be_missing() -> None:
    (found,) = chunks(file(ODD)[:-1])
    assert (found.complete, found.end) == (True, 12 + len(ODD))


def test_the_chunks_of_a_frame_follow_its_header() -> None:
    body = memoryview(bytes(16) + ODD + EVEN)
    assert [each.name for each in chunks_of_frame(body)] == [b"EXIF", b"VP8 "]
    with pytest.raises(NotAnImage, match="too many"):
        list(chunks_of_frame(body, 1))


def test_dimensions() -> None:
    extended = file(
        riff(b"VP8X", bytes(4) + (70_000 - 1).to_bytes(3, "little") + (9 - 1).to_bytes(3, "little"))
    )
    lossless = file(riff(b"VP8L", b"\x2f" + struct.pack("<I", (9 - 1) << 14 | (16_383 - 1))))
    lossy = file(riff(b"VP8 ", bytes(6) + struct.pack("<HH", 1 << 14 | 16_383, 9)))
    assert [dimensions(data) for data in (extended, lossless, lossy)] == [
        (70_000, 9),
        (16_383, 9),
        (16_383, 9),
    ]
    for data in (extended, lossless, lossy):
        with pytest.raises(NotAnImage):
            dimensions(data[:24])
