"""Metadata taken out of a file without touching its pixels: what is copied is named, all else is left behind.

The files have been decoded before, so their structure holds as far as the decoder went.
"""

import re
import struct
from collections.abc import Iterator

from image_core import apng, gif
from image_core.wish import Format

# Chunks without which the pixels or their colours or timing would be others (PNG 3rd edition, section 11).
_PNG_PIXELS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"bKGD"})
_PNG_COLOURS = frozenset({b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV", b"cLLI"})
_PNG_TIMING = frozenset({b"acTL", b"fcTL", b"fdAT"})
_PNG_CHUNKS = _PNG_PIXELS | _PNG_COLOURS | _PNG_TIMING
_WEBP_CHUNKS = frozenset({b"VP8X", b"ICCP", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L"})
_WEBP_HAS_EXIF_OR_XMP = 0x0C  # RFC 9649, section 2.7

_EOI, _SOS, _APP0, _APP2, _APP14, _APP15, _COMMENT = 0xD9, 0xDA, 0xE0, 0xE2, 0xEE, 0xEF, 0xFE
# A marker with which a segment begins: no stuffed 00, no filling FF, none that stands alone (T.81, B.1.1).
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
_JFIF_BYTES, _ADOBE_BYTES = 14, 12


def cleaned(data: bytes, file_format: Format) -> bytes:
    """The file with its pixels, colours, ICC profile and timing, and nothing else.

    Args:
        data: a file that has been decoded.
        file_format: what it is.
    """
    match file_format:
        case Format.JPEG:
            return b"".join(_jpeg_parts(data))
        case Format.PNG:
            return b"".join(_png_parts(data))
        case Format.GIF:
            return b"".join(_gif_parts(data))
        case Format.WEBP:
            body = b"WEBP" + b"".join(_webp_parts(data))
            return b"RIFF" + struct.pack("<I", len(body)) + body
        case Format.BMP:
            return data


def _jpeg_parts(data: bytes) -> Iterator[bytes]:
    """The segments up to the end of the first picture: an MPO carries more, some phones a film."""
    yield data[:2]
    marker = _MARKER.search(data, 2)
    while marker and data[marker.start() + 1] != _EOI:
        start, code = marker.start(), data[marker.start() + 1]
        end = start + 2 + int.from_bytes(data[start + 2 : start + 4])
        marker = _MARKER.search(data, end)
        if code == _SOS:
            end = marker.start() if marker else len(data)  # The entropy-coded data belong to it.
        yield _jpeg_segment(code, data[start:end])
    yield bytes((0xFF, _EOI))


def _jpeg_segment(code: int, segment: bytes) -> bytes:
    payload = segment[4:]
    # libjpeg takes no notice of these two when they are shorter.
    if code == _APP0 and payload.startswith(b"JFIF\0") and len(payload) >= _JFIF_BYTES:
        # The last two bytes are the sides of a thumbnail that may follow.
        return b"\xff\xe0\0\x10" + payload[: _JFIF_BYTES - 2] + b"\0\0"
    if code == _APP14 and payload.startswith(b"Adobe") and len(payload) >= _ADOBE_BYTES:
        return b"\xff\xee\0\x0e" + payload[:_ADOBE_BYTES]
    if code == _APP2 and payload.startswith(b"ICC_PROFILE\0"):
        return segment
    return b"" if _APP0 <= code <= _APP15 or code == _COMMENT else segment


def _png_parts(data: bytes) -> Iterator[bytes]:
    yield apng.SIGNATURE
    for chunk in apng.chunks(data):
        if chunk[4:8] in _PNG_CHUNKS:
            yield chunk
    yield apng.chunk(b"IEND", b"")


def _gif_parts(data: bytes) -> Iterator[bytes]:
    yield data[: gif.tables_end(data)]
    for block in gif.blocks(data):
        if gif.is_picture(block) or gif.is_loop(data, block):
            yield data[block.start : block.end]
    yield b";"


def _webp_parts(data: bytes) -> Iterator[bytes]:
    at = 12
    while at + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, at)
        end = at + 8 + length + length % 2
        if name == b"VP8X":
            flags = data[at + 8] & ~_WEBP_HAS_EXIF_OR_XMP
            yield data[at : at + 8] + bytes((flags,)) + data[at + 9 : end]
        elif name in _WEBP_CHUNKS:
            yield data[at:end]
        at = end
