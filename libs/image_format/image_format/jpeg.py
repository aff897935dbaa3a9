"""The segments of a JPEG, by the rules of ITU-T T.81, annex B."""

import re
import struct
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import NamedTuple

from image_format.errors import NotAnImage
from image_format.pieces import MAX_PIECES, bounded
from image_format.tiff import EXIF_PREFIX

SOI, END = b"\xff\xd8", b"\xff\xd9"

ICC_START = b"ICC_PROFILE\0"
# JFIF 1.02, and ITU-T T.872, 6.5.3: decoders ignore shorter segments.
JFIF_BYTES, ADOBE_BYTES = 14, 12


class Marker(IntEnum):
    """Codes of T.81, table B.1."""

    DHT = 0xC4
    DAC = 0xCC
    EOI = 0xD9
    SOS = 0xDA
    DQT = 0xDB
    DNL = 0xDC
    DRI = 0xDD
    APP0 = 0xE0
    APP1 = 0xE1
    APP2 = 0xE2
    APP14 = 0xEE
    APP15 = 0xEF
    COM = 0xFE


FRAMES = frozenset({*range(0xC0, 0xD0)} - {Marker.DHT, 0xC8, Marker.DAC})
"""Headers of frames. C8 is reserved."""
HIERARCHICAL_FRAMES = frozenset({0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF})
"""Headers of frames that no decoder in use supports."""
PROGRESSIVE_FRAMES = frozenset({0xC2, 0xCA})
APPLICATIONS = frozenset({*range(Marker.APP0, Marker.APP15 + 1)})
TABLES = frozenset({Marker.DHT, Marker.DAC, Marker.DQT, Marker.DNL, Marker.DRI})

# Codes without a length: TEM, restart markers, SOI and EOI (B.1.1.3).
_STANDALONE = frozenset({0x01, *range(0xD0, 0xDA)})
# Between segments: any number of 0xFF, then a code that is neither 0x00 nor 0xFF (B.1.1.2, B.1.1.5).
_MARKER = re.compile(rb"\xff[\x01-\xfe]")
# Within coded data 0xFF 0x00 is a stuffed byte (B.1.1.5), and restart markers belong to the scan (B.2.1).
_END_OF_SCAN = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")
_LENGTH_BYTES = 2


class Segment(NamedTuple):
    """A marker segment, or a marker that stands alone.

    Attributes:
        marker: the code, without 0xFF.
        start: offset in the file.
        length: length that the file states, including the two bytes of the length itself.
        body: the bytes behind the length.
        whole: all bytes of the segment that the file has, and for a scan also its coded data.
        complete: False if the file ends within marker, length and body.
    """

    marker: int
    start: int
    length: int
    body: memoryview
    whole: memoryview
    complete: bool

    @property
    def standalone(self) -> bool:
        """True for a marker without a length."""
        return self.marker in _STANDALONE

    @property
    def is_jfif(self) -> bool:
        """True for the segment that makes the colours YCbCr, and that holds the density."""
        return self._is(Marker.APP0, b"JFIF\0", JFIF_BYTES)

    @property
    def is_adobe(self) -> bool:
        """True for the segment with the colour transform."""
        return self._is(Marker.APP14, b"Adobe", ADOBE_BYTES)

    @property
    def exif(self) -> bytes:
        """A part of the EXIF data, which several segments may share; empty for other segments."""
        return bytes(self.body[len(EXIF_PREFIX) :]) if self._is(Marker.APP1, EXIF_PREFIX) else b""

    @property
    def icc_part(self) -> bytes:
        """The number of a part of the ICC profile, the number of all parts, each in one byte, and the part.

        Empty for other segments.
        """
        start = len(ICC_START)
        return bytes(self.body[start:]) if self._is(Marker.APP2, ICC_START, start + 2) else b""

    def _is(self, marker: Marker, start: bytes, min_bytes: int = 0) -> bool:
        return self.marker == marker and self.body[: len(start)] == start and len(self.body) >= min_bytes


def segments(data: bytes, max_segments: int = MAX_PIECES) -> Iterator[Segment]:
    """Yield the segments behind SOI up to and including the end marker, or up to the end of the file.

    Other bytes between segments are skipped, as in libjpeg.

    Args:
        data: the file.
        max_segments: maximum number of segments.

    Raises:
        NotAnImage: the file has more segments.
    """
    return bounded(_segments(data), max_segments)


def join_profile(parts: Mapping[int, bytes]) -> bytes:
    """Return the ICC profile of numbered parts; empty if a part is missing (ICC.1:2022, annex B.4).

    Args:
        parts: parts by number, from 1. The first byte of each is the number of all parts.
    """
    numbers = range(1, len(parts) + 1)
    if parts.keys() != {*numbers} or any(part[:1] != bytes((len(parts),)) for part in parts.values()):
        return b""
    return b"".join(parts[number][1:] for number in numbers)


def dimensions(data: bytes) -> tuple[int, int]:
    """Return width and height in pixels, as stored.

    Raises:
        NotAnImage: the file has no frame before its first scan.
    """
    for segment in segments(data):
        if segment.marker in FRAMES and len(segment.body) > 4:  # noqa: PLR2004 - precision, height, width
            height, width = struct.unpack_from(">HH", segment.body, 1)
            return width, height
        if segment.marker == Marker.SOS:
            break
    raise NotAnImage


def _segments(data: bytes) -> Iterator[Segment]:
    view = memoryview(data)
    at = len(SOI)
    while found := _MARKER.search(data, at):
        start, body_at = found.span()
        marker = found[0][1]
        if marker in _STANDALONE:
            at = body_at
            yield Segment(marker, start, length=0, body=view[at:at], whole=view[start:at], complete=True)
            if marker == Marker.EOI:
                return
            continue
        length = int.from_bytes(data[body_at : body_at + _LENGTH_BYTES])
        at = end = body_at + max(length, _LENGTH_BYTES)
        if marker == Marker.SOS:
            at = _end_of_scan(data, at)
        yield Segment(
            marker,
            start,
            length=length,
            body=view[body_at + _LENGTH_BYTES : end],
            whole=view[start:at],
            complete=end <= len(data),
        )


def _end_of_scan(data: bytes, at: int) -> int:
    found = _END_OF_SCAN.search(data, at)
    return found.start() if found else len(data)
