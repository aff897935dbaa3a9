"""Bounded access to the pieces of a file, whose lengths may be wrong."""

from collections.abc import Iterable, Iterator

from image_format.errors import NotAnImage

type Piece = bytes | memoryview

MAX_PIECES = 100_000
"""Maximum number of segments, chunks or blocks in a file.

Encoders write hundreds, for the longest animations some ten thousand. A file that consists of nothing but
empty ones (a JPEG comment takes four bytes) would occupy a process for a minute.
"""


def take(data: memoryview, start: int, length: int) -> memoryview:
    """Return exactly these bytes.

    Raises:
        NotAnImage: the file ends before them, or the length is negative.
    """
    piece = data[start : start + length]
    if len(piece) != length:
        raise NotAnImage
    return piece


def bounded[T](pieces: Iterable[T], max_pieces: int = MAX_PIECES) -> Iterator[T]:
    """Yield the same pieces.

    Raises:
        NotAnImage: there are more than `max_pieces`.
    """
    for count, piece in enumerate(pieces):
        if count == max_pieces:
            raise NotAnImage("The image is cut into too many pieces.")
        yield piece
