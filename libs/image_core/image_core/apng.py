"""A PNG before its decoder sees it, and the frames of an animated one (PNG 3rd edition, 4.9 and 11.3.6).

The decoder gets the chunks that it needs for pixels, without those that libpng, and so browsers, pass over:
ancillary chunks with a wrong CRC, of a wrong length or in a wrong place. Pillow refuses the image for some of
them and applies others. Pillow would unpack all texts and the ICC profile, too, and refuse the image for a
long one. `png_colour` reads the chunks that say how colours are meant.

Pillow composes frames too, but restores the wrong pixels after a frame that was blended and then looked at,
and cannot clear an image with a palette. Here each frame becomes a PNG of its own, which Pillow decodes.
"""

import itertools
import struct
import zlib
from collections.abc import Iterator

from image_core.animation import Animation, AnimationFrame, Disposal

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Of each the first counts, and those for colours count before the pixels, which nothing interrupts (5.6).
_COLOURS = frozenset({b"PLTE", b"tRNS"})
_ONCE = frozenset({b"IHDR", b"eXIf", *_COLOURS})
_PIXELS = frozenset({b"IDAT", b"fdAT"})
_ANIMATION = frozenset({b"acTL", b"fcTL", b"fdAT"})
_STILL = frozenset({b"IDAT", *_ONCE})
_ANCILLARY = 0x20  # 5.4: the first letter is a small one
# 11.2.1: where IHDR names the colour type. 11.3.1.1: the length of tRNS where that is grey or colour.
_COLOUR_TYPE_AT = 9
_INDEXED = 3
_TRANSPARENCY_BYTES = {0: 2, 2: 6}
_DISPOSALS = {1: Disposal.CLEAR, 2: Disposal.RESTORE}
_OVER = 1
_MAX_CHUNKS = 100_000


def _chunk(name: bytes, content: bytes) -> bytes:
    """A chunk with its length and check sum."""
    named = name + content
    return struct.pack(">I", len(content)) + named + struct.pack(">I", zlib.crc32(named))


_END = _chunk(b"IEND", b"")


def parse(data: bytes, max_frames: int) -> Animation | bytes:
    """The animation in a PNG; where there is none, or none is wanted, the file of the still image.

    Args:
        data: the file.
        max_frames: where to stop; 0: no animation is wanted.

    Raises:
        ValueError, struct.error: the animation is not as it must be, the CRC of a critical chunk is wrong,
            or the file is cut into more chunks than any encoder writes, for each of which Pillow needs 4
            microseconds and 200 bytes.
    """
    announced = _read_announcement(data) if max_frames else None
    if not announced:
        return _still(data)
    number, loop_count = announced
    controls: list[tuple[bytes, list[bytes]]] = []
    header = b""
    shared: list[bytes] = []
    for name, content in _in_sequence(data):
        if name == b"fcTL":
            if len(controls) == max_frames:
                break
            controls.append((content, []))
        elif name in {b"IDAT", b"fdAT"} and controls:
            controls[-1][1].append(content)
        elif name == b"IHDR":
            header = content
        elif name in _ONCE:
            shared.append(_chunk(name, content))
    if len(controls) not in {number, max_frames}:
        raise ValueError("another number of frames than announced")
    # One piece for all patches: there may be many, and it may be large.
    common = b"".join(shared)
    frames = tuple(_frame(header, common, control, pixels) for control, pixels in controls)
    return _reel(header, frames, loop_count)


def has_palette(data: bytes) -> bool:
    """Return whether the pixels of a PNG are numbers of colours."""
    return data[len(SIGNATURE) + 8 + _COLOUR_TYPE_AT] == _INDEXED


def _read_announcement(data: bytes) -> tuple[int, int] | None:
    """The number of frames, and how often they are shown. Behind a frame or the pixels it is too late."""
    for name, piece in _needed(data, _STILL | _ANIMATION):
        if name == b"acTL":
            number, loop_count = struct.unpack_from(">II", piece, 8)
            return (number, loop_count) if number else None
        if name in {b"fcTL", b"IDAT"}:
            break
    return None


