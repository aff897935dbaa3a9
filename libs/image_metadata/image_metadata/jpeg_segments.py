"""A JPEG cut into its marker segments, by the rules of ITU-T T.81, annex B."""

import re
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from image_format import NotAnImage
from image_format.pieces import take

SOI, EOI = b"\xff\xd8", b"\xff\xd9"


class Marker(IntEnum):
    """The codes of T.81, table B.1, that are told apart here."""

    DHT = 0xC4
    DAC = 0xCC
    SOS = 0xDA
    DQT = 0xDB
    DNL = 0xDC
    DRI = 0xDD
    APP0 = 0xE0
    APP1 = 0xE1
    APP2 = 0xE2
    APP14 = 0xEE
    COM = 0xFE


# Sequential, progressive and lossless frames. The hierarchical ones (C5 to C7, CD to CF) no decoder shows.
FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA, 0xCB})
PICTURE = FRAMES | {Marker.DHT, Marker.DAC, Marker.SOS, Marker.DQT, Marker.DNL, Marker.DRI}
_KNOWN = PICTURE | {Marker.COM, *range(0xE0, 0xF0)}

# Between segments: any number of 0xFF, then a code that is neither 0x00 nor 0xFF (B.1.1.2, B.1.1.5).
_MARKER = re.compile(rb"\xff[\x01-\xfe]")
# Within coded data 0xFF 0x00 is a stuffed byte (B.1.1.5), and restart markers belong to the scan (B.2.1).
_END_OF_SCAN = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")

# The figures of annex B, without the two bytes of the length.
_FRAME_BYTES, _FRAME_COMPONENT_BYTES = 6, 3
_SCAN_BYTES, _SCAN_COMPONENT_BYTES = 4, 2
_NUMBER_BYTES = 2
# Of tables for arithmetic coding: four for DC, four for AC.
_CONDITIONED = frozenset({*range(0x04), *range(0x10, 0x14)})
_LENGTH_BYTES = 2


class Segment(NamedTuple):
    """A marker segment.

    Attributes:
        marker: its code, without 0xFF.
        body: what follows its length.
        whole: all of it as it stands, in a scan with the coded data.
    """

    marker: int
    body: memoryview
    whole: memoryview


def segments(data: bytes) -> Iterator[Segment]:
    """Every segment between the start of the image and its end marker.

    What lies between two segments is skipped, as libjpeg skips it. What lies behind the end is not read.

    Raises:
        NotAnImage: a code that has no business there, a segment that is not as long as it should be, no end.
    """
    view = memoryview(data)
    at = len(SOI)
    while found := _MARKER.search(data, at):
        start, at = found.span()
        if found[0] == EOI:
            return
        length = int.from_bytes(take(view, at, _LENGTH_BYTES))
        marker = found[0][1]
        if marker not in _KNOWN:
            raise NotAnImage("The JPEG picture is damaged.")
        body = take(view, at + _LENGTH_BYTES, length - _LENGTH_BYTES)
        _check(marker, body)
        at += length
        if marker == Marker.SOS:
            at = _end_of_scan(data, at)
        yield Segment(marker=marker, body=body, whole=view[start:at])
    raise NotAnImage("The JPEG picture is incomplete.")


def _end_of_scan(data: bytes, at: int) -> int:
    found = _END_OF_SCAN.search(data, at)
    if not found:
        raise NotAnImage("The JPEG picture is incomplete.")
    return found.start()


def _check(marker: int, body: memoryview) -> None:
    """Refuse tables and headers that are longer or shorter than they say, as libjpeg does."""
    if marker not in PICTURE:
        return
    match marker:
        case Marker.SOS:  # B.2.3
            fits = len(body) > 0 and len(body) == _SCAN_BYTES + _SCAN_COMPONENT_BYTES * body[0]
        case Marker.DQT:  # B.2.4.1
            fits = _quantization_bytes(body) == len(body)
        case Marker.DHT:  # B.2.4.2
            fits = _huffman_bytes(body) == len(body)
        case Marker.DAC:  # B.2.4.3: destinations, and a value for each
            destinations = set(body[::2])
            fits = len(body) == 2 * len(destinations) and destinations <= _CONDITIONED
        case Marker.DRI | Marker.DNL:  # B.2.4.4, B.2.5
            fits = len(body) == _NUMBER_BYTES
        case _:  # a frame: B.2.2
            components = body[_FRAME_BYTES - 1] if len(body) >= _FRAME_BYTES else 0
            fits = components > 0 and len(body) == _FRAME_BYTES + _FRAME_COMPONENT_BYTES * components
    if not fits:
        raise NotAnImage("The JPEG picture is damaged.")


def _quantization_bytes(body: memoryview) -> int:
    at = 0
    while at < len(body):
        at += 1 + (128 if body[at] >> 4 else 64)
    return at


def _huffman_bytes(body: memoryview) -> int:
    at = 0
    while at < len(body):
        at += 17 + sum(body[at + 1 : at + 17])
    return at
