"""The segments of a JPEG."""

import struct

import pytest
from image_format import NotAnImage
from image_format.jpeg import Marker, Segment, dimensions, join_profile, segments

SOI, EOI = b"\xff\xd8", b"\xff\xd9"


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


FRAME = segment(0xC0, struct.pack(">BHHB", 8, 4, 5, 1) + b"\1\x11\0")
SCAN = segment(0xDA, b"\1\1\0\0\x3f\0") + b"coded\xff\0data\xff\xd3more\xff\x01"
COMMENT = segment(0xFE, b"text")


def only(data: bytes) -> Segment:
    (found,) = segments(SOI + data)
    return found


def test_segments_are_yielded_up_to_the_end_marker() -> None:
    pieces = [FRAME, COMMENT, SCAN, COMMENT, SCAN, EOI]
    found = list(segments(SOI + b"".join(pieces) + COMMENT))
    assert [bytes(each.whole) for each in found] == pieces
    assert [each.marker for each in found] == [0xC0, 0xFE, 0xDA, 0xFE, 0xDA, Marker.EOI]
    assert bytes(found[1].body) == b"text"
    assert all(each.complete for each in found)


def test_bytes_between_segments_are_skipped() -> None:
    found = [bytes(each.whole) for each in segments(SOI + b"noise\xff\0" + FRAME + b"\xff\xff" + EOI)]
    assert found == [FRAME, EOI]


def test_markers_that_stand_alone() -> None:
    found = list(segments(SOI + b"\xff\x01\xff\xd0" + SOI + EOI))
    assert [(each.marker, each.standalone) for each in found] == [
        (marker, True) for marker in (0x01, 0xD0, 0xD8, 0xD9)
    ]


def test_a_truncated_segment_is_not_complete() -> None:
    for length in range(2, len(COMMENT)):
        found = only(COMMENT[:length])
        assert (found.complete, bytes(found.whole)) == (False, COMMENT[:length])


@pytest.mark.parametrize("length", [0, 1])
def test_an_invalid_length_counts_as_the_shortest(length: int) -> None:
    first, second = segments(SOI + b"\xff\xfe" + struct.pack(">H", length) + COMMENT)
    assert (first.length, bytes(first.body), first.complete) == (length, b"", True)
    assert second.whole == COMMENT


def test_too_many_segments() -> None:
    data = SOI + segment(0xFE, b"") * 11
    assert len(list(segments(data, 11))) == 11
    with pytest.raises(NotAnImage, match="too many"):
        list(segments(data, 10))


def test_application_segments() -> None:
    assert only(segment(0xE1, b"Exif\0\0II*\0")).exif == b"II*\0"
    assert only(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0")).exif == b""
    assert only(segment(0xE2, b"ICC_PROFILE\0\1\2part")).icc_part == b"\1\2part"
    assert only(segment(0xE2, b"ICC_PROFILE\0\1")).icc_part == b""
    assert only(segment(0xE0, b"JFIF\0" + bytes(9))).is_jfif
    assert not only(segment(0xE0, b"JFIF\0" + bytes(8))).is_jfif
    assert only(segment(0xEE, b"Adobe" + bytes(7))).is_adobe
    assert not only(segment(0xEE, b"Adobe" + bytes(6))).is_adobe


@pytest.mark.parametrize(
    ("parts", "profile"),
    [
        ({1: b"\2first", 2: b"\2second"}, b"firstsecond"),
        ({2: b"\2second", 1: b"\2first"}, b"firstsecond"),
        ({1: b"\2first"}, b""),
        ({1: b"\2first", 3: b"\2third"}, b""),
        ({0: b"\1only"}, b""),
        ({1: b"\1only"}, b"only"),
        ({1: b"\2first", 2: b"\3second"}, b""),
        ({}, b""),
    ],
)
def test_parts_of_a_profile(parts: dict[int, bytes], profile: bytes) -> None:
    assert join_profile(parts) == profile


def test_dimensions() -> None:
    assert dimensions(SOI + COMMENT + FRAME + SCAN + EOI) == (5, 4)
    for data in (SOI, SOI + SCAN + FRAME + EOI, SOI + FRAME[:8], SOI + EOI + FRAME):
        with pytest.raises(NotAnImage):
            dimensions(data)
