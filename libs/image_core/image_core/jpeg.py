"""What is read of a JPEG before its decoder sees it (ITU-T T.81, annex B).

The decoder gets the segments that it needs for pixels. Pillow would keep all others, too, drop an ICC profile
that comes twice, and load EXIF and the index of an MPO with its TIFF reader: values may overlap there, and
grow to any size, and on the cold path the reader would have to be imported.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from image_core.errors import NotAnImage, TooManyScans

# A marker with which a segment begins: no stuffed 00, no filling FF, none that stands alone (B.1.1).
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
_EOI, _SOS, _APP0, _APP1, _APP2, _APP14, _APP15, _COMMENT = 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_PROGRESSIVE = frozenset({b"\xc2", b"\xca"})
# How they begin, and their length, below which libjpeg takes no notice of them.
_NEEDED = {_APP0: (b"JFIF\0", 14), _APP14: (b"Adobe", 12)}
_EXIF = b"Exif\0\0"
_ICC = b"ICC_PROFILE\0"

# Encoders write some ten segments, with large profiles and previews some hundred.
_MOST_SEGMENTS = 10_000
# Encoders write six to ten scans, optimisers up to some twenty. Each goes over all blocks of the picture, and
# may take a dozen bytes in the file. 100 scans over 65 megapixels take about three seconds.
_MOST_SCANS = 100


class JpegFile(NamedTuple):
    """A JPEG before it is decoded.

    Attributes:
        data: the file without segments that the decoder does not need.
        exif: the EXIF data, or nothing.
        icc_profile: the ICC profile, or nothing.
        scans: how often the decoder goes over the picture, if it is more than once. It then has to hold the
            coefficients of all of it, at whatever scale it decodes.
    """

    data: bytes
    exif: bytes
    icc_profile: bytes
    scans: int


def read(data: bytes) -> JpegFile:
    """Look at the segments before the first scan, and count the scans.

    Raises:
        NotAnImage: more segments than any encoder writes.
        TooManyScans
    """
    kept: list[bytes | memoryview] = [data[:2]]
    exif: list[bytes] = []
    profile: dict[int, bytes] = {}
    frame = b""
    for code, start, end in _segments(data, 2):
        segment = data[start:end]
        if code == _SOS:
            scans = _count_scans(data, end) if _goes_over_again(frame, segment) else 0
            kept.append(memoryview(data)[start:])
            return JpegFile(
                data=b"".join(kept), exif=b"".join(exif), icc_profile=_joined(profile), scans=scans
            )
        if code in _FRAMES:
            frame = segment
        if code == _APP1 and segment.startswith(_EXIF, 4):
            # What one segment cannot hold continues in the next.
            exif.append(segment[4 + len(_EXIF) :])
        if code == _APP2 and segment.startswith(_ICC, 4):
            # Some files have all parts twice.
            profile.setdefault(int.from_bytes(segment[16:17]), segment[17:])
        if _is_needed(code, segment):
            kept.append(segment)
    return JpegFile(data=data, exif=b"", icc_profile=b"", scans=0)  # The decoder will say what is wrong.


def _segments(data: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Code, start and end of each segment up to the end of the picture. Coded data are passed over."""
    for number in range(_MOST_SEGMENTS + 1):
        found = _MARKER.search(data, at)
        if not found or data[found.start() + 1] == _EOI:
            return
        if number == _MOST_SEGMENTS:
            raise NotAnImage("The picture is cut into too many pieces.")
        at = found.end() + max(2, int.from_bytes(data[found.end() : found.end() + 2]))
        yield data[found.start() + 1], found.start(), at


def _joined(parts: dict[int, bytes]) -> bytes:
    """Return the ICC profile of numbered parts, if all are there; each begins with how many there are.

    Source: ICC.1:2022, annex B.4.
    """
    if any(part[:1] != bytes((len(parts),)) for part in parts.values()):
        return b""
    return b"".join(part[1:] for _, part in sorted(parts.items()))


def _is_needed(code: int, segment: bytes) -> bool:
    if code in _NEEDED:
        beginning, length = _NEEDED[code]
        return segment.startswith(beginning, 4) and len(segment) >= 4 + length
    return not (_APP0 <= code <= _APP15 or code == _COMMENT)


def _goes_over_again(frame: bytes, scan: bytes) -> bool:
    """Whether the first scan is not all: of a progressive frame, or of one component among several."""
    return frame[1:2] in _PROGRESSIVE or frame[9:10] > scan[4:5]


def _count_scans(data: bytes, at: int) -> int:
    scans = 1
    for code, _, _ in _segments(data, at):
        scans += code == _SOS
        if scans > _MOST_SCANS:
            raise TooManyScans(f"The picture has more than {_MOST_SCANS} scans.")
    return scans