def _still(data: bytes) -> bytes:
    """The file without animation: Pillow takes the size of the pixels from any frame control."""
    kept = [piece for _, piece in _needed(data, _STILL)]
    if sum(map(len, [SIGNATURE, *kept, _END])) == len(data) and data.endswith(_END):
        return data
    return b"".join([SIGNATURE, *kept, _END])


def _needed(data: bytes, names: frozenset[bytes]) -> Iterator[tuple[bytes, bytes | memoryview]]:
    """The chunks with these names that browsers heed: the name, and all of the chunk.

    A chunk of pixels that the file ends within is among them, closed, for the decoder to find out whether
    any are missing.
    """
    view = memoryview(data)
    found: set[bytes] = set()
    before = b""
    colours = _Colours()
    for name, start, end in chunk_places(data):
        again = name in _ONCE and name in found
        late = b"IDAT" in found and (name in _COLOURS or (name == b"IDAT" and before != name))
        before = name
        if name not in names or again or late:
            continue
        if name in _PIXELS and len(data) < end:
            yield name, _chunk(name, bytes(view[start + 8 : end - 4]))
            return
        sound = zlib.crc32(view[start + 4 : end - 4]) == int.from_bytes(view[end - 4 : end])
        if not sound and (name in _PIXELS or not name[0] & _ANCILLARY):
            # libpng, too, refuses an image for critical chunks only. Without fdAT a frame has no pixels.
            raise ValueError(f"a wrong check sum of {name!r}")
        if sound and colours.heeds(name, view[start + 8 : end - 4]):
            found.add(name)
            yield name, view[start:end]


class _Colours:
    """Which chunks of colours libpng heeds, by the chunks before."""

    def __init__(self) -> None:
        self._colour_type = 0
        self._palette_entries = 0

    def heeds(self, name: bytes, content: memoryview) -> bool:
        """Whether the chunk counts. Others than those of colours do."""
        match name:
            case b"IHDR":
                self._colour_type = content[_COLOUR_TYPE_AT]
            case b"PLTE":
                self._palette_entries = len(content) // 3
                return self._colour_type == _INDEXED  # 11.2.2: else it is a suggestion, or not allowed
            case b"tRNS" if self._colour_type == _INDEXED:
                return 1 <= len(content) <= self._palette_entries
            case b"tRNS":
                return len(content) == _TRANSPARENCY_BYTES.get(self._colour_type)
        return True


def chunk_places(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of every chunk up to the end of the image. The last may end behind the file."""
    at = len(SIGNATURE)
    for number in itertools.count():
        if number > _MAX_CHUNKS:
            raise ValueError("more chunks than any encoder writes")
        if at + 8 > len(data):
            return
        length, name = struct.unpack_from(">I4s", data, at)
        if name == b"IEND":
            return
        yield name, at, at + length + 12
        at += length + 12


def _in_sequence(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of the chunks of an animation, held against their sequence."""
    number = 0
    for name, piece in _needed(data, _STILL | _ANIMATION):
        content = bytes(piece[8:-4])
        if name in {b"fcTL", b"fdAT"}:
            if content[:4] != struct.pack(">I", number):
                raise ValueError("frames out of order")
            number += 1
            content = content[4:]
        yield name, content


def _reel(header: bytes, frames: tuple[AnimationFrame, ...], loop_count: int) -> Animation:
    width, height = struct.unpack_from(">II", header)
    for frame in frames:
        if frame.left + frame.width > width or frame.top + frame.height > height:
            raise ValueError("a frame beyond the canvas")
    return Animation(width=width, height=height, loop_count=loop_count, frames=frames)


def _frame(header: bytes, common: bytes, control: bytes, pixels: list[bytes]) -> AnimationFrame:
    fields = struct.unpack(">IIIIHHBB", control)
    width, height, left, top, delay, parts, disposal, blend = fields
    own_header = SIGNATURE + _chunk(b"IHDR", struct.pack(">II", width, height) + header[8:])
    return AnimationFrame(
        left=left,
        top=top,
        width=width,
        height=height,
        disposal=_DISPOSALS.get(disposal, Disposal.KEEP),
        blend_over=blend == _OVER,
        duration_ms=1000 * delay / (parts or 100),
        chunks=(own_header, common, _chunk(b"IDAT", b"".join(pixels)), _END),
    )
