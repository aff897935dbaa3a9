"""Taking a file apart without copying it, and without trusting its lengths."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from image_format import NotAnImage

type Piece = bytes | memoryview

# An encoder makes hundreds of segments, chunks or blocks, for the longest animations some ten thousand. A
# file made of nothing but empty ones (a JPEG comment takes four bytes) would hold a process for a minute.
_MAX_PIECES = 100_000


class Parts(NamedTuple):
    """A file taken apart.

    Attributes:
        kept: the file without what decoding and colour do not need, in pieces.
        exif: the EXIF block, with or without its code before it; nothing where there is none.
        exif_aside: one where tools look for it, but no viewer does.
        frames: 1, or the frames of an animation.
    """

    kept: list[Piece]
    exif: bytes = b""
    exif_aside: bytes = b""
    frames: int = 1


def take(data: memoryview, start: int, length: int) -> memoryview:
    """Exactly these bytes.

    Raises:
        NotAnImage: the file ends before, or the length is negative.
    """
    piece = data[start : start + length]
    if len(piece) != length:
        raise NotAnImage("The picture is incomplete.")
    return piece


def bounded[T](pieces: Iterable[T], most: int = _MAX_PIECES) -> Iterator[T]:
    """The same pieces, as long as they are not too many.

    Raises:
        NotAnImage: there are more than any encoder makes.
    """
    for count, piece in enumerate(pieces):
        if count == most:
            raise NotAnImage("The picture is cut into too many pieces.")
        yield piece
