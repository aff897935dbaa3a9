"""Prepare a PNG for the decoder, and parse the frames of an animated one (PNG 3rd edition, 4.9 and 11.3.6).

The decoder gets the chunks that it needs for pixels, without those that libpng, and so browsers, skip:
ancillary chunks with a wrong CRC, of a wrong length or in a wrong place. Pillow refuses the image for some of
them and applies others. Pillow would unpack all texts and the ICC profile, too, and refuse the image for a
long one. `png_colour` reads the chunks for colours.

Pillow composes frames too, but restores the wrong pixels after a frame that was blended and then loaded, and
cannot clear an image with a palette. Here each frame becomes a PNG of its own, which Pillow decodes.
"""

import struct
from collections.abc import Iterator

from image_format import NotAnImage, png
from image_format.png import Chunk, Header

from image_core.animation import Animation, AnimationFrame, Disposal

# Only the first chunk of each of these names counts (5.6). Chunks for colours count only before the pixels,
# and IDAT chunks only until another chunk follows them.
_COLOURS = frozenset({b"PLTE", b"tRNS"})
_ONCE = frozenset({b"IHDR", b"eXIf", *_COLOURS})
_PIXELS = frozenset({b"IDAT", b"fdAT"})
_STILL = frozenset({b"IDAT", *_ONCE})
_DISPOSALS = {1: Disposal.CLEAR, 2: Disposal.RESTORE}
_OVER = 1
_END = png.chunk(b"IEND", b"")


def parse(data: bytes, max_frames: int) -> Animation | bytes:
    """Return the animation in a PNG; without one, or if none is requested, the file of the still image.

    Args:
        data: the file.
        max_frames: number of frames after which to stop; 0: no animation is requested.

    Raises:
        NotAnImage, struct.error: a rule of animations is broken, the CRC of a critical chunk is wrong, or the
            file is cut into more chunks than any encoder writes, each of which costs Pillow 4 microseconds
            and 200 bytes.
    """
    announced = _read_animation_control(data) if max_frames else None
    if not announced:
        return _drop_animation(data)
    number, loop_count = announced
    controls: list[tuple[memoryview, list[memoryview]]] = []
    header = png.header_of(data)
    shared: list[memoryview] = []
    for each in png.in_sequence(_select(data, _STILL | png.ANIMATION)):
        if each.name == b"fcTL":
            if len(controls) == max_frames:
                break
            controls.append((each.body, []))
        elif each.name in _PIXELS and controls:
            controls[-1][1].append(each.body[png.SEQUENCE_BYTES if each.name == b"fdAT" else 0 :])
        elif each.name in _ONCE - {b"IHDR"}:
            shared.append(each.whole)
    if len(controls) not in {number, max_frames}:
        raise NotAnImage
    # One piece for all frames: there may be many, and the piece may be large.
    common = b"".join(shared)
    frames = tuple(_frame(header, common, control, pixels) for control, pixels in controls)
    animation = Animation(width=header.width, height=header.height, loop_count=loop_count, frames=frames)
    if not animation.is_within_canvas:
        raise NotAnImage
    return animation


def _read_animation_control(data: bytes) -> tuple[int, int] | None:
    """Return the number of frames and the loop count; None if no acTL stands before frames and pixels."""
    for each in _select(data, _STILL | png.ANIMATION):
        if each.name == b"acTL":
            number, loop_count = struct.unpack_from(">II", each.body)
            return (number, loop_count) if number else None
        if each.name in {b"fcTL", b"IDAT"}:
            break
    return None


def _drop_animation(data: bytes) -> bytes:
    """Return the file without the chunks of an animation.

    Pillow would take the size of the still image from a frame control.
    """
    kept = [each.whole for each in _select(data, _STILL)]
    if sum(map(len, [png.SIGNATURE, *kept, _END])) == len(data) and data.endswith(_END):
        return data
    return b"".join([png.SIGNATURE, *kept, _END])


def _select(data: bytes, names: frozenset[bytes]) -> Iterator[Chunk]:
    """Yield the chunks with these names that browsers use.

    If the file ends within a chunk of pixels, that chunk is cut there and gets a new checksum. The decoder
    then finds out whether pixels are missing.

    Raises:
        NotAnImage: the CRC of a critical chunk, or of a chunk with pixels, is wrong.
    """
    found: set[bytes] = set()
    before = b""
    colours = _Colours()
    for each in png.chunks(data):
        again = each.name in _ONCE and each.name in found
        late = b"IDAT" in found and (each.name in _COLOURS or (each.name == b"IDAT" and before != each.name))
        before = each.name
        if each.name not in names or again or late:
            continue
        if each.name in _PIXELS and not each.complete:
            yield each._replace(whole=memoryview(png.chunk(each.name, bytes(each.body))))
            return
        if not each.intact and (each.name in _PIXELS or not each.ancillary):
            # libpng, too, refuses an image for critical chunks only. Without fdAT a frame has no pixels.
            raise NotAnImage
        if each.intact and colours.uses(each):
            found.add(each.name)
            yield each


class _Colours:
    """Decides which chunks for colours libpng uses, from the header and the palette before them."""

    def __init__(self) -> None:
        self._header = Header(width=0, height=0, rest=bytes(2))
        self._palette_entries = 0

    def uses(self, each: Chunk) -> bool:
        """Return True if libpng uses the chunk, and for every chunk that is not for colours."""
        match each.name:
            case b"IHDR":
                self._header = png.read_header(each.body)
            case b"PLTE":
                self._palette_entries = len(each.body) // 3
                return self._header.has_palette  # 11.2.2: else a suggestion, or not allowed
            case b"tRNS":
                return self._header.fits_transparency(each.body, self._palette_entries)
        return True


def _frame(header: Header, common: bytes, control: memoryview, pixels: list[memoryview]) -> AnimationFrame:
    fields = struct.unpack(">IIIIHHBB", control[png.SEQUENCE_BYTES :])
    width, height, left, top, delay, denominator, disposal, blend = fields
    own_header = png.SIGNATURE + png.chunk(b"IHDR", struct.pack(">II", width, height) + header.rest)
    return AnimationFrame(
        left=left,
        top=top,
        width=width,
        height=height,
        disposal=_DISPOSALS.get(disposal, Disposal.KEEP),
        blend_over=blend == _OVER,
        duration_ms=1000 * delay / (denominator or 100),  # 11.3.6.2: 0 means hundredths
        chunks=(own_header, common, png.chunk(b"IDAT", b"".join(pixels)), _END),
    )
