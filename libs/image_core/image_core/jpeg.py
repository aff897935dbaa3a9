"""Open and encode a JPEG (ITU-T T.81).

The decoder gets only the segments that it needs for pixels. With the others, Pillow would drop an ICC profile
with repeated parts, and load EXIF and the index of an MPO by its TIFF reader. The values that this reader
loads may overlap and take any amount of memory, and its import would take time in a cold start.

An image without an end marker gets one. libjpeg fills missing pixels without an error, so this module has to
find out whether pixels are missing.
"""

import itertools
import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import PIL.JpegImagePlugin  # noqa: F401 - importing a plugin registers it
from image_format import Format, jpeg
from image_format.jpeg import Marker, Segment
from PIL import Image

from image_core import memory
from image_core.codec import Codec, Encoding, Request
from image_core.content import loses_colour
from image_core.decode import ImageDecoder, open_with_pillow
from image_core.errors import NotAnImage, TooManyScans
from image_core.fit import compute_layout
from image_core.icc import read_profile
from image_core.limits import TimeLimit, check_memory, check_pixels
from image_core.orient import transpose_for_orientation, upright_size
from image_core.quality import QUALITIES
from image_core.resize import draft
from image_core.save import save
from image_core.source import Frame, Source

_BETWEEN_SCANS = jpeg.TABLES | jpeg.APPLICATIONS | {Marker.SOS, Marker.COM}
# Decoders skip TEM and restart markers.
_SKIPPED = frozenset({0x01, *range(0xD0, 0xD8)})
_LAST_COEFFICIENT = 63

# Encoders write some ten segments, with large profiles and previews some hundred.
_MAX_SEGMENTS = 10_000
# Encoders write six to ten scans, optimisers up to some twenty. Each goes over all blocks of the image, and
# may take a dozen bytes in the file. 100 scans over 65 megapixels take about three seconds.
_MAX_SCANS = 100

# Bits to continue coded data that end too early, with a marker wherever a restart may be due. The first are
# ones, because libjpeg replaces missing bits by zeros.
_CONTINUATION = b"".join(
    bytes([0xFE, 0xFE, *((at * at + 37 * number) % 251 for at in range(96)), 0xFF, 0xD0 + number])
    for number in range(8)
)
_STRIP_ROWS = 64

# Worst cases in seconds per pixel on one vCPU: decoding, each scan of several, and encoding. The time limit
# cannot be checked meanwhile: a single block of the file may hold all scans, and a progressive JPEG of
# quality 100 is encoded in one call.
_DECODING_SECONDS, _SCAN_SECONDS, _ENCODING_SECONDS = 20e-9, 0.5e-9, 35e-9
# Coefficients have 16 bits, and there is one for each sample (A.1.1).
_COEFFICIENT_BYTES = 2


class JpegFile(NamedTuple):
    """A JPEG before it is decoded.

    Attributes:
        data: the file without segments that the decoder does not need, and with an end marker.
        exif: the EXIF data; empty without any.
        icc_profile: the ICC profile; empty without one.
        ended: True if the file has an end marker. Without one, pixels may be missing: see `is_complete`.
        scans: number of scans. 0 if the first scan is the whole image, which the decoder then returns row by
            row. Otherwise the decoder holds the coefficients of the whole image, at any scale.
    """

    data: bytes
    exif: bytes
    icc_profile: bytes
    ended: bool
    scans: int


