"""The chunks of a WebP. Sections are those of RFC 9649."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from image_format.errors import NotAnImage
from image_format.pieces import MAX_PIECES, bounded

RIFF_HEADER_BYTES, CHUNK_HEADER_BYTES = 12, 8
BITSTREAMS = frozenset({b"VP8 ", b"VP8L"})
METADATA = frozenset({b"EXIF", b"XMP "})

FLAGS_AT = RIFF_HEADER_BYTES + CHUNK_HEADER_BYTES
"""Offset of the flags of VP8X (2.7) in a file."""
ICC_FLAG, ALPHA_FLAG, EXIF_FLAG, ANIMATION_FLAG = 0x20, 0x10, 0x08, 0x02

FRAME_HEADER_BYTES = 16
"""Length of the header of an ANMF chunk (2.7.1.1). The chunks of a still image follow."""


class Chunk(NamedTuple):
    """A chunk.

    Attributes:
        name: type of the chunk, four letters.
        body: the data, as far as the file goes.
        end: offset behind the chunk and its padding.
        complete: False if the file ends within the data. The padding may be missing.
    """

    name: bytes
    body: memoryview
    end: int
    complete: bool


def chunks(data: bytes) -> Iterator[Chunk]:
    """Yield the chunks up to the length in the header of the file (2.4), or up to the end of the file.

    Raises:
        NotAnImage: the file has more chunks than any encoder writes.
    """
    return bounded(_chunks(memoryview(data)[: end_of(data)], RIFF_HEADER_BYTES))


def chunks_of_frame(body: memoryview, max_chunks: int = MAX_PIECES) -> Iterator[Chunk]:
    """Yield the chunks of a frame, from the body of an ANMF chunk (2.7.1.1).

    Raises:
        NotAnImage: the frame has more than `max_chunks`.
    """
    return bounded(_chunks(body, FRAME_HEADER_BYTES), max_chunks)


def end_of(data: bytes) -> int:
    """Return the length of the file that the header states."""
    return CHUNK_HEADER_BYTES + int.from_bytes(data[4:8], "little")


def dimensions(data: bytes) -> tuple[int, int]:
    """Return width and height of the canvas in pixels (2.5 to 2.7).

    Raises:
        NotAnImage: the file ends within the header.
    """
    try:
        match data[RIFF_HEADER_BYTES:16]:
            case b"VP8X":
                low_width, high_width, low_height, high_height = struct.unpack_from("<HBHB", data, 24)
                return (high_width << 16 | low_width) + 1, (high_height << 16 | low_height) + 1
            case b"VP8L":
                (bits,) = struct.unpack_from("<I", data, 21)
                return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
            case _:
                width, height = struct.unpack_from("<HH", data, 26)
                return width & 0x3FFF, height & 0x3FFF
    except struct.error as error:
        raise NotAnImage from error


def _chunks(view: memoryview, at: int) -> Iterator[Chunk]:
    while len(view) - at >= CHUNK_HEADER_BYTES:
        length = int.from_bytes(view[at + 4 : at + CHUNK_HEADER_BYTES], "little")
        body = view[at + CHUNK_HEADER_BYTES : at + CHUNK_HEADER_BYTES + length]
        name = bytes(view[at : at + 4])
        at += CHUNK_HEADER_BYTES + length + length % 2  # 2.3: an odd length is padded
        yield Chunk(name=name, body=body, end=at, complete=len(body) == length)
