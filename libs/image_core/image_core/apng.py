"""The frames of an animated PNG (PNG 3rd edition, sections 4.9 and 11.3.6).

Pillow composes frames too, but restores the wrong pixels after a frame that was blended and then looked at,
and cannot clear a picture with a palette. Here each frame becomes a PNG of its own, which Pillow decodes.
"""

import struct
import zlib
from collections.abc import Iterator

from image_core.reel import Disposal, Patch, Reel

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SHARED = frozenset({b"IHDR", b"PLTE", b"tRNS", b"iCCP", b"eXIf"})
_DISPOSALS = {1: Disposal.CLEAR, 2: Disposal.RESTORE}
_OVER = 1


def parsed(data: bytes) -> Reel | None:
    """The animation in a PNG; None where there is none.

    Raises:
        KeyError, struct.error: a chunk is missing, or ends where it must not.
    """
    frames: list[tuple[bytes, list[bytes]]] = []
    shared: dict[bytes, bytes] = {}
    plays = None
    for name, content in chunks(data):
        if name == b"acTL" and not frames:
            (plays,) = struct.unpack_from(">I", content, 4)
        elif name == b"fcTL":
            frames.append((content, []))
        elif name == b"IDAT" and frames:
            frames[-1][1].append(content)
        elif name == b"fdAT" and frames:
            frames[-1][1].append(content[4:])  # after the sequence number
        elif name in _SHARED:
            shared.setdefault(name, content)
    if plays is None or not frames:
        return None
    width, height = struct.unpack_from(">II", shared[b"IHDR"])
    patches = tuple(_patch(shared, control, b"".join(pieces)) for control, pieces in frames)
    return Reel(width=width, height=height, plays=plays, patches=patches)


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of every chunk up to the end of the picture or of the file."""
    at, name = len(SIGNATURE), b""
    while name != b"IEND" and at + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        yield name, data[at + 8 : at + 8 + length]
        at += length + 12


def chunk(name: bytes, content: bytes) -> bytes:
    """A chunk with its length and check sum."""
    return (
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(content, zlib.crc32(name)))
    )


def _patch(shared: dict[bytes, bytes], control: bytes, pixels: bytes) -> Patch:
    fields = struct.unpack(">4xIIIIHHBB", control)
    width, height, left, top, delay, parts, disposal, blend = fields
    header = struct.pack(">II", width, height) + shared[b"IHDR"][8:]
    alone = {**shared, b"IHDR": header, b"IDAT": pixels, b"IEND": b""}
    return Patch(
        left=left,
        top=top,
        width=width,
        height=height,
        disposal=_DISPOSALS.get(disposal, Disposal.KEEP),
        over=blend == _OVER,
        duration_ms=1000 * delay / (parts or 100),
        data=SIGNATURE + b"".join(chunk(name, content) for name, content in alone.items()),
    )