def _open(data: bytes, request: Request) -> Source:
    parsed = read(data)
    image = open_with_pillow(parsed.data, request)
    image.info["exif"] = parsed.exif
    size, transpose = image.size, transpose_for_orientation(image)
    layout = compute_layout(upright_size(size, transpose), request.options, request.output.max_side)
    draft_box = draft(image, layout.transposed(transpose).scaled, request.output)
    # A JPEG of several scans is decoded in full before libjpeg can reduce it.
    check_pixels([size if parsed.scans else image.size], request.options.limits)
    decoding_bytes = memory.estimate_decoding(image.size, image.mode)
    if parsed.scans:
        decoding_bytes += memory.count_pixels(size) * len(image.getbands()) * _COEFFICIENT_BYTES
    seconds = size[0] * size[1] * (_DECODING_SECONDS + parsed.scans * _SCAN_SECONDS)
    if not parsed.ended:
        check_memory(decoding_bytes + 3 * len(data), request.options.limits)
        request.time_limit.check(2 * seconds)
        if not is_complete(parsed.data, image.size, request.time_limit):
            raise NotAnImage
    return Source(
        format=Format.JPEG,
        size=size,
        decoder=ImageDecoder(image, request.time_limit, frame_seconds=seconds),
        decoding_bytes=decoding_bytes,
        profile=read_profile(parsed.icc_profile),
        time_limit=request.time_limit,
        has_alpha=False,
        draft_box=draft_box,
        has_palette=False,
        is_progressive="progressive" in image.info,
        transpose=transpose,
    )


def read(data: bytes) -> JpegFile:
    """Read the segments before the first scan, and count the scans.

    Raises:
        NotAnImage: there are more segments than any encoder writes, or the file ends before its last scan.
        TooManyScans: there are more scans than any encoder writes.
    """
    kept: list[bytes | memoryview] = [data[:2]]
    exif: list[bytes] = []
    profile: dict[int, bytes] = {}
    frame_marker, frame = 0, b""
    remaining = jpeg.segments(data, _MAX_SEGMENTS)
    for segment in remaining:
        if segment.marker == Marker.SOS:
            # True if other scans follow: the frame is progressive, or this scan lacks some components.
            again = frame_marker in jpeg.PROGRESSIVE_FRAMES or frame[5:6] > bytes(segment.body[:1])
            scans = _read_scans(itertools.chain([segment], remaining), _MAX_SCANS if again else 1)
            return JpegFile(
                data=b"".join([*kept, *_coded_data(data, segment.start, scans, frame)]),
                exif=b"".join(exif),
                icc_profile=jpeg.join_profile(profile),
                ended=scans.ended,
                scans=len(scans.headers) if again else 0,
            )
        if segment.marker in jpeg.FRAMES:
            frame_marker, frame = segment.marker, bytes(segment.body)
        exif.append(segment.exif)
        if part := segment.icc_part:
            # Some files have all parts twice.
            profile.setdefault(part[0], part[1:])
        if _is_needed(segment):
            kept.append(segment.whole)
    # The decoder refuses the file.
    return JpegFile(data=data, exif=b"", icc_profile=b"", ended=True, scans=0)


def is_complete(data: bytes, size: tuple[int, int], time_limit: TimeLimit) -> bool:
    """Return True if a file without an end marker has all pixels.

    Decoders skip bits behind the last pixel. If nothing is missing, bits inserted before the appended end
    marker change no pixel.

    Args:
        data: `JpegFile.data`.
        size: width and height in pixels that will be decoded.
        time_limit: time until the deadline.
    """
    continued = data.removesuffix(jpeg.END) + _CONTINUATION + jpeg.END
    return _pixels_sum(data, size, time_limit) == _pixels_sum(continued, size, time_limit)


def _pixels_sum(data: bytes, size: tuple[int, int], time_limit: TimeLimit) -> int:
    image = Image.open(time_limit.open_file(data), formats=[Format.JPEG])
    image.draft(None, (max(1, size[0] - 1), max(1, size[1] - 1)))  # at least that size, which was rounded up
    image.load()
    total = 0
    for top in range(0, image.height, _STRIP_ROWS):
        strip = image.crop((0, top, image.width, min(image.height, top + _STRIP_ROWS)))
        total = zlib.crc32(strip.tobytes(), total)
    return total


