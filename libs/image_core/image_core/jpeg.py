"""What is read of a JPEG before its decoder sees it (ITU-T T.81, annex B).

The decoder gets the segments that it needs for pixels. Pillow would keep all others, too, drop an ICC profile
that comes twice, and load EXIF and the index of an MPO with its TIFF reader: values may overlap there, and
grow to any size, and on the cold path the reader would have to be imported.

An image whose end marker is missing gets one. libjpeg fills up missing pixels without an error, so whether
any are missing has to be found out here.
"""

import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from image_format import Format
from PIL import Image

from image_core.clock import Clock
from image_core.errors import NotAnImage, TooManyScans

# A marker with which a segment begins: no stuffed 00, no filling FF, none that stands alone (B.1.1).
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
_END = b"\xff\xd9"
_EOI, _SOS, _APP0, _APP1, _APP2, _APP14, _APP15, _COMMENT = 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_PROGRESSIVE = frozenset({b"\xc2", b"\xca"})
# Behind coded data: any marker but those for restarts. These segments may stand before the next scan.
_BEHIND_SCAN = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")
_BETWEEN_SCANS = frozenset({0xC4, 0xCC, _SOS, 0xDB, 0xDC, 0xDD, *range(_APP0, _APP15 + 1), _COMMENT})
_LAST_COEFFICIENT = 63
# How they begin, and their length, below which libjpeg takes no notice of them.
_NEEDED = {_APP0: (b"JFIF\0", 14), _APP14: (b"Adobe", 12)}
_EXIF = b"Exif\0\0"
_ICC = b"ICC_PROFILE\0"

# Encoders write some ten segments, with large profiles and previews some hundred.
_MAX_SEGMENTS = 10_000
# Encoders write six to ten scans, optimisers up to some twenty. Each goes over all blocks of the image, and
# may take a dozen bytes in the file. 100 scans over 65 megapixels take about three seconds.
_MAX_SCANS = 100

# Bits that continue coded data which end too early, with a marker wherever a restart may be due. They begin
# with ones, because libjpeg takes missing bits for zeros.
_CONTINUATION = b"".join(
    bytes([0xFE, 0xFE, *((at * at + 37 * number) % 251 for at in range(96)), 0xFF, 0xD0 + number])
    for number in range(8)
)
_STRIP_ROWS = 64


class JpegFile(NamedTuple):
    """A JPEG before it is decoded.

    Attributes:
        data: the file without segments that the decoder does not need, and with an end marker.
        exif: the EXIF data, or nothing.
        ended: whether the end marker is the file's own. If it is not, pixels may be missing: `is_complete`.
        icc_profile: the ICC profile, or nothing.
        scans: how often the decoder goes over the image, if it is more than once. It then has to hold the
            coefficients of all of it, at whatever scale it decodes.
    """

    data: bytes
    exif: bytes
    icc_profile: bytes
    ended: bool
    scans: int


