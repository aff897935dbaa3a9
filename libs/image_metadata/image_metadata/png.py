"""PNG and APNG: the chunks that decoding and colour need, and nothing else.

Sections are those of the Portable Network Graphics Specification (Third Edition) of the W3C.
"""

import re
from collections.abc import Iterator, Sequence

from image_format import NotAnImage, png
from image_format.pieces import Piece
from image_format.png import Chunk

from image_metadata.parts import Parts
from image_metadata.png_colour import ColourChunks, inflate, require_intact

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
# Without these chunks a decoder shows the image, though not animated or not upright. libpng discards the
# damaged ones.
_DISCARDED_IF_DAMAGED = frozenset({b"acTL", b"eXIf"})
_CONTROL_BYTES = 8

_RAW_PROFILES = frozenset({b"Raw profile type exif", b"Raw profile type APP1"})
_MAX_TEXT_BYTES = 2 * 1024 * 1024


def split(data: bytes) -> Parts:
    """Return the parts of a file that decoding and colour need, and the EXIF data apart from them.

    Args:
        data: a file that begins as a PNG.

    Raises:
        NotAnImage: the file breaks the rules, or a critical chunk or one of a frame does not match its
            checksum. An ancillary chunk with a wrong checksum, of a wrong length or in a wrong place is
            dropped instead, because libpng ignores it.
    """
    parts = [part for part in png.chunks(data) if part.name not in _DISCARDED_IF_DAMAGED or part.intact]
    order = "".join(_LETTERS.get(part.name, "." if part.ancillary else "!") for part in parts)
    if not _ORDER.fullmatch(order) or not parts[-1].complete:
        raise NotAnImage
    # 11.3.6: without an acTL before the pixels the image is a still one, and frames are ignored.
    pixels_at = order.index("I")
    animated = "a" in order[:pixels_at]
    if animated:
        _check_animation(parts, order)
    return Parts(
        kept=[png.SIGNATURE, *_select(parts, pixels_at, animated=animated)],
        exif=next((bytes(part.body) for part in parts if part.name == b"eXIf"), b""),  # 11.3.4
        hidden_exif=_read_raw_profile(parts),
        frames=order.count("c") if animated else 1,
    )


def _select(parts: Sequence[Chunk], pixels_at: int, *, animated: bool) -> Iterator[Piece]:
    header = parts[0]
    colours = ColourChunks(header)
    yield require_intact(header)
    for place, part in enumerate(parts[1:], start=1):
        if part.name == b"IDAT" or (animated and part.name in png.ANIMATION):
            yield require_intact(part)
        elif place < pixels_at:
            yield from colours.select(part)
    yield png.chunk(b"IEND", b"")


def _check_animation(parts: Sequence[Chunk], order: str) -> None:
    """Refuse an animation with missing or surplus chunks: decoders would disagree on its frames (11.3.6)."""
    control = next(part.body for part in parts if part.name == b"acTL")
    frames = int.from_bytes(control[:4])
    if (
        not _ANIMATION_ORDER.fullmatch(order.replace(".", "").replace("P", ""))
        or len(control) != _CONTROL_BYTES
        or frames == 0
        or frames != order.count("c")
    ):
        raise NotAnImage
    for _ in png.in_sequence(parts):
        pass


def _read_raw_profile(parts: Sequence[Chunk]) -> bytes:
    """Return EXIF that ImageMagick wrote as a text: a name, a length, and lines of hexadecimal digits.

    Only the first such text is read: each can expand 2 KB to 2 MB, and a file may have 100,000 of them.
    """
    for part in parts:
        if part.name not in {b"tEXt", b"zTXt"}:
            continue
        keyword, _, text = bytes(part.body).partition(b"\0")
        if keyword in _RAW_PROFILES:
            # 11.3.3: a byte for the method of compression stands before the stream.
            return _from_digits(inflate(text[1:], _MAX_TEXT_BYTES) if part.name == b"zTXt" else text)
    return b""


def _from_digits(text: bytes) -> bytes:
    _, _, digits = text.lstrip().partition(b"\n")
    _, _, digits = digits.lstrip().partition(b"\n")
    try:
        return bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return b""