def _is_needed(segment: Segment) -> bool:
    """Return True if a decoder needs the segment for pixels."""
    if segment.marker in jpeg.APPLICATIONS:
        return segment.is_jfif or segment.is_adobe
    return not segment.standalone and segment.marker != Marker.COM


class _Scans(NamedTuple):
    """The scans of an image.

    Attributes:
        headers: the bodies of their segments.
        end: offset behind the coded data of the last one.
        ended: True if an end marker follows the scans.
    """

    headers: list[bytes]
    end: int
    ended: bool


def _read_scans(found: Iterable[Segment], max_scans: int) -> _Scans:
    """Return the scans that are decoded.

    Args:
        found: segments from the first scan on.
        max_scans: 1 to read one scan and ignore further ones; otherwise the most that the file may have.

    Raises:
        TooManyScans: the file has more than `max_scans`, which is not 1.
    """
    headers: list[bytes] = []
    end = 0
    for segment in found:
        if segment.marker in _SKIPPED:
            continue
        if segment.marker not in _BETWEEN_SCANS or not segment.complete:
            return _Scans(headers, end, ended=segment.marker == Marker.EOI)
        if segment.marker != Marker.SOS:
            continue
        if len(headers) < max_scans:
            headers.append(bytes(segment.body))
            end = segment.start + len(segment.whole)
        elif max_scans > 1:
            raise TooManyScans(f"The image has more than {max_scans} scans.")
    return _Scans(headers, end, ended=False)


def _coded_data(data: bytes, start: int, scans: _Scans, frame: bytes) -> list[bytes | memoryview]:
    """Return the scans with an end marker, which is appended if the file has none.

    Raises:
        NotAnImage: the end marker and at least one scan are missing.
    """
    if scans.ended:
        return [memoryview(data)[start:]]
    if not _sends_all(frame, scans.headers):
        raise NotAnImage
    return [_strip_padding(data[start : scans.end]), jpeg.END]


def _sends_all(frame: bytes, headers: list[bytes]) -> bool:
    """Return True if the scans hold every coefficient of every component to its last bit (T.81, G.1.1.1)."""
    all_components = [frame[6 + 3 * number] for number in range(frame[5])]
    missing = {(component, number) for component in all_components for number in range(_LAST_COEFFICIENT + 1)}
    for header in headers:
        components = header[1 : 1 + 2 * header[0] : 2]
        first, last, bits = header[1 + 2 * header[0] :][:3]
        if not bits & 0x0F:
            missing -= {(component, number) for component in components for number in range(first, last + 1)}
    return not missing


def _strip_padding(coded: bytes) -> bytes:
    """Return coded data without the zeros that fill up a file after an interrupted write.

    A stuffed zero stays, and a lone 0xFF at the end is half an end marker.
    """
    stripped = coded.rstrip(b"\0")
    if stripped.endswith(b"\xff"):
        return stripped + b"\0" if len(stripped) < len(coded) else stripped.rstrip(b"\xff")
    return stripped


def _encode(frames: Sequence[Frame], encoding: Encoding, time_limit: TimeLimit) -> bytes:
    frame = frames[0]
    time_limit.check(frame.image.width * frame.image.height * _ENCODING_SECONDS)
    options = {
        "quality": encoding.quality,
        "optimize": True,  # 3 to 6 % fewer bytes for 1 to 3 ms
        "progressive": encoding.progressive,
        "subsampling": "4:4:4" if loses_colour(frame.image) else "4:2:0",
        "icc_profile": frame.profile_bytes,
    }
    try:
        return save(frame.image, Format.JPEG, options, time_limit)
    except OSError:
        # With optimize or progressive, Pillow allocates libjpeg's output buffer up front, one byte per pixel.
        # Noisy images overflow it, so retry without them: then libjpeg writes row by row.
        plain = options | {"optimize": False, "progressive": False}
        return save(frame.image, Format.JPEG, plain, time_limit)


CODEC = Codec(open=_open, encode=_encode, encoding_bytes=6, modes=("L", "RGB"), settings=QUALITIES)
