"""A PNG before its decoder sees it, and the frames of an animated one (PNG 3rd edition, 4.9 and 11.3.6).

The decoder gets the chunks that it needs for pixels. Pillow would unpack all texts and the ICC profile, too,
and refuse the picture for a long one. `png_colour` reads the chunks that say how colours are meant.

Pillow composes frames too, but restores the wrong pixels after a frame that was blended and then looked at,
and cannot clear a picture with a palette. Here each frame becomes a PNG of its own, which Pillow decodes.
"""

import struct
import zlib
from collections.abc import Iterator

from image_core.reel import Disposal, Patch, Reel

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Of each the first counts, and those for colours count before the pixels, which nothing interrupts (5.6).
_COLOURS = frozenset({b"PLTE", b"tRNS"})
_ONCE = frozenset({b"IHDR", b"eXIf", *_COLOURS})
_ANIMATION = frozenset({b"acTL", b"fcTL", b"fdAT"})
_NEEDED = frozenset({b"IDAT", b"IEND", *_ONCE, *_ANIMATION})
_DISPOSALS = {1: Disposal.CLEAR, 2: Disposal.RESTORE}
_OVER = 1
_MOST_CHUNKS = 100_000


def parsed(data: bytes, most_frames: int) -> Reel | bytes:
    """The animation in a PNG; where there is none, or none is wanted, the file of the still picture.

    Args:
        data: the file.
        most_frames: where to stop; 0: no animation is wanted.

    Raises:
        ValueError, struct.error: the animation is not as it must be, or the file is cut into more
            chunks than any encoder writes, for each of which Pillow needs 4 microseconds and 200 bytes.
    """
    announced = _announced(data) if most_frames else None
    if not announced:
        return _still(data)
    number, plays = announced
    frames: list[tuple[bytes, list[bytes]]] = []
    header = b""
    shared: list[bytes] = []
    for name, content in _checked(data):
        if name == b"fcTL":
            if len(frames) == most_frames:
                break
            frames.append((content, []))
        elif name in {b"IDAT", b"fdAT"} and frames:
            frames[-1][1].append(content)
        elif name == b"IHDR":
            header = content
        elif name in _ONCE:
            shared.append(_chunk(name, content))
    if len(frames) not in {number, most_frames}:
        raise ValueError("another number of frames than announced")
    # One piece for all patches: there may be many, and it may be large.
    common = b"".join(shared)
    patches = tuple(_patch(header, common, control, pixels) for control, pixels in frames)
    return _reel(header, patches, plays)


def _announced(data: bytes) -> tuple[int, int] | None:
    """The number of frames, and how often they are shown. Behind a frame or the pixels it is too late."""
    for name, start, _ in _needed(data):
        if name == b"acTL":
            number, plays = struct.unpack_from(">II", data, start + 8)
            return (number, plays) if number else None
        if name in {b"fcTL", b"IDAT"}:
            break
    return None


def _still(data: bytes) -> bytes:
    """The file without animation: Pillow takes the size of the pixels from any frame control."""
    kept = [(start, end) for name, start, end in _needed(data) if name not in _ANIMATION]
    if len(SIGNATURE) + sum(end - start for start, end in kept) == len(data):
        return data
    view = memoryview(data)
    return b"".join([SIGNATURE, *(view[start:end] for start, end in kept)])


def _needed(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The chunks that the decoder needs, where they count."""
    found: set[bytes] = set()
    before = b""
    for name, start, end in places(data):
        again = name in _ONCE and name in found
        late = b"IDAT" in found and (name in _COLOURS or (name == b"IDAT" and before != name))
        before = name
        if name in _NEEDED and not again and not late:
            found.add(name)
            yield name, start, end


def places(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of every chunk, up to the end of the picture or of the file."""
    at, name, number = len(SIGNATURE), b"", 0
    while name != b"IEND" and at + 12 <= len(data):
        number += 1
        if number > _MOST_CHUNKS:
            raise ValueError("more chunks than any encoder writes")
        length, name = struct.unpack_from(">I4s", data, at)
        yield name, at, min(at + length + 12, len(data))
        at += length + 12


def _chunk(name: bytes, content: bytes) -> bytes:
    """A chunk with its length and check sum."""
    named = name + content
    return struct.pack(">I", len(content)) + named + struct.pack(">I", zlib.crc32(named))


def _checked(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of the chunks of an animation, held against check sum and sequence."""
    number = 0
    for name, start, end in _needed(data):
        raw = data[start:end]
        content = raw[8:-4]
        if raw != _chunk(name, content):
            raise ValueError(f"damaged chunk {name!r}")
        if name in {b"fcTL", b"fdAT"}:
            if content[:4] != struct.pack(">I", number):
                raise ValueError("frames out of order")
            number += 1
            content = content[4:]
        yield name, content


def _reel(header: bytes, patches: tuple[Patch, ...], plays: int) -> Reel:
    width, height = struct.unpack_from(">II", header)
    for patch in patches:
        if patch.left + patch.width > width or patch.top + patch.height > height:
            raise ValueError("a frame beyond the canvas")
    return Reel(width=width, height=height, plays=plays, patches=patches)


def _patch(header: bytes, common: bytes, control: bytes, pixels: list[bytes]) -> Patch:
    fields = struct.unpack(">IIIIHHBB", control)
    width, height, left, top, delay, parts, disposal, blend = fields
    own_header = SIGNATURE + _chunk(b"IHDR", struct.pack(">II", width, height) + header[8:])
    return Patch(
        left=left,
        top=top,
        width=width,
        height=height,
        disposal=_DISPOSALS.get(disposal, Disposal.KEEP),
        over=blend == _OVER,
        duration_ms=1000 * delay / (parts or 100),
        pieces=(own_header, common, _chunk(b"IDAT", b"".join(pixels)), _chunk(b"IEND", b"")),
    )