def read(data: bytes) -> JpegFile:
    """Look at the segments before the first scan, and count the scans.

    Raises:
        NotAnImage: more segments than any encoder writes, or the file ends before its last scan.
        TooManyScans
    """
    kept: list[bytes | memoryview] = [data[:2]]
    exif: list[bytes] = []
    profile: dict[int, bytes] = {}
    frame = b""
    for code, start, end in _segments(data, 2):
        segment = data[start:end]
        if code == _SOS:
            # Whether the first scan is not all: of a progressive frame, or of one component among several.
            again = frame[1:2] in _PROGRESSIVE or frame[9:10] > segment[4:5]
            scans = _scans(data, start, _MAX_SCANS if again else 1)
            return JpegFile(
                data=b"".join([*kept, *_coded(data, start, scans, frame)]),
                exif=b"".join(exif),
                icc_profile=_join(profile),
                ended=scans.ended,
                scans=len(scans.headers) if again else 0,
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
    # The decoder refuses the file.
    return JpegFile(data=data, exif=b"", icc_profile=b"", ended=True, scans=0)


def is_complete(data: bytes, size: tuple[int, int], clock: Clock) -> bool:
    """Return whether all pixels are there, of a file whose end marker is not its own.

    Bits behind the last pixel are skipped by decoders. So where nothing is missing, bits inserted before the
    end marker change no pixel.

    Args:
        data: what `read` returned.
        size: the width and height that will be decoded.
        clock: the time that is left.
    """
    continued = data.removesuffix(_END) + _CONTINUATION + _END
    return _pixels_sum(data, size, clock) == _pixels_sum(continued, size, clock)


def _pixels_sum(data: bytes, size: tuple[int, int], clock: Clock) -> int:
    image = Image.open(clock.file(data), formats=[Format.JPEG])
    image.draft(None, (max(1, size[0] - 1), max(1, size[1] - 1)))  # At least that size, as it was rounded up.
    image.load()
    total = 0
    for top in range(0, image.height, _STRIP_ROWS):
        strip = image.crop((0, top, image.width, min(image.height, top + _STRIP_ROWS)))
        total = zlib.crc32(strip.tobytes(), total)
    return total


def _segments(data: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Code, start and end of each segment up to the end of the image. Coded data are passed over."""
    for number in range(_MAX_SEGMENTS + 1):
        found = _MARKER.search(data, at)
        if not found or data[found.start() + 1] == _EOI:
            return
        if number == _MAX_SEGMENTS:
            raise NotAnImage("The image is cut into too many pieces.")
        at = found.end() + max(2, int.from_bytes(data[found.end() : found.end() + 2]))
        yield data[found.start() + 1], found.start(), at


def _join(parts: dict[int, bytes]) -> bytes:
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


class _Scans(NamedTuple):
    """The scans of an image.

    Attributes:
        headers: of each the segment before its coded data.
        end: where the coded data of the last one end.
        ended: whether the file goes on to an end marker.
    """

    headers: list[bytes]
    end: int
    ended: bool


def _coded(data: bytes, start: int, scans: _Scans, frame: bytes) -> list[bytes | memoryview]:
    """The scans with an end marker, which is appended where the file has none.

    Raises:
        NotAnImage: no end marker, and not all scans.
    """
    if scans.ended:
        return [memoryview(data)[start:]]
    if not _sends_all(frame, scans.headers):
        raise NotAnImage("The image is damaged or incomplete.")
    return [_without_padding(data[start : scans.end]), _END]


def _scans(data: bytes, at: int, most: int) -> _Scans:
    """The scans that are decoded, up to `most` of them, of which the first begins at `at`."""
    headers: list[bytes] = []
    end, within = at, False
    for _ in range(_MAX_SEGMENTS):
        found = _BEHIND_SCAN.search(data, at)
        at = found.start() if found else len(data)
        if within:
            end, within = at, False
        code = data[at + 1] if found else 0
        following = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        if code not in _BETWEEN_SCANS or following > len(data):
            return _Scans(headers, end, ended=code == _EOI)
        if code == _SOS and len(headers) < most:
            headers.append(data[at:following])
            within = True
        elif code == _SOS and most > 1:
            raise TooManyScans(f"The image has more than {most} scans.")
        at = following
    return _Scans(headers, end, ended=True)  # The decoder passes over the rest.


def _sends_all(frame: bytes, headers: list[bytes]) -> bool:
    """Whether the scans hold every coefficient of every component to its last bit (T.81, G.1.1.1)."""
    all_components = [frame[10 + 3 * number] for number in range(frame[9])]
    missing = {(component, number) for component in all_components for number in range(_LAST_COEFFICIENT + 1)}
    for header in headers:
        components = header[5 : 5 + 2 * header[4] : 2]
        first, last, bits = header[5 + 2 * header[4] :][:3]
        if not bits & 0x0F:
            missing -= {(component, number) for component in components for number in range(first, last + 1)}
    return not missing


def _without_padding(coded: bytes) -> bytes:
    """Coded data without the zeros of a file whose rest was never written.

    A stuffed zero stays, and a lone 0xFF at the end is half an end marker.
    """
    stripped = coded.rstrip(b"\0")
    if stripped.endswith(b"\xff"):
        return stripped + b"\0" if len(stripped) < len(coded) else stripped.rstrip(b"\xff")
    return stripped
