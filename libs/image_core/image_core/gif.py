"""The blocks of a GIF (GIF89a, 31 July 1990), so that its frames can be laid over each other as in browsers.

Pillow composes frames too, but clears to the background colour what browsers clear to nothing, and cannot
turn opaque pictures clear again. Here each frame becomes a GIF of its own, which Pillow decodes.
"""

import itertools
import struct
from collections.abc import Iterator
from typing import NamedTuple

from image_core.reel import Disposal, Patch, Reel

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
# Extensions: introducer and label.
_GRAPHIC_CONTROL, _APPLICATION = 0x21F9, 0x21FF
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_HEADER_BYTES = 13
# The longest animations have some ten thousand frames, with two blocks each.
_MOST_STRETCHES = 100_000
# Encoders fill them: 64 MB are 263,000. Of one byte each, they would be 32 million.
_MOST_SUB_BLOCKS = 1_000_000
_HAS_TABLE = 0x80
# Section 23.c.iv. It leaves 4 undefined; early encoders meant 3 by it, and browsers read it so.
_DISPOSALS = {2: Disposal.CLEAR, 3: Disposal.RESTORE, 4: Disposal.RESTORE}


class Block(NamedTuple):
    """A stretch of the file.

    Attributes:
        kind: an image, or the label of an extension.
        start: where it begins.
        end: where the next one begins.
    """

    kind: int
    start: int
    end: int


def parsed(data: bytes, most_frames: int) -> Reel:
    """The canvas and the frames of a file. A canvas too small for the first frame grows, as in browsers.

    Args:
        data: the file.
        most_frames: where to stop.

    Raises:
        IndexError, ValueError, struct.error: the file ends where it must not, or is cut into too many pieces.
    """
    patches: list[Patch] = []
    control = b""
    plays = 1
    for block in _blocks(data):
        if block.kind == _GRAPHIC_CONTROL:
            control = data[block.start + 3 : block.start + 7]
        elif block.kind == _IMAGE:
            patches.append(_patch(data, block, control))
            control = b""
            if len(patches) == most_frames:
                break
        elif _is_loop(data, block):
            plays = _plays(data, block)
    width, height = struct.unpack_from("<HH", data, 6)
    for first in patches[:1]:
        width = max(width, first.left + first.width)
        height = max(height, first.top + first.height)
    return Reel(width=width, height=height, plays=plays, patches=tuple(patches))


def with_one_header(data: bytes) -> bytes:
    """A GIF as Pillow writes it, without the further headers.

    Pillow puts one before every frame that is all clear and follows one that is cleared: there viewers stop.
    """
    at = _tables_end(data)
    counted = itertools.count()  # our own file: however many
    parts = [data[:at]]
    while data[at] != _TRAILER:
        start = at
        if data[at] == _EXTENSION:
            at = _sub_blocks_end(data, at + 2, counted)
        elif data[at] == _IMAGE:
            at = _sub_blocks_end(data, at + 11 + _table_bytes(data[at + 9]), counted)
        else:
            at += _HEADER_BYTES + _table_bytes(data[at + 10])
            continue
        parts.append(data[start:at])
    return b"".join([*parts, data[at:]])


def _blocks(data: bytes) -> Iterator[Block]:
    """Everything between the colour table and the trailer. Stray bytes between blocks are passed over."""
    at = _tables_end(data)
    counted = iter(range(_MOST_SUB_BLOCKS))
    stretches = 0
    while at < len(data) and data[at] != _TRAILER:
        start = at
        stretches += 1
        if stretches > _MOST_STRETCHES:
            raise ValueError("more blocks and stray bytes than any encoder writes")
        if data[at] == _EXTENSION:
            kind = int.from_bytes(data[at : at + 2])
            at = _sub_blocks_end(data, at + 2, counted)
            # A control speaks of a picture, which comes behind.
            if at > len(data) or (kind == _GRAPHIC_CONTROL and at == len(data)):
                raise ValueError("the file ends within a block or before a picture")
        elif data[at] == _IMAGE:
            kind = _IMAGE
            at = _sub_blocks_end(data, at + 11 + _table_bytes(data[at + 9]), counted)
        else:
            at += 1
            continue
        yield Block(kind=kind, start=start, end=at)


def _tables_end(data: bytes) -> int:
    """Where the header with its colour table ends."""
    return _HEADER_BYTES + _table_bytes(data[10])


def _is_loop(data: bytes, block: Block) -> bool:
    """Whether the block says how often the animation is shown."""
    return block.kind == _APPLICATION and data[block.start + 3 : block.start + 14] in _LOOPS


def _patch(data: bytes, block: Block, control: bytes) -> Patch:
    left, top, width, height, flags = struct.unpack_from("<4HB", data, block.start + 1)
    packed, delay = struct.unpack("<BHx", control) if control else (0, 0)
    # Pillow confuses a grey table of the frame with a coloured one of the file: only one goes along.
    screen = bytes(3) if flags & _HAS_TABLE else data[10 : _tables_end(data)]
    alone = b"GIF89a" + struct.pack("<HH", width, height) + screen
    if control:
        alone += struct.pack(">HB", _GRAPHIC_CONTROL, len(control)) + control + b"\0"
    alone += struct.pack("<B4HB", _IMAGE, 0, 0, width, height, flags)
    alone += data[block.start + 10 : block.end] + bytes((_TRAILER,))
    return Patch(
        left=left,
        top=top,
        width=width,
        height=height,
        disposal=_DISPOSALS.get(packed >> 2 & 7, Disposal.KEEP),
        over=True,
        duration_ms=delay * 10,
        pieces=(alone,),
    )


def _plays(data: bytes, block: Block) -> int:
    size, kind, repeats = struct.unpack_from("<BBH", data, block.start + 14)
    if size < 3 or kind != 1:  # noqa: PLR2004 - the sub-block of loops has 3 bytes, beginning with 1
        return 1
    # The number says how often it is shown again; 0 is without end. Chrome and gif2webp read it so.
    return repeats + 1 if repeats else 0


def _table_bytes(flags: int) -> int:
    return 3 * (2 << (flags & 7)) if flags & _HAS_TABLE else 0


def _sub_blocks_end(data: bytes, at: int, counted: Iterator[int]) -> int:
    """Where they end: beyond the file where that is cut off."""
    for _ in counted:
        if at >= len(data) or not data[at]:
            return at + 1
        at += data[at] + 1
    raise ValueError("more sub-blocks than any encoder writes")
