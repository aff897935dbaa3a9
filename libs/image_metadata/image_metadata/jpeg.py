"""JPEG: the segments that a decoder needs, and nothing else.

Everything behind the end marker is dropped: appended files, the further images of an MPO, gain maps. So are
the segments that refer to these (CIPA DC-007, ISO 21496-1). Sections are those of ITU-T T.81, annex B.
"""

import re
from collections.abc import Iterator

from image_format import NotAnImage, jpeg
from image_format.icc import trim_profile
from image_format.jpeg import Marker, Segment

from image_metadata.parts import Parts

_FRAMES = jpeg.FRAMES - jpeg.HIERARCHICAL_FRAMES
_IMAGE = _FRAMES | jpeg.TABLES | {Marker.SOS}
_KNOWN = _IMAGE | jpeg.APPLICATIONS | {Marker.COM}
# Decoders end a scan at this marker (TEM), which no encoder writes into a file.
_TEMPORARY = re.compile(rb"\xff\x01")

# Lengths in bytes by the figures of annex B, without the two bytes of the length itself.
_FRAME_BYTES, _FRAME_COMPONENT_BYTES = 6, 3
_SCAN_BYTES, _SCAN_COMPONENT_BYTES = 4, 2
_NUMBER_BYTES, _LENGTH_BYTES = 2, 2
# Tables for arithmetic coding: four for DC, four for AC.
_CONDITIONED = frozenset({*range(0x04), *range(0x10, 0x14)})
_ICC_PART_BYTES = 65_535 - _LENGTH_BYTES - len(jpeg.ICC_START) - 2


def split(data: bytes) -> Parts:
    """Return the parts of a file that decoding and colour need, and the EXIF data apart from them.

    Args:
        data: a file that begins as a JPEG.

    Raises:
        NotAnImage: the file breaks the rules. A missing end marker is an error, too: many decoders would show
            the image, but nothing separates its last scan from appended bytes.
    """
    header = _Header()
    image: list[bytes | memoryview] = []
    frames = scans = 0
    for segment in jpeg.segments(data):
        if segment.marker == Marker.EOI:
            break
        _check(segment)
        if segment.marker in _IMAGE:
            image.append(segment.whole)
            frames += segment.marker in _FRAMES
            scans += segment.marker == Marker.SOS
            if scans and frames != 1:
                raise NotAnImage
        elif not scans:  # decoders choose the colours when the first scan begins
            header.read(segment)
    else:  # no end marker
        raise NotAnImage
    if not scans:
        raise NotAnImage
    return Parts(kept=[jpeg.SOI, *header.segments(), *image, jpeg.END], exif=b"".join(header.exif))


class _Header:
    """The application segments for colour and density, and EXIF."""

    def __init__(self) -> None:
        self.jfif = b""
        self.adobe = b""
        self.icc: list[bytes] = []
        self.exif: list[bytes] = []

    def read(self, segment: Segment) -> None:
        self.exif.append(segment.exif)
        if segment.is_jfif:
            # JFIF 1.02: width and height 0 mean that there is no thumbnail.
            self.jfif = self.jfif or bytes(segment.body[:12]) + b"\0\0"
        elif segment.is_adobe:
            self.adobe = bytes(segment.body[: jpeg.ADOBE_BYTES])  # libjpeg uses the last one
        elif part := segment.icc_part:
            self.icc.append(part)

    def segments(self) -> Iterator[bytes]:
        if self.jfif:
            yield _segment(Marker.APP0, self.jfif)
        if self.adobe:
            yield _segment(Marker.APP14, self.adobe)
        profile = self._profile()
        parts = [profile[at : at + _ICC_PART_BYTES] for at in range(0, len(profile), _ICC_PART_BYTES)]
        for number, part in enumerate(parts, start=1):
            yield _segment(Marker.APP2, jpeg.ICC_START + bytes([number, len(parts)]) + part)

    def _profile(self) -> bytes:
        """Return the ICC profile; empty if a part is repeated, because decoders disagree on such a file."""
        numbered = {part[0]: part[1:] for part in self.icc}
        if len(numbered) != len(self.icc):
            return b""
        return trim_profile(jpeg.join_profile(numbered)) or b""


def _segment(marker: Marker, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + _LENGTH_BYTES).to_bytes(_LENGTH_BYTES) + body


def _check(segment: Segment) -> None:
    """Refuse unknown markers, and tables and headers of a wrong length, as libjpeg does."""
    body = segment.body
    match segment.marker:
        case Marker.SOS:  # B.2.3
            fits = len(body) > 0 and len(body) == _SCAN_BYTES + _SCAN_COMPONENT_BYTES * body[0]
            fits = fits and not _TEMPORARY.search(segment.whole, _LENGTH_BYTES + segment.length)
        case Marker.DQT:  # B.2.4.1
            fits = _quantization_bytes(body) == len(body)
        case Marker.DHT:  # B.2.4.2
            fits = _huffman_bytes(body) == len(body)
        case Marker.DAC:  # B.2.4.3: destinations, and a value for each
            destinations = set(body[::2])
            fits = len(body) == 2 * len(destinations) and destinations <= _CONDITIONED
        case Marker.DRI | Marker.DNL:  # B.2.4.4, B.2.5
            fits = len(body) == _NUMBER_BYTES
        case marker if marker in _FRAMES:  # B.2.2
            components = body[_FRAME_BYTES - 1] if len(body) >= _FRAME_BYTES else 0
            fits = components > 0 and len(body) == _FRAME_BYTES + _FRAME_COMPONENT_BYTES * components
        case marker:
            fits = marker in _KNOWN
    if not fits or not segment.complete or segment.length < _LENGTH_BYTES:
        raise NotAnImage


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
