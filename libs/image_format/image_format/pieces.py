"""Bounded access to the pieces of a file, whose lengths may be wrong."""

from collections.abc import Iterable, Iterator

from image_format.errors import NotAnImage

type Piece = bytes | memoryview

MAX_PIECES = 100_000
"""Maximum number of segments, chunks or blocks in a file.

Encoders write hundreds, and some ten thousand for the longest animations. A file that consists of nothing but
empty pieces, such as JPEG comments of four bytes, would occupy a process for a minute.
"""

TOO_MANY_PIECES = "The image is cut into too many pieces."
"""The reason of the error for a file with more than `MAX_PIECES`."""


def take(data: memoryview, start: int, length: int) -> memoryview:
    """Return this number of bytes from an offset, never fewer.

    Raises:
        NotAnImage: the file ends before the last of them, or the length is negative.
    """
    piece = data[start : start + length]
    if len(piece) != length:
        raise NotAnImage
    return piece


def check_count(count: int) -> int:
    """Return the number of pieces that a file states.

    Raises:
        NotAnImage: the number is over `MAX_PIECES`.
    """
    if count > MAX_PIECES:
        raise NotAnImage(TOO_MANY_PIECES)
    return count


def bounded[T](pieces: Iterable[T], max_pieces: int = MAX_PIECES) -> Iterator[T]:
    """Yield the pieces of a file, and refuse a file that has too many.

    Raises:
        NotAnImage: the file has more than `max_pieces`.
    """
    for count, piece in enumerate(pieces):
        if count == max_pieces:
            raise NotAnImage(TOO_MANY_PIECES)
        yield piece
