"""The blocks of a GIF.

Sections are those of the GIF89a specification (CompuServe, 31 July 1990).
"""

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from image_format.errors import NotAnImage
from image_format.pieces import TOO_MANY_PIECES, bounded

DESCRIPTOR_BYTES = 10
"""Length of an image descriptor (20). The rest of its block follows: colour table and coded pixels."""

_HEADER_BYTES = 13
_EXTENSION = 0x21
_HAS_COLOUR_TABLE = 0x80
# 26: introducer, label, length, eight bytes of identifier and three of authentication, then the sub-blocks.
APPLICATION_START = b"\x21\xff\x0b"
_APPLICATION_BYTES = 14
_LOOPS = frozenset({b"NETSCAPE2.0", b"ANIMEXTS1.0"})
_LOOP_BYTES = 3
# Encoders fill sub-blocks: 64 MB are 263,000. Sub-blocks of one byte would be 32 million.
_MAX_SUB_BLOCKS = 1_000_000


class Kind(IntEnum):
    """Kind of a block: its introducer, or the introducer and the label of an extension."""

    STRAY = 0
    """A byte between blocks that does not begin a block."""
    IMAGE = 0x2C
    TRAILER = 0x3B
    GRAPHIC_CONTROL = 0x21F9
    APPLICATION = 0x21FF


class Block(NamedTuple):
    """A block, or a stray byte.

    Attributes:
        kind: a `Kind`, or the introducer and label of another extension.
        start: offset in the file.
        whole: all bytes of the block that the file has.
        complete: False if the file ends within the block.
    """

    kind: int
    start: int
    whole: memoryview
    complete: bool

    @property
    def has_colour_table(self) -> bool:
        """True if an image, with a complete descriptor, has a colour table of its own (20)."""
        return bool(self.whole[DESCRIPTOR_BYTES - 1] & _HAS_COLOUR_TABLE)

    @property
    def application(self) -> bytes:
        """Identifier and authentication code of an application extension (26), 11 bytes; else empty."""
        if self.whole[: len(APPLICATION_START)] != APPLICATION_START:
            return b""
        return bytes(self.whole[len(APPLICATION_START) : _APPLICATION_BYTES])

    def application_data(self) -> Iterator[bytes]:
        """Yield the sub-blocks of a complete application extension, without their lengths.

        Raises:
            NotAnImage: the extension has more sub-blocks than any encoder writes.
        """
        return bounded(_sub_blocks(self.whole))

    def repeats(self) -> int | None:
        """Return the number of repetitions that a complete block states (0: endless); None for other blocks.

        Source: Netscape's sub-block 1. Its sub-block 2, the size of a buffer, is ignored, as by browsers.
        """
        if self.application not in _LOOPS:
            return None
        loops = (data for data in self.application_data() if len(data) >= _LOOP_BYTES and data[0] == 1)
        return next((int.from_bytes(data[1:_LOOP_BYTES], "little") for data in loops), None)


def blocks(data: bytes) -> Iterator[Block]:
    """Yield the blocks behind the header, up to and including the trailer, or up to the end of the file.

    Raises:
        NotAnImage: the file ends within its header, or has more blocks than any encoder writes.
    """
    return bounded(_blocks(data))


def block_at(data: bytes, at: int, counted: Iterator[object]) -> Block:
    """Return the block at an offset.

    Args:
        data: the file.
        at: an offset within the file.
        counted: yields once for each sub-block that may be read.

    Raises:
        NotAnImage: the block has more sub-blocks.
    """
    kind, end = int(Kind.STRAY), at + 1
    match data[at]:
        case Kind.TRAILER:
            kind = Kind.TRAILER
        case Kind.IMAGE:
            kind = Kind.IMAGE
            flags = int.from_bytes(data[at + DESCRIPTOR_BYTES - 1 : at + DESCRIPTOR_BYTES])
            # 22: a byte before the coded pixels is the size of their codes.
            end = _end_of_sub_blocks(data, at + DESCRIPTOR_BYTES + colour_table_bytes(flags) + 1, counted)
        case _ if data[at] == _EXTENSION:
            kind = int.from_bytes(data[at : at + 2])
            end = _end_of_sub_blocks(data, at + 2, counted)
    return Block(kind=kind, start=at, whole=memoryview(data)[at:end], complete=end <= len(data))


def header_bytes(data: bytes, at: int = 0) -> int:
    """Return the length of a header with its screen descriptor and colour table (17 to 19).

    Args:
        data: the file.
        at: offset of the header.

    Raises:
        NotAnImage: the file ends within the header.
    """
    if len(data) < at + _HEADER_BYTES:
        raise NotAnImage
    return _HEADER_BYTES + colour_table_bytes(data[at + 10])


def colour_table_bytes(flags: int) -> int:
    """Return the length of a colour table from the flags of a screen or an image (18 and 20)."""
    return 3 << ((flags & 7) + 1) if flags & _HAS_COLOUR_TABLE else 0


def dimensions(data: bytes) -> tuple[int, int]:
    """Return width and height of the canvas in pixels.

    Raises:
        NotAnImage: the header or the first frame is incomplete, or too many pieces precede the frame.
    """
    return canvas_size(data, next((block for block in blocks(data) if block.kind == Kind.IMAGE), None))


def canvas_size(data: bytes, first: Block | None) -> tuple[int, int]:
    """Return width and height of the canvas in pixels. The canvas grows for the first frame, as in browsers.

    Args:
        data: the file.
        first: the first image in the file, if there is one.

    Raises:
        NotAnImage: the header or the first frame is incomplete.
    """
    header_bytes(data)
    width, height = struct.unpack_from("<HH", data, 6)
    left, top, frame_width, frame_height = frame_box(first) if first else (0, 0, 0, 0)
    return max(width, left + frame_width), max(height, top + frame_height)


def frame_box(block: Block) -> tuple[int, int, int, int]:
    """Return left, top, width and height of an image in pixels (20).

    Raises:
        NotAnImage: the file ends within the descriptor.
    """
    if len(block.whole) < DESCRIPTOR_BYTES:
        raise NotAnImage
    left, top, width, height = struct.unpack_from("<4H", block.whole, 1)
    return left, top, width, height


def _blocks(data: bytes) -> Iterator[Block]:
    at = header_bytes(data)
    counted = iter(range(_MAX_SUB_BLOCKS))
    while at < len(data):
        block = block_at(data, at, counted)
        yield block
        if block.kind == Kind.TRAILER:
            return
        at += len(block.whole)


def _end_of_sub_blocks(data: bytes, at: int, counted: Iterator[object]) -> int:
    """Return the offset behind sub-blocks. Each begins with its length; a length of 0 ends them (15 and 16).

    If the file ends within the sub-blocks, the offset is greater than the length of the file.
    """
    for _ in counted:
        if at >= len(data) or not data[at]:
            return at + 1
        at += data[at] + 1
    raise NotAnImage(TOO_MANY_PIECES)


def _sub_blocks(whole: memoryview) -> Iterator[bytes]:
    at = _APPLICATION_BYTES
    while length := whole[at]:
        yield bytes(whole[at + 1 : at + 1 + length])
        at += 1 + length
