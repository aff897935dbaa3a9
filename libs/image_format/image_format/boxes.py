"""The boxes of the ISO base media file format, on which AVIF is built.

Sections are those of ISO/IEC 14496-12.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from image_format.errors import NotAnImage
from image_format.pieces import bounded, take

MAX_BOXES = 10_000
"""Maximum number of boxes in a box or a file. Encoders write up to three for each tile of a grid."""

_HEADER_BYTES, _LARGE_HEADER_BYTES = 8, 16
_TO_END, _LARGE = 0, 1
_FULL_HEADER_BYTES = 4


class Box(NamedTuple):
    """A box (4.2).

    Attributes:
        name: type of the box, four letters.
        start: offset of the content in the file, behind the header.
        end: offset behind the box, greater than the length of the file if the file ends within the box.
        body: the content, as far as the file goes.
    """

    name: bytes
    start: int
    end: int
    body: memoryview


class Full(NamedTuple):
    """The content of a full box (4.2): version, flags and what follows."""

    version: int
    flags: int
    rest: "Reader"


class Reader:
    """Reads big-endian numbers and strings one after the other."""

    def __init__(self, view: memoryview) -> None:
        self._view = view
        self.at = 0

    @property
    def remaining(self) -> int:
        """Number of bytes that are not read yet."""
        return len(self._view) - self.at

    def take(self, length: int) -> memoryview:
        """Return exactly this number of bytes.

        Raises:
            NotAnImage: fewer bytes are left.
        """
        piece = take(self._view, self.at, length)
        self.at += length
        return piece

    def number(self, length: int) -> int:
        """Return an unsigned number of this many bytes; 0 for a length of 0.

        Raises:
            NotAnImage: fewer bytes are left.
        """
        return int.from_bytes(self.take(length))


def boxes(view: memoryview, parent: Box | None = None, skipped_bytes: int = 0) -> Iterator[Box]:
    """Yield the boxes of a file, or those directly within a box.

    Boxes within these boxes are not read, so that endless nesting costs nothing. A rest at the end that is
    shorter than the header of a box is ignored.

    Args:
        view: the file.
        parent: the box. None: the top level.
        skipped_bytes: length of fields before the first box in the parent.

    Raises:
        NotAnImage: a length is shorter than the header or exceeds the parent, or there are more boxes than
            any encoder writes.
    """
    if parent is None:
        return bounded(_boxes(view, 0, None), MAX_BOXES)
    return bounded(_boxes(view, parent.start + skipped_bytes, parent.end), MAX_BOXES)


def full(body: memoryview) -> Full:
    """Return the content of a full box.

    Raises:
        NotAnImage: the box ends within its header.
    """
    reader = Reader(body)
    word = reader.number(_FULL_HEADER_BYTES)
    return Full(version=word >> 24, flags=word & 0xFFFFFF, rest=reader)


def _boxes(view: memoryview, at: int, parent_end: int | None) -> Iterator[Box]:
    end = len(view) if parent_end is None else min(parent_end, len(view))
    while end - at >= _HEADER_BYTES:
        size, header_bytes = int.from_bytes(view[at : at + 4]), _HEADER_BYTES
        if size == _LARGE:
            size = int.from_bytes(take(view, at + _HEADER_BYTES, 8))
            header_bytes = _LARGE_HEADER_BYTES
        elif size == _TO_END:
            size = end - at
        if size < header_bytes or (parent_end is not None and at + size > parent_end):
            raise NotAnImage
        start = at + header_bytes
        yield Box(bytes(view[at + 4 : at + 8]), start, at + size, view[start : min(at + size, end)])
        at += size


def find_only_box(siblings: Iterable[Box], name: bytes) -> Box:
    """Return the only box of a type.

    Raises:
        NotAnImage: no box, or more than one, has the type.
    """
    found = [each for each in siblings if each.name == name]
    if len(found) != 1:
        raise NotAnImage
    return found[0]
