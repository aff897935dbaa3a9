"""JPEG: the segments that a decoder needs, and nothing else.

What follows the end marker goes: appended files, the further pictures of an MPO, gain maps. So do the
segments that point there (CIPA DC-007, ISO 21496-1).
"""

from collections.abc import Iterator

from image_format import NotAnImage
from image_format.icc import trim_profile
from image_format.pieces import Piece, bounded

from image_metadata.jpeg_segments import EOI, FRAMES, PICTURE, SOI, Marker, Segment, segments
from image_metadata.parts import Parts

_EXIF = b"Exif\0\0"
_ICC = b"ICC_PROFILE\0"
_ICC_HEADER_BYTES = len(_ICC) + 2
_ICC_PART_BYTES = 65_535 - 2 - _ICC_HEADER_BYTES
_JFIF_BYTES = 14
_ADOBE_BYTES = 12


def split(data: bytes) -> Parts:
    """Tell what decoding and colour need from the rest.

    Args:
        data: a file that begins as a JPEG.

    Raises:
        NotAnImage: it breaks the rules of T.81, annex B. A missing end marker does, too: many decoders would
            show such a picture, but nothing tells its last scan from whatever was appended to it.
    """
    header = _Header()
    picture: list[Piece] = []
    frames = scans = 0
    for segment in bounded(segments(data)):
        if segment.marker in PICTURE:
            picture.append(segment.whole)
            frames += segment.marker in FRAMES
            scans += segment.marker == Marker.SOS
            if scans and frames != 1:
                break
        elif not scans:  # a decoder settles the colours when the first scan begins
            header.read(segment)
    if not scans or frames != 1:
        raise NotAnImage("The JPEG file does not hold exactly one picture before its end.")
    return Parts(kept=[SOI, *header.segments(), *picture, EOI], exif=b"".join(header.exif))


class _Header:
    """What the application segments say about colour and density, and EXIF."""

    def __init__(self) -> None:
        self.jfif = b""
        self.adobe = b""
        self.icc: list[bytes] = []
        self.exif: list[bytes] = []

    def read(self, segment: Segment) -> None:
        body = bytes(segment.body)
        if segment.marker == Marker.APP0 and body.startswith(b"JFIF\0") and len(body) >= _JFIF_BYTES:
            # JFIF 1.02: it stays because it makes the colours YCbCr. Width and height 0 say: no thumbnail.
            self.jfif = self.jfif or body[:12] + b"\0\0"
        elif segment.marker == Marker.APP14 and body.startswith(b"Adobe") and len(body) >= _ADOBE_BYTES:
            # The colour transform (ITU-T T.872, 6.5.3). libjpeg believes the last one.
            self.adobe = body[:_ADOBE_BYTES]
        elif segment.marker == Marker.APP2 and body.startswith(_ICC) and len(body) >= _ICC_HEADER_BYTES:
            self.icc.append(body[len(_ICC) :])
        elif segment.marker == Marker.APP1 and body.startswith(_EXIF):
            # What one segment cannot hold continues in the next, as exiftool writes it.
            self.exif.append(body[len(_EXIF) :])

    def segments(self) -> Iterator[bytes]:
        if self.jfif:
            yield _segment(Marker.APP0, self.jfif)
        if self.adobe:
            yield _segment(Marker.APP14, self.adobe)
        profile = self._profile()
        parts = [profile[at : at + _ICC_PART_BYTES] for at in range(0, len(profile), _ICC_PART_BYTES)]
        for number, part in enumerate(parts, start=1):
            yield _segment(Marker.APP2, _ICC + bytes([number, len(parts)]) + part)

    def _profile(self) -> bytes:
        """The ICC profile. Its parts are numbered and come in any order (ICC.1:2022, annex B.4)."""
        numbered = {part[0]: part[2:] for part in self.icc}
        complete = [*range(1, len(self.icc) + 1)]
        if sorted(numbered) != complete or {part[1] for part in self.icc} - {len(self.icc)}:
            return b""
        return trim_profile(b"".join(numbered[number] for number in complete)) or b""


def _segment(marker: Marker, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2) + body
