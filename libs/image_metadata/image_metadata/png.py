"""PNG and APNG: the chunks that decoding and colour need, and nothing else.

Sections are those of the Portable Network Graphics Specification (Third Edition) of the W3C.
"""

import re
from collections.abc import Iterator, Sequence

from image_format.pieces import Piece, bounded

from image_metadata.parts import Parts
from image_metadata.png_chunks import SIGNATURE, Chunk, chunk, chunks, damaged, inflated
from image_metadata.png_colour import ColourChunks

# The order of the chunks (5.6), one letter each. "." is any other ancillary chunk, "!" another critical one.
_LETTERS = {
    b"IHDR": "H",
    b"PLTE": "P",
    b"IDAT": "I",
    b"IEND": "E",
    b"acTL": "a",
    b"fcTL": "c",
    b"fdAT": "d",
}
_ORDER = re.compile(r"H[.acd]*+P?+[.acd]*+I++[.acd]*+E")
_ANIMATION_ORDER = re.compile(r"H(?:ac?|ca)I++(?:cd++)*+E")
_ANIMATION = frozenset({b"acTL", b"fcTL", b"fdAT"})
# Without them a decoder shows the image, though not animated or not turned. So libpng discards damaged ones.
_DISCARDED_IF_DAMAGED = frozenset({b"acTL", b"eXIf"})
_CONTROL_BYTES, _FRAME_CONTROL_BYTES, _SEQUENCE_BYTES = 8, 26, 4

_RAW_PROFILES = frozenset({b"Raw profile type exif", b"Raw profile type APP1"})
_MAX_TEXT_BYTES = 2 * 1024 * 1024


def split(data: bytes) -> Parts:
    """Tell what decoding and colour need from the rest.

    Args:
        data: a file that begins as a PNG.

    Raises:
        NotAnImage: it breaks the rules, or a critical chunk or one of a frame does not match its checksum. An
            ancillary chunk with a wrong checksum, of a wrong length or in a wrong place is left out instead,
            because libpng ignores it.
    """
    found = bounded(chunks(data))
    parts = [part for part in found if part.name not in _DISCARDED_IF_DAMAGED or part.sound]
    order = "".join(_LETTERS.get(part.name, "." if part.ancillary else "!") for part in parts)
    if not _ORDER.fullmatch(order):
        raise damaged()
    # 11.3.6: without an acTL before the pixels the picture is a still one, and frames are ignored.
    pixels_at = order.index("I")
    animated = "a" in order[:pixels_at]
    if animated:
        _check_animation(parts, order)
    return Parts(
        kept=[SIGNATURE, *_kept(parts, pixels_at, animated=animated)],
        exif=next((bytes(part.body) for part in parts if part.name == b"eXIf"), b""),  # 11.3.4
        hidden_exif=_raw_profile(parts),
        frames=order.count("c") if animated else 1,
    )


def _kept(parts: Sequence[Chunk], pixels_at: int, *, animated: bool) -> Iterator[Piece]:
    header = parts[0]
    colours = ColourChunks(header)
    yield header.checked()
    for place, part in enumerate(parts[1:], start=1):
        if part.name == b"IDAT" or (animated and part.name in _ANIMATION):
            yield part.checked()
        elif place < pixels_at:
            yield from colours.kept(part)
    yield chunk(b"IEND", b"")


def _check_animation(parts: Sequence[Chunk], order: str) -> None:
    """Refuse an animation with a gap or a surplus: decoders would disagree on what it shows (11.3.6)."""
    control = next(part.body for part in parts if part.name == b"acTL")
    announced = int.from_bytes(control[:4])
    if (
        not _ANIMATION_ORDER.fullmatch(order.replace(".", "").replace("P", ""))
        or len(control) != _CONTROL_BYTES
        or announced == 0
        or announced != order.count("c")
    ):
        raise damaged()
    frames = (part for part in parts if part.name in {b"fcTL", b"fdAT"})
    for number, part in enumerate(frames):
        length = len(part.body)
        fits = length == _FRAME_CONTROL_BYTES if part.name == b"fcTL" else length >= _SEQUENCE_BYTES
        if not fits or int.from_bytes(part.body[:_SEQUENCE_BYTES]) != number:
            raise damaged()


def _raw_profile(parts: Sequence[Chunk]) -> bytes:
    """A profile as ImageMagick puts it into a text: its name, its length, and lines of hexadecimal digits.

    One text is tried: each can hold 2 MB in 2 KB, and a file a hundred thousand of them.
    """
    for part in parts:
        if part.name not in {b"tEXt", b"zTXt"}:
            continue
        keyword, _, text = bytes(part.body).partition(b"\0")
        if keyword in _RAW_PROFILES:
            # 11.3.3: a byte for the method stands before the stream
            return _from_digits(inflated(text[1:], _MAX_TEXT_BYTES) if part.name == b"zTXt" else text)
    return b""


def _from_digits(text: bytes) -> bytes:
    _, _, digits = text.lstrip().partition(b"\n")
    _, _, digits = digits.lstrip().partition(b"\n")
    try:
        return bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return b""
